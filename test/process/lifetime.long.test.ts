import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex } from '../../src/index.ts';

const BUCKET = 'lifetimes';
const NAME = 'locks/nightly';
const LIBRARY = new URL('../../dist/src/index.js', import.meta.url).href;

describe('how long a process lives', () => {
  let server: EmulatorServer;
  beforeEach(async () => {
    server = await startEmulator({ buckets: [BUCKET] });
  });
  afterEach(() => server.close());

  /**
   * Runs a program to its end, which nothing but the library can put off. Rejects if it prints to stderr or ends with an
   * error: Node's for a program that ends though it still awaits something is exit code 13.
   */
  async function play(program: string): Promise<string> {
    const source = `
      import { GcsMutex } from ${JSON.stringify(LIBRARY)};
      const options = { apiEndpoint: ${JSON.stringify(server.url)}, mutationIntervalMs: 0 };
      const mutexOf = (name, more) => new GcsMutex(${JSON.stringify(BUCKET)}, name, { ...options, ...more });
      const mutex = mutexOf(${JSON.stringify(NAME)});
      ${program}
    `;
    const args = ['--input-type=module', '--eval', source];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 240_000 });
    expect(stderr).toBe('');
    return stdout.trim();
  }

  /** Resolves when the lock has been looked at so often: between two looks there is nothing but a pause. */
  async function looks(count: number): Promise<void> {
    const match = { method: 'GET', object: NAME };
    const seen = server.faults.add({ when: 'after', match, times: count, do: { kind: 'delay', ms: 0 } });
    await seen.strikes(count);
  }

  it.each([
    ['acquire', `const lease = await mutex.acquire(); console.log('granted'); await lease.release();`],
    ['run', `await mutex.run(() => console.log('granted'));`],
  ])('a wait in %s keeps it alive until the lock is granted', async (_call, program) => {
    const holder = await new GcsMutex(BUCKET, NAME, { apiEndpoint: server.url }).acquire();
    const looked = looks(3);
    const played = play(program);
    await looked;
    await holder.release();
    expect(await played).toBe('granted');
    expect(server.objects(BUCKET)).toEqual([]);
  });

  it.each([
    [
      'release',
      `const lease = await mutex.acquire(); console.log(await lease.release({ timeoutMs: 60_000 }));`,
    ],
    ['the end of a run', `await mutex.run(() => {}); console.log('true');`],
  ])('%s that has to be tried again keeps it alive until the lock is free', async (_call, program) => {
    const failing = server.faults.add({
      when: 'before',
      match: { method: 'DELETE' },
      times: 2,
      do: { kind: 'status', status: 503 },
    });
    expect(await play(program)).toBe('true');
    expect(failing.struck).toHaveLength(2);
    expect(server.objects(BUCKET)).toEqual([]);
  });

  it.each([
    ['aborted', `const error = new Error('enough'); setTimeout(() => stop.abort(error), 50);`],
    ['out of time', `wait.timeoutMs = 50;`],
  ])('a wait that is %s keeps it no longer', async (_how, end) => {
    await new GcsMutex(BUCKET, NAME, { apiEndpoint: server.url }).acquire();
    const ended = await play(`
      const stop = new AbortController();
      const wait = { timeoutMs: 3_600_000, signal: stop.signal };
      ${end}
      await mutex.acquire(wait).catch(({ message }) => console.log(message));
    `);
    expect(ended).toMatch(/^enough$|^Could not acquire/);
  });

  it('leases of every kind, and work that waits for nothing, keep it no longer', async () => {
    const names = ['acquired', 'tried', 'run'];
    const granted = await play(`
      await mutexOf('acquired', { refreshIntervalMs: 500 }).acquire();
      await mutexOf('tried', { maxHoldMs: 3_600_000 }).tryAcquire();
      await new Promise((resolve) => {
        void mutexOf('run').run(() => {
          resolve();
          return new Promise(() => {});
        });
      });
      console.log('granted');
    `);
    expect(granted).toBe('granted');
    expect(
      server
        .objects(BUCKET)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(names.toSorted());
  });
});
