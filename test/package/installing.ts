import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { pack, run } from './packing.ts';

/** The Nodes that users run: the earliest that `engines` names, the two in long-term support, the newest. */
export const NODES = ['20.19.0', '22.23.3', '24.21.0', '26.10.0'] as const;

/** The two majors of google-auth-library that a user gets: npm takes the newest that fits the Node at hand. */
export const AUTH_LIBRARIES = { older: 'google-auth-library@10.9.1', newer: 'google-auth-library@11.3.4' };

const QUIET = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

/** A folder of projects that have the packed package installed, removed in the end. */
export interface Workshop {
  readonly folder: string;
  /** Makes a project in which the package and others are installed, and gives its folder. */
  readonly install: (name: string, packages: readonly string[]) => Promise<string>;
  /** The same without the package: for the tools that consumers use. */
  readonly installTools: (packages: readonly string[]) => Promise<string>;
}

/**
 * Describes tests on the packed package in projects of its users. They need the registry, and are skipped loudly
 * where it does not answer.
 */
export async function describeInstalled(name: string, tests: (workshop: Workshop) => void): Promise<void> {
  const isThere = await registryAnswers();
  describe.skipIf(!isThere)(name, () => {
    let folder = '';
    let tarball = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gcs-mutex-package-'));
      tarball = join(folder, (await pack('--pack-destination', folder)).filename);
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    tests({
      get folder() {
        return folder;
      },
      install: (project, packages) => install(join(folder, project), [tarball, ...packages]),
      installTools: (packages) => install(join(folder, 'tools'), packages),
    });
  });
}

async function install(folder: string, packages: readonly string[]): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await run('npm', ['install', ...QUIET, ...packages], { cwd: folder });
  return folder;
}

/** What npm has put into a project, by the place of each package. */
export async function installed(project: string): Promise<Readonly<Record<string, InstalledPackage>>> {
  const { packages } = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
  delete packages[''];
  return packages;
}

interface InstalledPackage {
  readonly deprecated?: string;
  readonly hasInstallScript?: boolean;
}

/** The path of Node's binary in some version, downloaded by npm where it is not in its cache. */
export async function nodeBinary(version: string): Promise<string> {
  const question = ['--yes', `--package=node@${version}`, '--', 'node', '--print', 'process.execPath'];
  const { stdout } = await run('npm', ['exec', ...question]);
  return stdout.trim();
}

async function registryAnswers(): Promise<boolean> {
  const answer = run('npm', [
    'view',
    'google-auth-library',
    'version',
    '--fetch-retries=0',
    '--prefer-online',
  ]);
  const isThere = await answer.then(
    () => true,
    () => false,
  );
  if (isThere) return true;
  const message = 'npm reaches no registry, from which the tests of the installed package install';
  if (process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1') throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}: they do not run.\n\n`);
  return false;
}
