import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EmulatorServer, type ScriptedFault, startEmulator } from '../../emulator/index.ts';
import { GcsMutex } from '../../src/index.ts';
import { Command } from './command.ts';
import { putSpentLimit } from './groups.ts';
import { LockStore, urlOf } from './lock-store.ts';
import { UnreadPipe } from './unread-pipe.ts';

const BUCKET = 'commands';
let server: EmulatorServer;
beforeAll(async () => {
  server = await startEmulator({ buckets: [BUCKET] });
});
afterAll(() => server.close());

let count = 0;
function lock(): { readonly url: string; readonly name: string } {
  count += 1;
  return { url: `gs://${BUCKET}/signals/${count}`, name: `signals/${count}` };
}

/** A shell that says when it is ready, and then waits in a way that a signal interrupts. */
const script = (text: string): string[] => ['sh', '-c', `${text}; echo ready; while :; do sleep 0.1; done`];

/** Its standard input is the test's. */
const PIPES = ['pipe', 'pipe', 'pipe'] as const;

const NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3, SIGUSR1: 10, SIGUSR2: 12 } as const;
type Name = keyof typeof NUMBERS;
const NAMES = Object.keys(NUMBERS) as Name[];

describe('signals of a run', () => {
  it.concurrent.each(NAMES)('%s reaches a command that handles it, whose exit code counts', async (name) => {
    const { url, name: object } = lock();
    const trap = script(`trap 'echo got; exit 7' ${name.slice(3)}`);
    await using command = new Command(['run', url, '--', ...trap], { url: server.url });
    await command.printed('stdout', 'ready');
    command.signal(name);
    expect(await command.ended()).toMatchObject({ code: 7, stdout: 'ready\ngot\n' });
    expect(server.object(BUCKET, object)).toBeUndefined();
  });

  it.concurrent.each(NAMES)('%s ends a command that does not handle it, with 128 + n', async (name) => {
    const { url, name: object } = lock();
    await using command = new Command(['run', url, '--', ...script(':')], { url: server.url });
    await command.printed('stdout', 'ready');
    command.signal(name);
    expect((await command.ended()).code).toBe(128 + NUMBERS[name]);
    expect(server.object(BUCKET, object)).toBeUndefined();
  });

  it.concurrent('reaches what the command has started as well', async () => {
    const { url } = lock();
    const parent = script(
      "(trap 'echo grandchild' TERM; echo in; while :; do sleep 0.1; done) & trap 'wait; exit 3' TERM",
    );
    await using command = new Command(['run', '--kill-after', '1s', url, '--', ...parent], {
      url: server.url,
    });
    await command.printed('stdout', /in[^]*ready|ready[^]*in/);
    command.signal('SIGTERM');
    await command.printed('stdout', 'grandchild');
    command.signal('SIGINT');
    command.signal('SIGINT');
    await command.ended();
  });

  it.concurrent('a second Ctrl-C kills a command that ignores the first', async () => {
    const { url, name } = lock();
    await using command = new Command(['run', url, '--', ...script("trap 'echo ignored' INT")], {
      url: server.url,
    });
    await command.printed('stdout', 'ready');
    command.signal('SIGINT');
    await command.printed('stdout', 'ignored');
    expect(command.hasEnded).toBe(false);
    command.signal('SIGINT');
    expect((await command.ended()).code).toBe(137);
    expect(server.object(BUCKET, name)).toBeUndefined();
  });

  it.concurrent('a second Ctrl-C gives up a release that hangs, and the exit code of the command stays', async () => {
    const { url, name } = lock();
    const release = stalledRelease(name);
    await using command = new Command(['run', url, '--', ...script("trap 'exit 7' INT")], {
      url: server.url,
    });
    await command.printed('stdout', 'ready');
    command.signal('SIGINT');
    await release.strikes(1);
    expect(command.hasEnded).toBe(false);
    command.signal('SIGINT');
    expect(await command.ended()).toMatchObject({
      code: 7,
      stderr: `gcs-mutex: a second Ctrl-C gave up freeing ${url}: unless it is free by now, it ends with its ttl, in 1m at most\n`,
    });
    expect(server.object(BUCKET, name)).toBeDefined();
  });

  it.concurrent('a second Ctrl-C gives up a release that hangs also where nobody reads standard error', async () => {
    const { url, name } = lock();
    const release = stalledRelease(name);
    await using unread = await UnreadPipe.open();
    unread.fill();
    await using command = new Command(['run', url, '--', ...script("trap 'exit 7' INT")], {
      url: server.url,
      stdio: ['ignore', 'pipe', unread.fd],
    });
    await command.printed('stdout', 'ready');
    command.signal('SIGINT');
    await release.strikes(1);
    command.signal('SIGINT');
    expect((await command.ended()).code).toBe('SIGINT');
  });

  it.concurrent('a third Ctrl-C gives up the release after a command that the second one killed', async () => {
    const { url, name } = lock();
    const release = stalledRelease(name);
    const flags = ['--permits', '2', '--json'];
    await using command = new Command(['run', ...flags, url, '--', ...script("trap 'echo ignored' INT")], {
      url: server.url,
    });
    await command.printed('stdout', 'ready');
    command.signal('SIGINT');
    await command.printed('stdout', 'ignored');
    command.signal('SIGINT');
    await release.strikes(1);
    expect(command.hasEnded).toBe(false);
    command.signal('SIGINT');
    const { code, stderr } = await command.ended();
    expect(code).toBe(137);
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toEqual({
      event: 'release-failed',
      lock: url,
      error: 'given up at a second Ctrl-C',
    });
  });

  it.concurrent('a second Ctrl-C gives up leaving the line of a limit', async () => {
    await using store = await LockStore.open();
    await putSpentLimit(store, 'limits/mail', 1, 3_600_000);
    const url = urlOf('limits/mail');
    await using command = store.start(['rate', '-q', '--limit', '1/1h', url]);
    await vi.waitUntil(() => shareCount(store) === 1, { timeout: 600_000 });
    const match = { method: ['POST', 'PATCH', 'DELETE'] };
    const leaving = store.server.faults.add({
      match,
      when: 'before',
      times: Infinity,
      do: { kind: 'stall' },
    });
    command.signal('SIGINT');
    await leaving.strikes(1);
    command.signal('SIGINT');
    expect(await command.ended()).toMatchObject({
      code: 130,
      stderr: `gcs-mutex: a second Ctrl-C gave up leaving the line for ${url}: the place there runs out by itself\n`,
    });
  });

  it.concurrent('a command that ended takes what it has left in its group with it, before the lock is freed', async () => {
    const { url, name } = lock();
    const leave = "(trap '' TERM; echo deaf >&2; while :; do sleep 0.1; done) & read line; exit 5";
    await using command = new Command(['run', '--kill-after', '1s', url, '--', 'sh', '-c', leave], {
      url: server.url,
      stdio: [...PIPES],
    });
    await command.printed('stderr', 'deaf');
    command.process.stdin?.end();
    const ended = await command.ended();
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain('ended the processes that the command had left behind');
    expect(server.object(BUCKET, name)).toBeUndefined();
  });

  it.concurrent('a process that left the group on purpose goes on', async () => {
    const { url } = lock();
    const leave = "setsid sh -c 'echo $$; exec sleep 1000' & read line";
    await using command = new Command(['run', url, '--', 'sh', '-c', leave], {
      url: server.url,
      stdio: [...PIPES],
    });
    await command.printed('stdout', '\n');
    const pid = Number(command.stdout);
    command.process.stdin?.end();
    await command.exited;
    expect(await stateOf(pid)).toBeDefined();
    process.kill(pid, 'SIGKILL');
  });

  it.concurrent('SIGTSTP stops command and wrapper, and SIGCONT goes on with both', async () => {
    const { url } = lock();
    await using command = new Command(['run', url, '--', 'sh', '-c', 'echo $$; read line; echo done'], {
      url: server.url,
      stdio: [...PIPES],
    });
    await command.printed('stdout', '\n');
    const pid = Number(command.stdout);
    command.signal('SIGTSTP');
    await until(async () => (await stateOf(command.process.pid ?? 0)) === 'T');
    await until(async () => (await stateOf(pid)) === 'T');
    command.process.stdin?.end('go on\n');
    expect(command.stdout).toBe(`${pid}\n`);
    command.signal('SIGCONT');
    expect(await command.ended()).toMatchObject({ code: 0, stdout: `${pid}\ndone\n` });
  });

  it.concurrent('a wait ends by a signal, and leaves nothing behind', async () => {
    const { url, name } = lock();
    await using lease = await new GcsMutex(BUCKET, name, { apiEndpoint: server.url }).acquire();
    await using command = new Command(['run', url, '--', 'echo', 'ran'], { url: server.url });
    await command.printed('stderr', 'waiting');
    command.signal('SIGINT');
    expect(await command.ended()).toMatchObject({ code: 130, stdout: '' });
    expect(server.object(BUCKET, name)?.metadata?.['lease-id']).toBe(lease.leaseId);
  });

  it.concurrent('a wrapper that was killed leaves its command running, and the lock to its ttl', async () => {
    const { name } = lock();
    await using store = await LockStore.open();
    await using command = store.start(['run', urlOf(name), '--', 'sh', '-c', 'echo $$; exec sleep 1000']);
    await command.printed('stdout', '\n');
    const pid = Number(command.stdout);
    command.signal('SIGKILL');
    await command.exited;
    expect(await stateOf(pid)).toBeDefined();
    process.kill(pid, 'SIGKILL');
    const mutex = new GcsMutex(BUCKET, name, { apiEndpoint: store.server.url });
    expect(await mutex.tryAcquire(), 'it is held').toBeUndefined();
    store.server.clock.skewMs += 120_000;
    const next = await mutex.acquire();
    expect(await next.release()).toBe(true);
  });

  it.concurrent('setpriv --pdeathsig ends the command with the wrapper, as the docs say', async () => {
    const { url } = lock();
    const guarded = ['setpriv', '--pdeathsig', 'KILL', 'sh', '-c', 'echo $$; exec sleep 1000'];
    await using command = new Command(['run', url, '--', ...guarded], { url: server.url });
    await command.printed('stdout', '\n');
    const pid = Number(command.stdout);
    command.signal('SIGKILL');
    await until(async () => (await stateOf(pid)) === undefined);
  });
});

/** Each answer to the release of a lock, or of a permit, stays away. */
function stalledRelease(name: string): ScriptedFault {
  const match = { operation: 'objects.delete', object: new RegExp(`^${name}(/slot-\\d+)?$`) } as const;
  return server.faults.add({ match, when: 'before', times: Infinity, do: { kind: 'stall' } });
}

/** How many stand in line for a limit, or use it. */
function shareCount(store: LockStore): number {
  const shares = store.server.object(BUCKET, 'limits/mail')?.metadata?.['shares'] ?? '';
  return shares.split(' ').filter((share) => share !== '').length;
}

/** The state of a process, as ps(1) names it; undefined where it is gone, or only waits to be reaped. */
async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) ([^ZX])/.exec(stat)?.[1];
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 600_000 });
}
