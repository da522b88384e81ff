import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What each subpath exports: a change of the public interface is a change of this list. */
const EXPORTS = {
  '.': [
    'AcquireTimeoutError',
    'BucketNotFoundError',
    'EVENTS_CHANNEL',
    'ForeignObjectError',
    'GcsMutex',
    'GcsMutexError',
    'LeaseInDoubtError',
    'LeaseLostError',
    'LeaseReleasedError',
    'PermissionDeniedError',
    'RetentionError',
    'StoreUnavailableError',
    'UnauthenticatedError',
  ],
  './testing': ['ManualClock', 'ManualMachine', 'createMemoryBucket', 'rest', 'seededRandom'],
  './emulator': ['createEmulator', 'errorBody', 'isMutation', 'startEmulator'],
} as const;

describe('the packed tarball, installed in a project of its own', { timeout: 60_000 }, () => {
  let project: string;
  let files: string[];
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'gcs-mutex-package-'));
    // The build has been made by `npm test`: packing must not make it anew under the other tests' feet.
    const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
      cwd: ROOT,
    });
    const [report]: [{ filename: string; files: { path: string }[] }] = JSON.parse(packed.stdout);
    files = report.files.map(({ path }) => path);
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'user', private: true, type: 'module' }),
    );
    const options = ['--no-audit', '--no-fund', '--prefer-offline'];
    await run('npm', ['install', ...options, join(project, report.filename)], { cwd: project });
  }, 60_000);
  afterAll(() => rm(project, { recursive: true, force: true }));

  const node = async (source: string, type: 'module' | 'commonjs'): Promise<string> => {
    const { stdout } = await run(process.execPath, [`--input-type=${type}`, '--eval', source], {
      cwd: project,
    });
    return stdout.trim();
  };

  it.each(Object.entries(EXPORTS))(
    'exports the same names from %s by import and by require',
    async (subpath, names) => {
      const specifier = JSON.stringify(subpath.replace('.', 'gcs-mutex'));
      const imported = await node(
        `console.log(JSON.stringify(Object.keys(await import(${specifier})).toSorted()))`,
        'module',
      );
      expect(JSON.parse(imported)).toEqual(names);
      const required = await node(
        `console.log(JSON.stringify(Object.keys(require(${specifier})).sort()))`,
        'commonjs',
      );
      expect(JSON.parse(required).filter((name: string) => name !== '__esModule')).toEqual(names);
    },
  );

  it('exports its package.json, and nothing else of its inside', async () => {
    expect(await node("console.log(require('gcs-mutex/package.json').name)", 'commonjs')).toBe('gcs-mutex');
    await expect(node("require('gcs-mutex/dist/src/lease.js')", 'commonjs')).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  it('carries what a user needs and no tests', () => {
    expect(files).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/src/index.d.ts']),
    );
    const strangers = files.filter(
      (path) => !/^(dist\/(src|emulator)\/|README\.md|LICENSE|CHANGELOG\.md|package\.json)/.test(path),
    );
    expect(strangers).toEqual([]);
  });

  it('type-checks in a strict project that has no Google package and checks its libraries', async () => {
    const consumer = `
      import { GcsMutex, AcquireTimeoutError, type AnyGcsMutexError, type Lease } from 'gcs-mutex';
      import { createMemoryBucket } from 'gcs-mutex/testing';
      import { startEmulator } from 'gcs-mutex/emulator';
      const mutex = new GcsMutex('bucket', 'name', { ttlMs: 60_000 });
      export async function hold(signal: AbortSignal): Promise<number> {
        await using lease: Lease = await mutex.acquire({ signal, timeoutMs: 1_000 });
        const result = await mutex.tryRun(async (inner) => inner.remainingMs + lease.remainingMs);
        return result.ran ? result.value : Number(result.holder?.length);
      }
      export function explain(error: AnyGcsMutexError): string {
        switch (error.code) {
          case 'ERR_ACQUIRE_TIMEOUT': return String(error.holder?.since.getTime());
          case 'ERR_LEASE_LOST': return error.reason;
          default: return error.message;
        }
      }
      export const world = createMemoryBucket();
      export const server = startEmulator({ port: 0 });
      export const isTimeout = (error: unknown): error is AcquireTimeoutError => error instanceof AcquireTimeoutError;
    `;
    await writeFile(join(project, 'consumer.ts'), consumer);
    const compilerOptions = {
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      module: 'NodeNext',
      target: 'ES2022',
      lib: ['ES2022', 'ESNext.Disposable'],
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    };
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
    );
    const compiler = join(ROOT, 'node_modules/.bin/tsc');
    const { stdout } = await run(compiler, ['-p', project]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });

  it('declares its types without a Google package', async () => {
    const declarations = files.filter((path) => path.endsWith('.d.ts'));
    expect(declarations.length).toBeGreaterThan(10);
    for (const path of declarations) {
      expect(await readFile(join(ROOT, path), 'utf8'), path).not.toMatch(
        /from ['"](@google-cloud|google-auth|gaxios)/,
      );
    }
  });
});
