import { describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../src/errors.ts';
import { NAME, semaphoreWorld, type SemaphoreWorld } from './world.ts';

/** An admin removes a slot's object. */
function removeSlot(world: SemaphoreWorld, url: string | undefined): void {
  const name = String(url).replace(`gs://${world.bucket}/`, '');
  const path = `/storage/v1/b/${world.bucket}/o/${encodeURIComponent(name)}`;
  void world.emulator.handler(new Request(`http://127.0.0.1:4443${path}`, { method: 'DELETE' }));
}

describe('several permits', () => {
  it('are one lease, on as many slots', async () => {
    const world = semaphoreWorld();
    const lease = await world.settle(world.semaphore({ permits: 5 }).acquire({ permits: 3 }));
    expect(lease.permits).toBe(3);
    expect(new Set(lease.slots).size).toBe(3);
    expect(new Set(lease.leaseIds).size).toBe(3);
    expect(lease.isHeld).toBe(true);
    expect(lease.remainingMs).toBe(54_000);
    expect(await world.settle(world.semaphore().status())).toMatchObject({ held: 3, free: 2, available: 2 });
    await world.clock.advance(120_000);
    expect(lease.isHeld).toBe(true);
    const refreshed = lease.refresh();
    await world.settle(refreshed);
    expect(lease.remainingMs).toBe(54_000);
    expect(await world.settle(lease.release())).toBe(true);
    expect(lease.isHeld).toBe(false);
    expect(await world.settle(lease.release())).toBe(true);
    expect(() => lease.throwIfLost()).toThrow(expect.objectContaining({ code: 'ERR_LEASE_RELEASED' }));
    expect(world.names()).toEqual(['permits']);
  });

  it('are all or nothing: too few are not taken, and what was got while rivals were quicker is given back', async () => {
    const world = semaphoreWorld();
    const first = await world.settle(world.semaphore({ permits: 5 }).acquire({ permits: 3 }));
    world.asked();
    expect(await world.settle(world.semaphore().tryAcquire({ permits: 3 }))).toBeUndefined();
    expect(world.asked()).toEqual(['GET 200 list']);
    await world.settle(first.release());
    // Two of the slots that the list shows as free are taken before the inserts arrive.
    const held = world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.insert' },
      times: 100,
      do: { kind: 'hold' },
    });
    const losing = world.semaphore().tryAcquire({ permits: 4 });
    await world.clock.advance(0);
    held.remove();
    const rivals = await world.settle(world.semaphore().acquire({ permits: 2 }));
    held.release();
    expect(await world.settle(losing)).toBeUndefined();
    await world.clock.advance(0);
    expect(world.names()).toHaveLength(3);
    await world.settle(rivals.release());
  });

  it('wanted by many at once block nobody for good', async () => {
    const world = semaphoreWorld();
    const done: number[] = [];
    const work = async (permits: number): Promise<void> => {
      const semaphore = world.semaphore({ permits: 4, acquireTimeoutMs: Infinity });
      await semaphore.run(
        async (lease) => {
          await lease.refresh();
          done.push(permits);
        },
        { permits },
      );
    };
    await world.settle(Promise.all([3, 3, 4, 2, 2, 1, 4].map(work)));
    expect(done).toHaveLength(7);
    expect(world.names()).toEqual(['permits']);
    expect(world.clock.passedMs).toBeLessThan(60_000);
  });

  it('more than there are is a RangeError, before anything is sent where the number was given', async () => {
    const world = semaphoreWorld();
    await expect(world.semaphore({ permits: 3 }).acquire({ permits: 4 })).rejects.toThrow(
      'from 1 to 3, got 4',
    );
    expect(world.asked()).toEqual([]);
    await world.settle(world.semaphore().setPermits(2));
    await expect(world.settle(world.semaphore().acquire({ permits: 3 }))).rejects.toThrow(
      'permits must be a whole number from 1 to 2, got 3 with gs://memory/limits/reports',
    );
  });
});

