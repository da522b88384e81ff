import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { acquireAll, plant, plantPermits, releaseAll, semaphoreWorld } from './world.ts';

describe('a wait for a permit that runs out', () => {
  it('says that the store failed where slots are free and no write is answered', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 2);
    await plant(world, 0);
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.insert' },
      times: 1_000,
      do: { kind: 'stall' },
    });
    const semaphore = world.semaphore();
    await expect(world.settle(semaphore.acquire({ timeoutMs: 5_000 }))).rejects.toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      holder: undefined,
      cause: expect.any(StoreUnavailableError),
    });
    await expect(world.settle(semaphore.tryAcquire())).rejects.toBeInstanceOf(StoreUnavailableError);
  });

  it('says nothing of the store where a write met rivals, and all are held since', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 1);
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.insert' },
      do: { kind: 'status', status: 429 },
    });
    const waiting = world.semaphore().acquire({ timeoutMs: 5_000 });
    const failed = waiting.catch((reason: unknown) => reason);
    await world.clock.advance(0);
    const lease = await world.settle(world.semaphore().acquire());
    const error = await world.settle(failed);
    expect(error).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', holder: { leaseId: lease.leaseIds[0] } });
    expect(error).not.toHaveProperty('cause');
    await releaseAll(world, [lease]);
  });

  it('takes it for no silence of the store that a look is under way at the end', async () => {
    const world = semaphoreWorld();
    const leases = await acquireAll(world, 1, 1);
    const waiting = world.semaphore({ backoff: { maxMs: 200 } }).acquire({ timeoutMs: 5_000 });
    const failed = waiting.catch((reason: unknown) => reason);
    await world.clock.advance(4_400);
    const match = { operation: 'objects.list' } as const;
    const look = world.emulator.faults.add({ when: 'before', match, do: { kind: 'hold' } });
    await world.clock.advance(600);
    expect(look.struck).toHaveLength(1);
    expect(await failed).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', waitedMs: 5_000 });
    expect(await failed).not.toHaveProperty('cause');
    look.release();
    await releaseAll(world, leases);
  });
});
