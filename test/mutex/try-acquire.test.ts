import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { plant, remove, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

describe('tryAcquire', () => {
  it('takes a free lock, and a stale one', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const lease = await world.settle(mutex.tryAcquire());
    expect(lease?.isHeld).toBe(true);
    await world.settle(lease?.release() ?? Promise.reject(new Error('not held')));
    await plant(world);
    await world.outlast(60_000);
    const second = await world.settle(mutex.tryAcquire());
    expect(second?.isHeld).toBe(true);
    await world.settle(second?.release() ?? Promise.reject(new Error('not held')));
    await world.end();
  });

  it('leaves the signal that ended the call out of the lease', async () => {
    const world = manualWorld();
    const controller = new AbortController();
    const lease = await world.settle(world.process().mutex().tryAcquire({ signal: controller.signal }));
    controller.abort();
    expect(lease?.signal.aborted).toBe(false);
    expect(await world.settle(lease?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
    await world.end();
  });

  it('gives undefined at once where somebody holds the lock', async () => {
    const world = manualWorld();
    await plant(world);
    expect(await world.settle(world.process().mutex().tryAcquire())).toBeUndefined();
    expect(world.nowMs()).toBe(0);
    await remove(world);
    await world.end();
  });

  for (const status of [409, 429]) {
    it(`takes ${status} for "held" at once`, async () => {
      const world = manualWorld();
      strike(world, 'C', { when: 'before', do: { kind: 'status', status } }, 100);
      expect(await world.settle(world.process().mutex().tryAcquire())).toBeUndefined();
      expect(world.nowMs()).toBe(0);
      await world.end();
    });
  }

  it('settles within one requestTimeoutMs in all, however slow each answer is', async () => {
    const world = manualWorld();
    for (const call of ['C', 'G', 'T'] as const) {
      strike(world, call, { when: 'before', do: { kind: 'delay', ms: 4_000 } }, 100);
    }
    await plant(world);
    const trying = world
      .process()
      .mutex()
      .tryAcquire()
      .catch((reason: unknown) => reason);
    await world.settle(trying);
    expect(world.nowMs()).toBeLessThanOrEqual(10_000);
    await remove(world);
    await world.end();
  });

  it('rejects where nothing answers in that time', async () => {
    const world = manualWorld();
    strike(world, 'C', { when: 'before', do: { kind: 'stall' } });
    const trying = world.process().mutex().tryAcquire();
    await expect(world.settle(trying)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(world.nowMs()).toBe(10_000);
    await world.end();
  });

  it('rejects where the store refuses', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    strike(world, 'C', { when: 'before', do: { kind: 'status', status: 401 } }, 100);
    await expect(world.settle(mutex.tryAcquire())).rejects.toMatchObject({ code: 'ERR_UNAUTHENTICATED' });
    await world.end();
  });
});
