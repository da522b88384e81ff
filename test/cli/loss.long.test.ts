import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex } from '../../src/index.ts';
import { FaultProxy } from '../faults/proxy.ts';
import { Command } from './command.ts';

const BUCKET = 'commands';
const NAME = 'locks/nightly';
const URL_OF_LOCK = `gs://${BUCKET}/${NAME}`;
/** Long enough for a busy machine to refresh in time. */
const TTL_MS = 5_000;
const FLAGS = ['--ttl', '5s', '--margin', '1s', '--kill-after', '1s', '--clock-skew', '0'];

describe('a run that loses its lock', { timeout: 60_000 }, () => {
  let server: EmulatorServer;
  let proxy: FaultProxy;
  beforeEach(async () => {
    server = await startEmulator({ buckets: [BUCKET] });
    proxy = await FaultProxy.start(server.url);
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await server.close();
  });
  const start = (flags: readonly string[], text: string): Command =>
    new Command(['run', ...FLAGS, ...flags, URL_OF_LOCK, '--', 'bash', '-c', text], { url: proxy.url });
  /** Takes the lock as soon as it can be had, past the proxy. @returns when, on the clock of this process. */
  const rival = async (): Promise<number> => {
    const lease = await new GcsMutex(BUCKET, NAME, {
      apiEndpoint: server.url,
      clockSkewMs: 0,
      ttlMs: TTL_MS,
    }).acquire({ timeoutMs: 30_000 });
    const at = performance.now();
    await lease.release();
    return at;
  };

  /** When, by the store's clock, which is this machine's, the lock went to somebody else. */
  const lastTakeoverAt = (): number =>
    server.requests
      .mutations()
      .findLast(({ operation, applied }) => operation === 'objects.insert' && applied === 200)?.at ?? 0;

  it('gets TERM while the lease still lasts, and ends in its own way before anybody else gets in', async () => {
    await using command = start(
      [],
      'trap "echo got TERM; exit 0" TERM; echo ready; while :; do sleep 0.1; done',
    );
    await command.printed('stdout', 'ready');
    proxy.partition();
    const next = rival();
    await command.printed('stdout', 'got TERM');
    const endedAt = performance.now();
    expect(await next).toBeGreaterThan(endedAt);
    const ended = await command.ended();
    expect(ended.code).toBe(123);
    expect(ended.stderr).toMatch(/no refresh got through and the lease ends in .*: ending the command/);
  });

  it('is killed with all that it started before anybody else gets in, where it ignores TERM', async () => {
    // Each says the time itself: the pipe to this process may be slow.
    const tick = 'echo $EPOCHREALTIME; sleep 0.05';
    const ticking = `trap "" TERM; (trap "" TERM; while :; do ${tick}; done) & while :; do ${tick}; done`;
    await using command = start([], ticking);
    await command.printed('stdout', '\n');
    proxy.partition();
    await rival();
    const grantedAt = lastTakeoverAt();
    expect((await command.ended()).code).toBe(123);
    const lastTickAt = Math.max(...command.stdout.trim().split('\n').map(Number)) * 1_000;
    expect(lastTickAt).toBeLessThan(grantedAt);
    expect(lastTickAt, 'it worked to the last').toBeGreaterThan(grantedAt - TTL_MS);
  });

  it('ends at once where the lock was taken away', async () => {
    await using command = start(
      [],
      'trap "echo got TERM; exit 0" TERM; echo ready; while :; do sleep 0.1; done',
    );
    await command.printed('stdout', 'ready');
    expect(await new GcsMutex(BUCKET, NAME, { apiEndpoint: server.url }).breakLock()).toBe(true);
    const ended = await command.ended();
    expect(ended).toMatchObject({ code: 123, stdout: 'ready\ngot TERM\n' });
    expect(ended.stderr).toContain('the lease was lost (deleted)');
  });

  it('goes on with --on-lost=warn, and hands on its own exit code', async () => {
    await using command = start(
      ['--on-lost', 'warn'],
      'trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done',
    );
    await command.printed('stdout', 'ready');
    await new GcsMutex(BUCKET, NAME, { apiEndpoint: server.url }).breakLock();
    await command.printed('stderr', 'the command goes on');
    command.signal('SIGUSR1');
    expect((await command.ended()).code).toBe(9);
  });

  it('ends after --max-hold, however healthy', async () => {
    await using command = start(
      ['--max-hold', '2s'],
      'trap "echo got TERM; exit 0" TERM; echo ready; while :; do sleep 0.1; done',
    );
    expect(await command.ended()).toMatchObject({ code: 123, stdout: 'ready\ngot TERM\n' });
    expect(server.object(BUCKET, NAME)).toBeUndefined();
  });

  it('kills a stopped command rather than let it go on without its lock', async () => {
    await using command = start([], 'echo ready; while :; do sleep 0.1; echo tick; done');
    await command.printed('stdout', 'tick');
    command.signal('SIGTSTP');
    await rival();
    const ticks = command.stdout.length;
    command.signal('SIGCONT');
    expect((await command.ended()).code).toBe(123);
    expect(command.stdout.length, 'it did nothing any more').toBe(ticks);
  });

  it('says that a release could not be confirmed, and hands on the exit code of work that was done', async () => {
    await using command = start([], 'echo ready; read _ < /dev/null; sleep 0.3; exit 4');
    await command.printed('stdout', 'ready');
    proxy.partition();
    const ended = await command.ended();
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('the release could not be confirmed, the lock ends with its ttl');
  });
});
