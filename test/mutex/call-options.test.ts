import { describe, expect, it } from 'vitest';
import type { GcsMutex } from '../../src/mutex.ts';
import type { Lease } from '../../src/lease.ts';
import { plant, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

type Call = (mutex: GcsMutex, options: never) => Promise<unknown>;

const WAITING = ['timeoutMs', 'signal'];
const CALLS: readonly [string, readonly string[], Call][] = [
  ['acquire', WAITING, (mutex, options) => mutex.acquire(options)],
  ['run', WAITING, (mutex, options) => mutex.run(() => 1, options)],
  ['tryAcquire', ['signal'], (mutex, options) => mutex.tryAcquire(options)],
  ['tryRun', ['signal'], (mutex, options) => mutex.tryRun(() => 1, options)],
  ['status', ['signal'], (mutex, options) => mutex.status(options)],
  ['breakLock', ['ifVersion', 'signal'], (mutex, options) => mutex.breakLock(options)],
];

describe('what a call takes', () => {
  it.each(CALLS)('%s names the options that it knows, before any request', async (_name, known, call) => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    await expect(call(mutex, { timeout: 5 } as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      message: `unknown option "timeout"; known are ${known.join(', ')}`,
    });
    await expect(call(mutex, 5 as never)).rejects.toMatchObject({
      message: 'options must be an object, got 5',
    });
    await expect(call(mutex, { signal: 'now' } as never)).rejects.toMatchObject({
      message: 'signal must be an AbortSignal, got "now"',
    });
    expect(world.emulator.requests.count).toBe(0);
    await world.end();
  });

  it.each(CALLS.slice(0, 2))('%s says what a time limit is', async (_name, _known, call) => {
    const world = manualWorld();
    await expect(call(world.process().mutex(), { timeoutMs: -1 } as never)).rejects.toMatchObject({
      message: 'timeoutMs must be at least 0 milliseconds, or Infinity, got -1',
    });
    await world.end();
  });

  it.each(['7', 7, {}, { generation: 7, metageneration: 1 }])(
    'breakLock takes no %j for a version',
    async (wrong) => {
      const world = manualWorld();
      const broken = world
        .process()
        .mutex()
        .breakLock({ ifVersion: wrong as never });
      await expect(broken).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringContaining('ifVersion must be the version that a status shows'),
      });
      expect(world.emulator.requests.count).toBe(0);
      await world.end();
    },
  );

  it('run and tryRun want a callback, and find out before the lock is taken for it', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    for (const call of [mutex.run(7 as never), mutex.tryRun(7 as never)]) {
      await expect(call).rejects.toMatchObject({ message: 'callback must be a function, got 7' });
    }
    expect(world.emulator.requests.count).toBe(0);
    await world.end();
  });

  it('a lease’s refresh and release name theirs', async () => {
    const world = manualWorld();
    const lease: Lease = await world.settle(world.process().mutex().acquire());
    const message = (words: string) => ({ code: 'ERR_INVALID_ARGUMENT', message: words });
    await expect(lease.refresh(5 as never)).rejects.toMatchObject(
      message('refresh options must be an object, got 5'),
    );
    await expect(lease.refresh({ timeoutMs: 5 } as never)).rejects.toMatchObject(
      message('unknown option "timeoutMs"; known are signal'),
    );
    await expect(lease.refresh({ signal: 1 } as never)).rejects.toMatchObject(
      message('signal must be an AbortSignal, got 1'),
    );
    await expect(lease.release(5 as never)).rejects.toMatchObject(
      message('release options must be an object, got 5'),
    );
    await expect(lease.release({ timeout: 5 } as never)).rejects.toMatchObject(
      message('unknown option "timeout"; known are timeoutMs, signal'),
    );
    await expect(lease.release({ timeoutMs: 'x' } as never)).rejects.toMatchObject(
      message('timeoutMs must be a number of milliseconds, or Infinity, got "x"'),
    );
    const aborted = { signal: AbortSignal.abort('enough') };
    await expect(lease.refresh(aborted)).rejects.toBe('enough');
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });
});

describe('a lease', () => {
  it('tries to release for no longer than its ttl', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex({ ttlMs: 5_000 }).acquire());
    strike(world, 'D', { when: 'before', do: { kind: 'stall' } }, 100);
    const startedAt = world.nowMs();
    await expect(world.settle(lease.release())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(world.nowMs() - startedAt).toBe(5_000);
    await world.end();
  });
});

describe('what a process remembers', () => {
  it('is apart for each lock: two dead ones are taken over by observation at the same time', async () => {
    const world = manualWorld();
    await plant(world, { ttlMs: 5_000 }, 'locks/a');
    await plant(world, { ttlMs: 5_000 }, 'locks/b');
    const player = world.process();
    const acquiring = ['locks/a', 'locks/b'].map((name) =>
      player.mutex({ takeover: 'observation', acquireTimeoutMs: 12_000 }, name).acquire(),
    );
    const leases = await world.settle(Promise.all(acquiring));
    for (const lease of leases) expect(await world.settle(lease.release())).toBe(true);
    for (const name of ['locks/a', 'locks/b']) expect(world.object(name)).toBeUndefined();
    await world.end();
  });
});
