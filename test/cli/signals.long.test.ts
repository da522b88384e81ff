import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex } from '../../src/index.ts';
import { Command, isAlive } from './command.ts';

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

const NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3, SIGUSR1: 10, SIGUSR2: 12 } as const;
type Name = keyof typeof NUMBERS;
const NAMES = Object.keys(NUMBERS) as Name[];

describe('signals of a run', { timeout: 60_000 }, () => {
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

  it.concurrent('a command that ended takes what it has left in its group with it, before the lock is freed', async () => {
    const { url, name } = lock();
    const leave = "(trap '' TERM; echo $$ >&2; while :; do sleep 0.1; done) & sleep 0.3; exit 5";
    await using command = new Command(['run', '--kill-after', '1s', url, '--', 'sh', '-c', leave], {
      url: server.url,
    });
    const ended = await command.ended();
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain('ended the processes that the command had left behind');
    expect(server.object(BUCKET, name)).toBeUndefined();
  });

  it.concurrent('a process that left the group on purpose goes on', async () => {
    const { url } = lock();
    const leave = 'setsid sleep 20 & echo $!; sleep 0.3';
    await using command = new Command(['run', url, '--', 'sh', '-c', leave], {
      url: server.url,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await command.printed('stdout', '\n');
    const pid = Number(command.stdout);
    await new Promise((resolve) => void command.process.once('exit', resolve));
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it.concurrent('SIGTSTP stops command and wrapper, and SIGCONT goes on with both', async () => {
    const { url } = lock();
    const ticking = [
      'sh',
      '-c',
      'echo ready; n=0; while [ $n -lt 10 ]; do sleep 0.1; n=$((n+1)); done; echo done',
    ];
    await using command = new Command(['run', url, '--', ...ticking], { url: server.url });
    await command.printed('stdout', 'ready');
    command.signal('SIGTSTP');
    await stateOf(command.process.pid ?? 0, 'T');
    expect(command.stdout).toBe('ready\n');
    command.signal('SIGCONT');
    expect(await command.ended()).toMatchObject({ code: 0, stdout: 'ready\ndone\n' });
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
    const { url, name } = lock();
    await using command = new Command(
      ['run', '--ttl', '3s', url, '--', 'sh', '-c', 'echo $$; exec sleep 20'],
      { url: server.url },
    );
    await command.printed('stdout', '\n');
    const pid = Number(command.stdout);
    command.signal('SIGKILL');
    await new Promise((resolve) => void command.process.once('exit', resolve));
    expect(isAlive(pid)).toBe(true);
    expect(server.object(BUCKET, name)).toBeDefined();
    process.kill(pid, 'SIGKILL');
    const next = await new GcsMutex(BUCKET, name, { apiEndpoint: server.url }).acquire();
    expect(await next.release()).toBe(true);
  });

  it.concurrent('setpriv --pdeathsig ends the command with the wrapper, as the docs say', async () => {
    const { url } = lock();
    const guarded = ['setpriv', '--pdeathsig', 'KILL', 'sh', '-c', 'echo $$; exec sleep 20'];
    await using command = new Command(['run', url, '--', ...guarded], { url: server.url });
    await command.printed('stdout', '\n');
    const pid = Number(command.stdout);
    command.signal('SIGKILL');
    await new Promise((resolve) => void command.process.once('exit', resolve));
    await gone(pid);
  });
});

/** Waits until a process is in a state, as ps(1) names it. */
async function stateOf(pid: number, state: string): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  for (;;) {
    const [, found] = /\) (\S)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8')) ?? [];
    if (found === state) return;
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

/** Waits until a process is no longer there, or only waits to be reaped. */
async function gone(pid: number): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (/\) [ZX]/.test(stat)) return;
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}