describe('a lease on several permits', () => {
  it('is lost with the first that is lost, once, and the others are given back', async () => {
    const world = semaphoreWorld();
    const lease = await world.settle(world.semaphore({ permits: 3 }).acquire({ permits: 3 }));
    const reasons: unknown[] = [];
    lease.signal.addEventListener('abort', () => reasons.push(lease.signal.reason));
    removeSlot(world, lease.slots[1]);
    await world.clock.advance(25_000);
    expect(reasons).toEqual([expect.any(LeaseLostError)]);
    expect(lease.lossError).toMatchObject({ reason: 'deleted', lock: lease.slots[1] });
    expect([lease.isHeld, lease.remainingMs]).toEqual([false, 0]);
    expect(() => lease.throwIfLost()).toThrow(LeaseLostError);
    await expect(lease.refresh()).rejects.toBe(lease.lossError);
    expect(world.names()).toEqual(['permits']);
    expect(await world.settle(lease.release())).toBe(false);
  });

  it('is lost before anybody else can hold any of them where the store is out of reach', async () => {
    const world = semaphoreWorld();
    const process = world.process();
    const lease = await world.settle(world.semaphore({ permits: 2 }, process).acquire({ permits: 2 }));
    process.machine.stop();
    await world.clock.advance(60_000);
    const next = world.settle(world.semaphore().acquire({ permits: 2 }));
    expect((await next).isHeld).toBe(true);
    process.machine.resume();
    expect(lease.isHeld).toBe(false);
    expect(lease.lossError).toMatchObject({ reason: 'expired' });
    expect((await next).isHeld).toBe(true);
  });

  it('joins the caller’s signal inside run, and no longer than it lasts', async () => {
    const world = semaphoreWorld();
    const controller = new AbortController();
    const semaphore = world.semaphore({ permits: 2 });
    const running = semaphore.run(
      async (lease) => {
        controller.abort(new Error('stop'));
        expect(lease.signal.reason).toEqual(new Error('stop'));
        expect(lease.isHeld).toBe(true);
        return 7;
      },
      { permits: 2, signal: controller.signal },
    );
    expect(await world.settle(running)).toBe(7);
    expect(world.names()).toEqual(['permits']);
  });

  it('lost while work runs rejects once the work has settled, with its error as the cause', async () => {
    const world = semaphoreWorld();
    const failure = new Error('the work stopped');
    const running = world.semaphore({ permits: 2 }).run(
      async (lease) => {
        removeSlot(world, lease.slots[0]);
        await new Promise((resolve) => {
          lease.signal.addEventListener('abort', resolve);
        });
        throw failure;
      },
      { permits: 2 },
    );
    await expect(world.settle(running)).rejects.toMatchObject({ code: 'ERR_LEASE_LOST', cause: failure });
    await world.clock.advance(0);
    expect(world.names()).toEqual(['permits']);
  });

  it('is given back by `await using`, and a failure of that is reported, once for each permit', async () => {
    const world = semaphoreWorld();
    const errors: string[] = [];
    const semaphore = world.semaphore({ permits: 2, onReleaseError: ({ code }) => errors.push(code) });
    const lease = await world.settle(semaphore.acquire({ permits: 2 }));
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.delete' },
      times: 2,
      do: { kind: 'status', status: 403 },
    });
    await world.settle(lease[Symbol.asyncDispose]());
    expect(errors).toEqual(['ERR_PERMISSION_DENIED', 'ERR_PERMISSION_DENIED']);
    await expect(world.settle(lease.release())).resolves.toBe(true);
  });

  it('tells of a release that could not be confirmed, and still ends the others', async () => {
    const world = semaphoreWorld();
    const lease = await world.settle(world.semaphore({ permits: 2 }).acquire({ permits: 2 }));
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.delete' },
      do: { kind: 'status', status: 403 },
    });
    await expect(world.settle(lease.release())).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' });
    expect(world.names()).toHaveLength(2);
    await expect(lease.release({ timeout: 1 } as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    });
    expect(await world.settle(lease.release())).toBe(true);
    expect(world.names()).toEqual(['permits']);
  });
});

describe('tryRun', () => {
  it('runs with a permit, or says how the semaphore stands', async () => {
    const world = semaphoreWorld();
    const semaphore = world.semaphore({ permits: 1, holder: 'me' });
    const outer = semaphore.tryRun(async () => {
      const inner = await semaphore.tryRun(() => 2);
      expect(inner).toMatchObject({
        ran: false,
        status: { permits: 1, held: 1, available: 0, holders: [{ holder: 'me', slot: 0 }] },
      });
      return 1;
    });
    expect(await world.settle(outer)).toEqual({ ran: true, value: 1 });
    expect(world.emulator.objects(world.bucket).map(({ name }) => name)).toEqual([`${NAME}/permits`]);
  });
});
