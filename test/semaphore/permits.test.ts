import { describe, expect, it } from 'vitest';
import { GcsSemaphore } from '../../src/semaphore/semaphore.ts';
import { put } from '../faults/calls.ts';
import { NAME, semaphoreWorld } from './world.ts';

const HOUR = 3_600_000;

describe('the number of permits', () => {
  it.each([0, 4097, 1.5, Number.NaN, '3', null])('%j is refused before anything is sent', async (permits) => {
    const invalid = expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' });
    expect(() => new GcsSemaphore('memory', NAME, { permits: permits as never })).toThrow(invalid);
    const world = semaphoreWorld();
    const semaphore = world.semaphore({ permits: 4 });
    for (const call of [
      () => semaphore.acquire({ permits: permits as never }),
      () => semaphore.tryAcquire({ permits: permits as never }),
      () => semaphore.run(() => 1, { permits: permits as never }),
      () => semaphore.setPermits(permits as never),
      () => semaphore.setPermits(1, { ifPermits: permits as never }),
    ] as (() => Promise<unknown>)[])
      await expect(call()).rejects.toEqual(invalid);
    expect(world.asked()).toEqual([]);
  });

  it('is stored by whoever acquires first, at once by many, and everybody goes by what was stored', async () => {
    const world = semaphoreWorld();
    const acquiring = [3, 5].flatMap((permits) =>
      Array.from({ length: 4 }, () => world.semaphore({ permits }).tryAcquire()),
    );
    const settled = await world.settle(Promise.allSettled(acquiring));
    const stored = Number(world.emulator.object(world.bucket, `${NAME}/permits`)?.metadata?.['permits']);
    const other = stored === 3 ? 5 : 3;
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(4);
    expect(settled).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'ERR_PERMITS_MISMATCH', stored, given: other }),
    });
    for (const end of settled)
      if (end.status === 'fulfilled') await world.settle(end.value?.release() ?? Promise.resolve(true));
    expect(world.names()).toEqual(['permits']);
  });

  it('is read by those who leave it out', async () => {
    const world = semaphoreWorld();
    expect(await world.settle(world.semaphore().setPermits(7))).toBe(true);
    expect(await world.settle(world.semaphore().permits())).toBe(7);
    expect(await world.settle(world.semaphore().availablePermits())).toBe(7);
    expect(world.asked()).toEqual(['GET 404 permits', 'POST 200 permits', 'GET 200 permits', 'GET 200 list']);
  });

  it('is the given one before anybody stored it, which no reading does', async () => {
    const world = semaphoreWorld();
    const semaphore = world.semaphore({ permits: 2 });
    expect(await world.settle(semaphore.permits())).toBe(2);
    expect(await world.settle(semaphore.status())).toEqual({
      permits: 2,
      held: 0,
      free: 2,
      stale: 0,
      unusable: 0,
      available: 2,
      holders: [],
    });
    expect(world.names()).toEqual([]);
  });

  it('that nobody has said is an error that says what to do', async () => {
    const world = semaphoreWorld();
    const semaphore = world.semaphore();
    for (const call of [
      () => semaphore.acquire(),
      () => semaphore.permits(),
      () => semaphore.status(),
    ] as (() => Promise<unknown>)[]) {
      await expect(world.settle(call())).rejects.toMatchObject({
        code: 'ERR_PERMITS_UNKNOWN',
        message: expect.stringContaining('give { permits } to the constructor'),
      });
    }
  });

  it('that differs is an error that names both, of every call but the one that changes it', async () => {
    const world = semaphoreWorld();
    await world.settle(world.semaphore().setPermits(7));
    const semaphore = world.semaphore({ permits: 3 });
    for (const call of [
      () => semaphore.acquire(),
      () => semaphore.tryRun(() => 1),
      () => semaphore.permits(),
      () => semaphore.availablePermits(),
    ] as (() => Promise<unknown>)[]) {
      await expect(world.settle(call())).rejects.toMatchObject({
        code: 'ERR_PERMITS_MISMATCH',
        stored: 7,
        given: 3,
        message: expect.stringContaining('has 7 permits, not 3'),
      });
    }
    expect(await world.settle(semaphore.setPermits(3, { ifPermits: 7 }))).toBe(true);
    expect(await world.settle(semaphore.permits())).toBe(3);
  });

  it('is changed only from the one that was expected, and the object that changed it goes by it', async () => {
    const world = semaphoreWorld();
    const semaphore = world.semaphore({ permits: 3 });
    expect(await world.settle(semaphore.setPermits(4, { ifPermits: 3 }))).toBe(false);
    expect(await world.settle(semaphore.setPermits(3))).toBe(true);
    expect(await world.settle(semaphore.setPermits(4, { ifPermits: 2 }))).toBe(false);
    expect(await world.settle(semaphore.setPermits(4, { ifPermits: 3 }))).toBe(true);
    expect(await world.settle(semaphore.permits())).toBe(4);
    world.asked();
    expect(await world.settle(semaphore.setPermits(4))).toBe(true);
    expect(world.asked()).toEqual(['GET 200 permits']);
  });

  it('when lowered lets holders keep theirs, and nobody new in before there is room', async () => {
    const world = semaphoreWorld();
    const acquiring = Array.from({ length: 5 }, () => world.semaphore({ permits: 5 }).acquire());
    const leases = await world.settle(Promise.all(acquiring));
    const semaphore = world.semaphore();
    await world.settle(semaphore.setPermits(2));
    expect(await world.settle(semaphore.status())).toMatchObject({ permits: 2, held: 5, available: 0 });
    for (const [index, lease] of leases.entries()) {
      expect(lease.isHeld).toBe(true);
      expect(await world.settle(semaphore.tryAcquire())).toBeUndefined();
      await world.settle(lease.release());
      expect(await world.settle(semaphore.availablePermits())).toBe(Math.max(0, index - 2));
      if (index === 3) break;
    }
    const next = await world.settle(semaphore.tryAcquire());
    expect(next?.slots[0]).toMatch(/slot-000[01]$/);
    expect(await world.settle(semaphore.tryAcquire())).toBeUndefined();
  });

  it('when raised lets more in at once', async () => {
    const world = semaphoreWorld();
    const semaphore = world.semaphore({ permits: 1 });
    const first = await world.settle(semaphore.acquire());
    expect(await world.settle(semaphore.tryAcquire())).toBeUndefined();
    await world.settle(semaphore.setPermits(2));
    const second = await world.settle(semaphore.tryAcquire());
    expect([first.isHeld, second?.isHeld]).toEqual([true, true]);
  });

  it('stays stored as long as somebody acquires, at the cost of a write in half a day', async () => {
    const world = semaphoreWorld();
    const semaphore = world.semaphore({ permits: 2 });
    const updated = (): number =>
      (world.emulator.object(world.bucket, `${NAME}/permits`)?.updated ?? 0) / HOUR;
    await world.settle(semaphore.run(() => 1));
    const storedAt = updated();
    const patches: number[] = [];
    for (let hour = 4; hour <= 40; hour += 4) {
      await world.clock.advance(4 * HOUR);
      world.asked();
      await world.settle(Promise.all([semaphore.run(() => 1), world.semaphore().run(() => 1)]));
      await world.clock.advance(5_000);
      if (world.asked().includes('PATCH 200 permits')) patches.push(hour);
    }
    expect(storedAt).toBeGreaterThan(0);
    expect(patches).toEqual([12, 24, 36]);
  });

  it('is no business of a foreign object under its name, which is left alone', async () => {
    const world = semaphoreWorld();
    await put(world, { metadata: { schema: 'gcs-mutex/1' } }, `${NAME}/permits`);
    const semaphore = world.semaphore({ permits: 2 });
    for (const call of [
      () => semaphore.acquire(),
      () => semaphore.permits(),
      () => semaphore.status(),
      () => semaphore.setPermits(3),
    ] as (() => Promise<unknown>)[]) {
      await expect(world.settle(call())).rejects.toMatchObject({
        code: 'ERR_FOREIGN_OBJECT',
        lock: 'gs://memory/limits/reports/permits',
        message: expect.stringContaining('is not a semaphore of gcs-mutex'),
      });
    }
    expect(world.names()).toEqual(['permits']);
  });
});

describe('a semaphore', () => {
  it('is made of a URL, and says where it is and which times count', () => {
    const semaphore = GcsSemaphore.fromUrl('gs://some-bucket/a/b', { permits: 3, ttlMs: 30_000 });
    expect(semaphore.url).toBe('gs://some-bucket/a/b');
    expect(semaphore.timing).toEqual({ ttlMs: 30_000, refreshIntervalMs: 10_000, marginMs: 3_000 });
  });

  it.each([
    [{ permit: 3 }, 'unknown option "permit"; known are ttlMs'],
    [{ ttlMs: 1 }, 'ttlMs must be'],
    [[], 'options must be an object'],
  ])('refuses the options %j', (options, message) => {
    expect(() => new GcsSemaphore('some-bucket', 'a', options as never)).toThrow(message);
  });

  it('refuses a name that leaves no room for those below it', () => {
    expect(() => new GcsSemaphore('some-bucket', 'n'.repeat(1014))).not.toThrow();
    expect(() => new GcsSemaphore('some-bucket', 'n'.repeat(1015))).toThrow('name must be');
  });
});
