import { describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../src/errors.ts';
import type { GcsMutexError } from '../../src/errors.ts';
import type { Lease } from '../../src/lease.ts';
import { plant, remove, strike } from '../faults/calls.ts';
import { manualWorld, type ManualWorld } from '../faults/world.ts';

const WHY = new Error('the work went wrong');

/** Resolves when the lease has aborted its signal, as well-behaved work does. */
function untilAborted(lease: Lease): Promise<void> {
  return new Promise((resolve) => {
    lease.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Makes every refresh fail from now on. */
function cutOff(world: ManualWorld): void {
  strike(world, 'R', { when: 'before', do: { kind: 'reset' } }, 1_000);
}

describe('run', () => {
  it('holds the lock for the whole of the callback, gives its value, and releases', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const value = await world.settle(
      mutex.run(async (lease) => {
        await world.advance(300_000);
        expect(lease.isHeld).toBe(true);
        expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
        return 42;
      }),
    );
    expect(value).toBe(42);
    expect(world.object()).toBeUndefined();
    await world.end();
  });

  it.each([
    ['rejects', (): Promise<never> => Promise.reject(WHY)],
    [
      'throws',
      (): never => {
        throw WHY;
      },
    ],
  ])('releases when the callback %s, and rejects with the very same error', async (_how, callback) => {
    const world = manualWorld();
    await expect(world.settle(world.process().mutex().run(callback))).rejects.toBe(WHY);
    expect(world.object()).toBeUndefined();
    await world.end();
  });

  it('takes no lock for what is not a function', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const notAFunction = 'not a function' as never;
    for (const calling of [mutex.run(notAFunction), mutex.tryRun(notAFunction)]) {
      await expect(calling).rejects.toThrow('callback must be a function, got "not a function"');
    }
    expect(world.emulator.requests.count).toBe(0);
  });

  it('waits on a loss until the callback has settled, then rejects with the loss', async () => {
    const world = manualWorld();
    let isDone = false;
    const running = world
      .process()
      .mutex()
      .run(async (lease) => {
        cutOff(world);
        await untilAborted(lease);
        await world.advance(5_000);
        isDone = true;
        return 'too late';
      });
    await expect(world.settle(running)).rejects.toBeInstanceOf(LeaseLostError);
    expect(isDone).toBe(true);
    await world.end();
  });

  it('rejects on a loss with the error of the callback as the cause', async () => {
    const world = manualWorld();
    const running = world
      .process()
      .mutex()
      .run(async (lease) => {
        cutOff(world);
        await untilAborted(lease);
        throw WHY;
      });
    await expect(world.settle(running)).rejects.toMatchObject({ code: 'ERR_LEASE_LOST', cause: WHY });
    await world.end();
  });

  it('rejects with the loss itself where the callback throws that', async () => {
    const world = manualWorld();
    let loss: unknown;
    const running = world
      .process()
      .mutex()
      .run(async (lease) => {
        cutOff(world);
        await untilAborted(lease);
        loss = lease.signal.reason;
        lease.throwIfLost();
      });
    const error: unknown = await world.settle(running).catch((reason: unknown) => reason);
    expect(error).toBe(loss);
    expect(error).not.toHaveProperty('cause');
    await world.end();
  });

  it('reports trouble with the release, and fails no finished work for it', async () => {
    const world = manualWorld();
    const reported: GcsMutexError[] = [];
    const mutex = world.process().mutex({ onReleaseError: (error) => void reported.push(error) });
    strike(world, 'D', { when: 'before', do: { kind: 'stall' } }, 100);
    expect(await world.settle(mutex.run(() => 'done'))).toBe('done');
    expect(reported).toMatchObject([{ code: 'ERR_STORE_UNAVAILABLE' }]);
    await world.end();
  });

  it('lets the callback release early', async () => {
    const world = manualWorld();
    const running = world
      .process()
      .mutex()
      .run(async (lease) => {
        expect(await lease.release()).toBe(true);
        return 'done';
      });
    expect(await world.settle(running)).toBe('done');
    await world.end();
  });

  it("joins the caller's signal into the signal of the lease, and the lock stays held meanwhile", async () => {
    const world = manualWorld();
    const controller = new AbortController();
    const running = world
      .process()
      .mutex()
      .run(
        async (lease) => {
          controller.abort(WHY);
          expect(lease.signal.reason).toBe(WHY);
          expect(lease.isHeld).toBe(true);
          await world.advance(100);
          lease.signal.throwIfAborted();
        },
        { signal: controller.signal },
      );
    await expect(world.settle(running)).rejects.toBe(WHY);
    expect(world.object()).toBeUndefined();
    await world.end();
  });

  it('does not pass work for done that ended after a sleep in which somebody else held the lock', async () => {
    const world = manualWorld();
    const player = world.process();
    const running = player.mutex().run(async () => {
      player.machine.suspend();
      const other = await world.settle(world.process().mutex().acquire());
      await world.settle(other.release());
      player.machine.wake();
      return 'done, but not alone';
    });
    await expect(world.settle(running)).rejects.toMatchObject({ code: 'ERR_LEASE_LOST' });
    await world.end();
  });

  it('gives the value of work that ended after a sleep in which nobody wanted the lock', async () => {
    const world = manualWorld();
    const player = world.process();
    const running = player.mutex().run(async () => {
      player.machine.suspend();
      await world.advance(100_000);
      player.machine.wake();
      return 'done';
    });
    expect(await world.settle(running)).toBe('done');
    await world.end();
  });
});

describe('tryRun', () => {
  it('runs where the lock is free', async () => {
    const world = manualWorld();
    const result = await world.settle(
      world
        .process()
        .mutex()
        .tryRun((lease) => lease.isHeld),
    );
    expect(result).toEqual({ ran: true, value: true });
    expect(world.object()).toBeUndefined();
    await world.end();
  });

  it("joins the caller's signal into the signal of the lease", async () => {
    const world = manualWorld();
    const controller = new AbortController();
    const running = world
      .process()
      .mutex()
      .tryRun(
        (lease) => {
          controller.abort(WHY);
          expect(lease.isHeld).toBe(true);
          lease.signal.throwIfAborted();
        },
        { signal: controller.signal },
      );
    await expect(world.settle(running)).rejects.toBe(WHY);
    expect(world.object()).toBeUndefined();
    await world.end();
  });

  it('runs nothing where it is held, and says by whom', async () => {
    const world = manualWorld();
    await plant(world, { holder: 'nightly job, task 3' });
    let didRun = false;
    const result = await world.settle(
      world
        .process()
        .mutex()
        .tryRun(() => {
          didRun = true;
        }),
    );
    expect(result).toMatchObject({ ran: false, holder: 'nightly job, task 3', status: { ttlMs: 60_000 } });
    expect(didRun).toBe(false);
    await remove(world);
    await world.end();
  });

  it('runs nothing where the store is too busy to say', async () => {
    const world = manualWorld();
    strike(world, 'C', { when: 'before', do: { kind: 'status', status: 429 } }, 100);
    const result = await world.settle(
      world
        .process()
        .mutex()
        .tryRun(() => 1),
    );
    expect(result).toEqual({ ran: false, holder: undefined, status: undefined });
    await world.end();
  });

  it('rejects where the callback does, and where the store fails', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    await expect(world.settle(mutex.tryRun(() => Promise.reject(WHY)))).rejects.toBe(WHY);
    strike(world, 'C', { when: 'before', do: { kind: 'status', status: 403 } }, 100);
    await expect(world.settle(mutex.tryRun(() => 1))).rejects.toMatchObject({
      code: 'ERR_PERMISSION_DENIED',
    });
    await world.end();
  });
});
