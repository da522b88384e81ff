import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError, StoreUnavailableError } from '../../src/errors.ts';
import { put } from '../faults/calls.ts';
import { acquireAll, NAME, plant, plantPermits, releaseAll, semaphoreWorld } from './world.ts';

describe('acquiring a permit', () => {
  it('stores the number of permits once, and takes a free slot by a list and one insert from then on', async () => {
    const world = semaphoreWorld();
    const first = await world.settle(world.semaphore({ permits: 3 }).acquire());
    expect(world.asked()).toEqual([
      'GET 200 list',
      'POST 200 permits',
      expect.stringMatching(/^POST 200 slot-000[012]$/),
    ]);
    const second = await world.settle(world.semaphore().acquire());
    expect(world.asked()).toEqual(['GET 200 list', expect.stringMatching(/^POST 200 slot-000[012]$/)]);
    expect([first, second].map((lease) => lease.isHeld)).toEqual([true, true]);
    expect(new Set([...first.slots, ...second.slots]).size).toBe(2);
    expect(await world.settle(second.release())).toBe(true);
    expect(world.asked()).toEqual([expect.stringMatching(/^DELETE 204 slot-000[012]$/)]);
    await releaseAll(world, [first]);
    expect(world.names()).toEqual(['permits']);
  });

  it('gives as many leases at once as there are permits, and all get their turn', async () => {
    const world = semaphoreWorld();
    let holders = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      const lease = await world.semaphore({ permits: 3, acquireTimeoutMs: Infinity }).acquire();
      holders += 1;
      most = Math.max(most, holders);
      await lease.refresh();
      holders -= 1;
      expect(await lease.release()).toBe(true);
    };
    await world.settle(Promise.all(Array.from({ length: 9 }, work)));
    expect(most).toBe(3);
    expect(world.names()).toEqual(['permits']);
  });

  it('is undefined, or a timeout that says who is in the way, where all are held', async () => {
    const world = semaphoreWorld();
    const leases = await acquireAll(world, 2, 2);
    const late = world.semaphore({ holder: 'late' });
    expect(await world.settle(late.tryAcquire())).toBeUndefined();
    const startedMs = world.clock.passedMs;
    const error: unknown = await world
      .settle(late.acquire({ timeoutMs: 5_000 }))
      .catch((reason: unknown) => reason);
    expect(world.clock.passedMs - startedMs).toBe(5_000);
    expect(error).toBeInstanceOf(AcquireTimeoutError);
    expect(error).toMatchObject({ lock: 'gs://memory/limits/reports', waitedMs: 5_000 });
    expect(String(error)).toContain(
      'Could not acquire 1 of the 2 permits of gs://memory/limits/reports after 5000 ms',
    );
    expect(String(error)).toContain('too many are held, the first to end by');
    await releaseAll(world, leases);
  });

  it('finds a permit that was given back within one pause', async () => {
    const world = semaphoreWorld();
    const leases = await acquireAll(world, 2, 2);
    const acquiring = world.semaphore().acquire();
    await world.clock.advance(10_000);
    await releaseAll(world, leases.slice(1));
    const freeAt = world.clock.passedMs;
    const lease = await world.settle(acquiring);
    expect(world.clock.passedMs - freeAt).toBeLessThanOrEqual(2_000);
    await releaseAll(world, [lease, ...leases.slice(0, 1)]);
  });

  it('gets a dead holder’s permit back by one overwrite once its ttl has passed, and says so', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 1);
    await plant(world, 0);
    world.asked();
    const lease = await world.settle(world.semaphore().acquire());
    expect(world.clock.passedMs).toBeGreaterThanOrEqual(62_000);
    expect(world.clock.passedMs).toBeLessThan(65_000);
    expect(world.asked().slice(-2)).toEqual(['GET 200 list', 'POST 200 slot-0000']);
    expect(world.events.at(-1)).toMatchObject({ kind: 'acquired', wasTakenOver: true });
    await releaseAll(world, [lease]);
  });

  it('takes free slots before those of dead holders', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 4);
    for (const slot of [0, 1, 3]) await plant(world, slot);
    await world.clock.advance(70_000);
    const lease = await world.settle(world.semaphore().acquire());
    expect(lease.slots).toEqual(['gs://memory/limits/reports/slot-0002']);
    await releaseAll(world, [lease]);
  });

  it('trusts only what it has watched where it is told to, across calls', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 1);
    await plant(world, 0);
    await world.clock.advance(100_000);
    const careful = world.semaphore({ takeover: 'observation' });
    expect(await world.settle(careful.tryAcquire())).toBeUndefined();
    await world.clock.advance(64_000);
    expect(await world.settle(careful.tryAcquire())).toBeUndefined();
    await world.clock.advance(2_000);
    const lease = await world.settle(careful.tryAcquire());
    expect(lease?.isHeld).toBe(true);
    await world.settle(lease?.release() ?? Promise.resolve(false));
  });

  it('leaves a slot alone that is something else, or of a later version', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 2);
    await put(world, {}, `${NAME}/slot-0000`);
    await plant(world, 1, { schema: 'gcs-mutex/2' });
    await world.clock.advance(1_000_000);
    const semaphore = world.semaphore();
    expect(await world.settle(semaphore.tryAcquire())).toBeUndefined();
    expect(await world.settle(semaphore.status())).toMatchObject({
      held: 1,
      free: 0,
      unusable: 1,
      available: 0,
    });
    expect(world.names()).toEqual(['permits', 'slot-0000', 'slot-0001']);
  });

  it('is refused at once where the process is aborted, and leaves nothing behind', async () => {
    const world = semaphoreWorld();
    const leases = await acquireAll(world, 1, 1);
    const controller = new AbortController();
    const acquiring = world.semaphore().acquire({ signal: controller.signal });
    await world.clock.advance(3_000);
    controller.abort(new Error('enough'));
    await expect(acquiring).rejects.toThrow('enough');
    await releaseAll(world, leases);
    expect(world.names()).toEqual(['permits']);
  });

  it('ends within requestTimeoutMs where nothing answers', async () => {
    const world = semaphoreWorld();
    world.emulator.faults.add({ when: 'before', times: 1_000, do: { kind: 'stall' } });
    const trying = world.semaphore({ permits: 1, requestTimeoutMs: 1_000 }).tryAcquire();
    await expect(world.settle(trying)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(world.clock.passedMs).toBe(1_000);
  });

  it('names the permission that a list takes', async () => {
    const world = semaphoreWorld();
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.list' },
      do: { kind: 'status', status: 403 },
    });
    const error: unknown = await world
      .settle(world.semaphore({ permits: 1 }).acquire())
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_PERMISSION_DENIED', lock: 'gs://memory/limits/reports' });
    expect(String(error)).toContain('storage.objects.list');
  });
});

