import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';

const DIST = new URL('../../dist/src/', import.meta.url).href;
const MUTEX = `new GcsMutex('some-bucket', 'locks/x', { auth: { request: () => Promise.reject() } })`;

/** Runs in a thread of its own beside the child, and tells every module that the child loads. */
const HOOKS = `
  let port;
  export const initialize = (data) => { port = data.port; };
  export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };
`;

/** What a child process reports of itself. */
interface Report {
  /** The URLs of all modules that were loaded, built-in ones as \`node:\`. */
  readonly modules: readonly string[];
  /** CommonJS modules, which the loader's hooks do not all see. */
  readonly required: readonly string[];
  /** Node's own modules that were not loaded before. */
  readonly internals: readonly string[];
  /** What would keep the process alive, or fire later, and was not there before. */
  readonly resources: readonly string[];
  readonly printed: string;
}

/** Imports the built package in a fresh process, does what \`code\` says with it, and reports. */
async function inFreshProcess(code: string): Promise<Report> {
  const script = `
    import { createRequire, register } from 'node:module';
    import { MessageChannel } from 'node:worker_threads';
    const { port1, port2 } = new MessageChannel();
    const modules = [];
    port1.on('message', (url) => modules.push(url));
    port1.unref();
    const hooks = 'data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOKS)});
    register(hooks, { data: { port: port2 }, transferList: [port2] });
    const before = new Set(process.moduleLoadList);
    const count = (names) => names.reduce((all, name) => all.set(name, (all.get(name) ?? 0) + 1), new Map());
    const running = count(process.getActiveResourcesInfo());
    const { GcsMutex } = await import(${JSON.stringify(`${DIST}index.js`)});
    ${code}
    const now = count(process.getActiveResourcesInfo());
    const resources = [...now].filter(([name, many]) => many > (running.get(name) ?? 0)).map(([name]) => name);
    const internals = process.moduleLoadList.filter((name) => !before.has(name));
    // A module that is loaded last, so that the messages about all others have come before its own.
    await import('data:text/javascript,//last');
    while (!modules.some((url) => url.endsWith('//last'))) await new Promise(setImmediate);
    const required = Object.keys(createRequire(import.meta.url).cache);
    process.stdout.write(JSON.stringify({ modules, required, internals, resources }));
  `;
  const args = ['--input-type=module', '--eval', script];
  // The process has to end by itself: nothing that the package starts may keep it alive.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 240_000 });
  return { ...(JSON.parse(stdout) as Omit<Report, 'printed'>), printed: stderr };
}

describe('importing the package and making a mutex', () => {
  it('loads nothing but the package itself, does no I/O, starts no timer and prints nothing', async () => {
    const { modules, required, internals, resources, printed } = await inFreshProcess(MUTEX);
    const files = modules.filter((url) => url.startsWith('file:'));
    expect(files).toContain(`${DIST}index.js`);
    expect(files.filter((url) => !url.startsWith(DIST))).toEqual([]);
    expect(required).toEqual([]);
    const builtIn = modules.filter((url) => url.startsWith('node:'));
    expect(builtIn.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'node:crypto',
      'node:diagnostics_channel',
      'node:os',
    ]);
    expect(
      internals.filter((name) => /NativeModule (net|tls|dns|https?|_http_client|child_process)$/.test(name)),
    ).toEqual([]);
    expect(resources).toEqual([]);
    expect(printed).toBe('');
  });

  it('is a check that sees google-auth-library once the first request loads it', async () => {
    await using server = await startEmulator({ buckets: ['some-bucket'] });
    const options = `{ apiEndpoint: '${server.url}' }`;
    const { modules, internals } = await inFreshProcess(
      `await new GcsMutex('some-bucket', 'x', ${options}).status();`,
    );
    expect(modules.filter((url) => url.includes('/google-auth-library/'))).not.toEqual([]);
    expect(internals).toContain('NativeModule http');
  });
});

describe('a process that holds a lock', () => {
  it('ends by itself when it has nothing else to do, and prints nothing', async () => {
    await using server = await startEmulator({ buckets: ['some-bucket'] });
    const options = `{ apiEndpoint: '${server.url}' }`;
    const { printed } = await inFreshProcess(`await new GcsMutex('some-bucket', 'x', ${options}).acquire();`);
    expect(printed).toBe('');
    expect(server.objects('some-bucket')).toHaveLength(1);
  });

  it.each([
    ['that it awaits', 0],
    ['that was under way in the background before it is awaited', 300],
  ])('stays alive for a refresh %s', async (_, blockedMs) => {
    await using server = await startEmulator({ buckets: ['some-bucket'] });
    const options = `{ apiEndpoint: '${server.url}', ttlMs: 10_000, refreshIntervalMs: 200 }`;
    // A blocked event loop, then the turn in which the refresh that is due is sent.
    await inFreshProcess(`
      const lease = await new GcsMutex('some-bucket', 'x', ${options}).acquire();
      for (const until = performance.now() + ${blockedMs}; performance.now() < until; );
      await new Promise(setImmediate);
      await lease.refresh();
      await lease.release();
    `);
    expect(server.objects('some-bucket')).toEqual([]);
  });
});
