import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { createTestBucket } from '../through/bucket.ts';
import { rest } from '../through/traffic.ts';
import { plant, remove } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

function listenerCount(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

describe('a signal that is handed in', () => {
  it('has no listener left after any call, however it ended', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const { signal } = new AbortController();
    const lease = await world.settle(mutex.acquire({ signal }));
    expect(listenerCount(signal)).toBe(0);
    expect(await world.settle(mutex.tryAcquire({ signal }))).toBeUndefined();
    await expect(world.settle(mutex.acquire({ signal, timeoutMs: 100 }))).rejects.toThrow(
      'Could not acquire',
    );
    await world.settle(mutex.status({ signal }));
    await world.settle(lease.refresh({ signal }));
    expect(await world.settle(lease.release({ signal }))).toBe(true);
    await world.settle(mutex.run(() => expect(listenerCount(signal)).toBe(1), { signal }));
    await world.settle(mutex.tryRun(() => 1, { signal }));
    await world.settle(mutex.breakLock({ signal }));
    expect(listenerCount(signal)).toBe(0);
    await world.end();
  });

  it('has none left after a loss', async () => {
    const world = manualWorld();
    const { signal } = new AbortController();
    const running = world
      .process()
      .mutex()
      .run(
        async (lease) => {
          await remove(world);
          await world.until('it is lost', () => lease.signal.aborted);
          expect(listenerCount(signal)).toBe(0);
        },
        { signal },
      );
    await expect(world.settle(running)).rejects.toMatchObject({ reason: 'deleted' });
    await world.end();
  });

  it('may be shared by a hundred waiting calls and a hundred leases without a warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const resumeListenerCount = process.listenerCount('SIGCONT');
    const { signal } = new AbortController();
    const memory = createTestBucket();
    const player = memory.process();
    const names = Array.from({ length: 100 }, (_, index) => `locks/${index}`);
    const done = Promise.all(
      names.map((name) =>
        player.mutex(name, {}, { clock: { ...systemClock, now: () => player.machine.now() } }).run(
          async (lease) => {
            await rest();
            return lease.isHeld;
          },
          { signal },
        ),
      ),
    );
    expect(listenerCount(signal)).toBe(1);
    expect(new Set(await done)).toEqual(new Set([true]));
    await rest();
    expect(warnings).toEqual([]);
    expect(listenerCount(signal)).toBe(0);
    expect(process.listenerCount('SIGCONT') - resumeListenerCount).toBeLessThanOrEqual(1);
    process.off('warning', onWarning);
  });

  it('is taken for what it says at the very moment, also where it aborts with nothing', async () => {
    const world = manualWorld();
    await plant(world);
    const controller = new AbortController();
    const rejected = world
      .process()
      .mutex()
      .acquire({ signal: controller.signal })
      .then(
        () => 'granted',
        (reason: unknown) => reason,
      );
    await world.advance(100);
    controller.abort(null);
    expect(await rejected).toBeNull();
    await remove(world);
    await world.end();
  });
});

describe('maxHoldMs', () => {
  it('ends a lease however healthy it is, and the lock is free when it was released', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex({ maxHoldMs: 90_000 }).acquire());
    await world.advance(89_999);
    expect(lease.isHeld).toBe(true);
    expect(lease.remainingMs).toBe(1);
    await world.advance(1);
    expect(lease.isHeld).toBe(false);
    expect(lease.signal.reason).toMatchObject({ code: 'ERR_LEASE_LOST', reason: 'max-hold' });
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('keeps the process that holds it from taking the lock again before it was released', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex({ maxHoldMs: 10_000 });
    const lease = await world.settle(mutex.acquire());
    await world.advance(10_000);
    expect(lease.isHeld).toBe(false);
    expect(await world.settle(mutex.tryAcquire())).toBeUndefined();
    await world.advance(65_000);
    const next = await world.settle(mutex.tryAcquire());
    expect(next?.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(false);
    expect(await world.settle(next?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
    await world.end();
  });

  it('makes run reject once the callback has stopped', async () => {
    const world = manualWorld();
    const running = world
      .process()
      .mutex({ maxHoldMs: 30_000 })
      .run(async (lease) => {
        await world.until('the signal aborts', () => lease.signal.aborted);
      });
    await expect(world.settle(running)).rejects.toMatchObject({ reason: 'max-hold' });
    expect(world.nowMs()).toBeGreaterThanOrEqual(30_000);
    expect(world.object()).toBeUndefined();
    await world.end();
  });
});