describe('a write to a slot without an answer', () => {
  it.each(['before', 'after'] as const)(
    'lost %s it was applied gives one permit, and no more',
    async (when) => {
      const world = semaphoreWorld();
      await plantPermits(world, 2);
      world.emulator.faults.add({ when, match: { operation: 'objects.insert' }, do: { kind: 'reset' } });
      const lease = await world.settle(world.semaphore().acquire());
      expect(lease.isHeld).toBe(true);
      expect(world.names()).toHaveLength(2);
      await releaseAll(world, [lease]);
      expect(world.names()).toEqual(['permits']);
    },
  );

  it('that arrives after giving up is cleared away', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 2);
    const late = world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.insert' },
      do: { kind: 'hold' },
    });
    const controller = new AbortController();
    const acquiring = world.semaphore().acquire({ signal: controller.signal });
    await world.clock.advance(0);
    controller.abort(new Error('enough'));
    await expect(acquiring).rejects.toThrow('enough');
    late.release();
    await world.clock.advance(10_000);
    expect(world.names()).toEqual(['permits']);
  });
});

describe('rivals', () => {
  it('spread out: a free slot among a hundred with ninety held takes four requests at most in the median', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 100);
    for (let slot = 0; slot < 100; slot += 1) if (slot % 10 !== 3) await plant(world, slot);
    world.asked();
    const counts: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const lease = await world.settle(world.semaphore().acquire());
      counts.push(world.asked().length);
      await releaseAll(world, [lease]);
      world.asked();
    }
    expect(counts.toSorted((one, other) => one - other)[2]).toBe(2);
    // Ten at once want the ten that are free.
    const acquired = await acquireAll(world, 100, 10);
    const inEvents = world.events
      .flatMap((event) => (event.kind === 'acquired' ? [event.requestCount] : []))
      .slice(-10);
    expect(inEvents.reduce((sum, count) => sum + count, 0)).toBe(world.asked().length);
    expect(inEvents.toSorted((one, other) => one - other)[5]).toBeLessThanOrEqual(4);
    await releaseAll(world, acquired);
  });

  it('that lose every slot they try look again, and give up only where nothing is free', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 20);
    const trying = Array.from({ length: 30 }, () => world.semaphore().tryAcquire());
    const leases = (await world.settle(Promise.all(trying))).filter((lease) => lease !== undefined);
    expect(leases).toHaveLength(20);
    await releaseAll(world, leases);
  });
});
