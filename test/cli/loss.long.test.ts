import { describe, expect, it } from 'vitest';
import { GcsMutex } from '../../src/index.ts';
import { FaultProxy } from '../faults/proxy.ts';
import type { Command, StartOptions } from './command.ts';
import { BUCKET, LockStore, urlOf } from './lock-store.ts';

const NAME = 'locks/nightly';
/** A busy machine has seconds for each step: to refresh, to stop or to be killed, and before somebody else gets in. */
const RUNS_OUT = ['--ttl', '20s', '--margin', '5s', '--kill-after', '5s', '--clock-skew', '0'];
/** It finds a loss soon, and its lease ends by no time that a busy machine missed. */
const LASTS = ['--ttl', '30m', '--refresh-interval', '1s', '--kill-after', '1m'];

const WORK = 'trap "echo got TERM; exit 0" TERM; echo ready; while :; do sleep 0.1; done';

/** A store, and a way to it that can be cut. */
async function open() {
  const store = await LockStore.open();
  const proxy = await FaultProxy.start(store.server.url);
  const start = (flags: readonly string[], text: string, options: Partial<StartOptions> = {}): Command =>
    store.start(['run', ...flags, urlOf(NAME), '--', 'bash', '-c', text], { url: proxy.url, ...options });
  /** Takes the lock as soon as it can be had, past the proxy. @returns when, by the store's clock, which is the machine's. */
  const rival = async (): Promise<number> => {
    const options = { apiEndpoint: store.server.url, clockSkewMs: 0 };
    const lease = await new GcsMutex(BUCKET, NAME, options).acquire({ timeoutMs: 600_000 });
    await lease.release();
    const takeover = store.server.requests
      .mutations()
      .findLast(({ operation, applied }) => operation === 'objects.insert' && applied === 200);
    return takeover?.at ?? 0;
  };
  const close = async (): Promise<void> => {
    await proxy[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  return { store, proxy, start, rival, [Symbol.asyncDispose]: close };
}

describe('a run that loses its lock', () => {
  it.concurrent('gets TERM while the lease still lasts, and ends in its own way before anybody else gets in', async () => {
    await using world = await open();
    // It says the time itself: the pipe to this process may be slow.
    const telling = `trap 'echo "got TERM $EPOCHREALTIME"; exit 0' TERM; echo ready; while :; do sleep 0.1; done`;
    await using command = world.start(RUNS_OUT, telling);
    await command.printed('stdout', 'ready');
    world.proxy.partition();
    const grantedAt = await world.rival();
    const ended = await command.ended();
    expect(ended.code).toBe(123);
    expect(ended.stderr).toMatch(/no refresh got through and the lease ends in .*: ending the command/);
    const [, toldAt] = /^ready\ngot TERM (\S+)\n$/.exec(ended.stdout) ?? [];
    expect(Number(toldAt) * 1_000).toBeLessThan(grantedAt);
  });

  it.concurrent('is killed with all that it started before anybody else gets in, where it ignores TERM', async () => {
    await using world = await open();
    // Each says the time itself: the pipe to this process may be slow.
    const tick = 'echo $EPOCHREALTIME; sleep 0.05';
    const ticking = `trap "echo TERM" TERM; (trap "" TERM; while :; do ${tick}; done) & while :; do ${tick}; done`;
    await using command = world.start(RUNS_OUT, ticking);
    await command.printed('stdout', '\n');
    world.proxy.partition();
    const grantedAt = await world.rival();
    const { code, stdout } = await command.ended();
    expect(code).toBe(123);
    const ticks = stdout.split('\n').filter((line) => /^\d/.test(line));
    expect(Math.max(...ticks.map(Number)) * 1_000).toBeLessThan(grantedAt);
    expect(stdout, 'it worked to the last').toMatch(/^TERM\n\d/m);
  });

  it.concurrent('ends at once where the lock was taken away', async () => {
    await using world = await open();
    await using command = world.start(LASTS, WORK);
    await command.printed('stdout', 'ready');
    await world.store.remove(NAME);
    const ended = await command.ended();
    expect(ended).toMatchObject({ code: 123, stdout: 'ready\ngot TERM\n' });
    expect(ended.stderr).toContain('the lease was lost (deleted)');
  });

  it.concurrent('goes on with --on-lost=warn, and hands on its own exit code', async () => {
    await using world = await open();
    const work = 'trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done';
    await using command = world.start([...LASTS, '--on-lost', 'warn'], work);
    await command.printed('stdout', 'ready');
    await world.store.remove(NAME);
    await command.printed('stderr', 'the command goes on');
    command.signal('SIGUSR1');
    expect((await command.ended()).code).toBe(9);
  });

  it.concurrent('ends after --max-hold, however healthy', async () => {
    await using world = await open();
    // Time enough to get ready before.
    await using command = world.start(['--max-hold', '20s'], WORK);
    const { code, stdout, stderr } = await command.ended();
    expect([code, stdout]).toEqual([123, 'ready\ngot TERM\n']);
    expect(stderr).toMatch(/^gcs-mutex: --max-hold is over in \S+: ending the command/m);
    expect(world.store.has(NAME)).toBe(false);
  });

  it.concurrent('kills a stopped command rather than let it go on without its lock', async () => {
    await using world = await open();
    await using command = world.start(RUNS_OUT, 'echo ready; while :; do sleep 0.1; echo tick; done');
    await command.printed('stdout', 'tick');
    command.signal('SIGTSTP');
    await world.rival();
    const ticks = command.stdout.length;
    command.signal('SIGCONT');
    expect((await command.ended()).code).toBe(123);
    expect(command.stdout.length, 'it did nothing any more').toBe(ticks);
  });

  it.concurrent('says that a release could not be confirmed, and hands on the exit code of work that was done', async () => {
    await using world = await open();
    await using command = world.start(RUNS_OUT, 'echo ready; read line; exit 4', {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await command.printed('stdout', 'ready');
    world.proxy.partition();
    command.process.stdin?.end();
    const ended = await command.ended();
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('the release could not be confirmed, the lock ends with its ttl');
  });
});
