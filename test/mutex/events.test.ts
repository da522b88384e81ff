import { channel } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import { EVENTS_CHANNEL, type LockEvent } from '../../src/events.ts';
import type { GcsMutexError } from '../../src/errors.ts';
import { createTestBucket } from '../through/bucket.ts';
import { plant, remove, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/** A callback of a user's, broken in every way that a callback can be. */
function broken(calls: unknown[]) {
  return (argument: unknown): unknown => {
    calls.push(argument);
    if (calls.length % 2 === 0) throw new Error('a callback that throws');
    return Promise.reject(new Error('a callback that rejects'));
  };
}

describe('the events of a lock', () => {
  it('tell the life of a lease in order', async () => {
    const world = manualWorld();
    const holder = world.process();
    const lease = await world.settle(holder.mutex({ holder: 'the first' }).acquire());
    const waiter = world.process();
    const acquiring = waiter.mutex().acquire();
    await world.advance(25_000);
    expect(await world.settle(lease.release())).toBe(true);
    const next = await world.settle(acquiring);
    expect(await world.settle(next.release())).toBe(true);
    expect(holder.events.map(({ kind }) => kind)).toEqual(['acquired', 'refreshed', 'released']);
    expect(holder.events[1]).toMatchObject({ remainingMs: 54_000 });
    expect(holder.events[2]).toMatchObject({ wasHeld: true });
    expect(waiter.events.map(({ kind }) => kind)).toEqual(['waiting', 'acquired', 'released']);
    expect(waiter.events[0]).toMatchObject({ leaseId: next.leaseId, holder: { holder: 'the first' } });
    for (const event of holder.events) {
      expect(event).toMatchObject({ lock: 'gs://memory/locks/one', leaseId: lease.leaseId });
    }
    await world.end();
  });

  it('tell of the release of a lease that was lost before, and that it was not held', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    await remove(world);
    await world.until('it is lost', () => lease.signal.aborted);
    const { count } = world.emulator.requests;
    expect(await world.settle(lease.release())).toBe(false);
    expect(world.emulator.requests.count, 'there is nothing to be asked').toBe(count);
    expect(player.events.slice(1)).toMatchObject([
      { kind: 'lost', reason: 'deleted' },
      { kind: 'released', wasHeld: false },
    ]);
    await world.end();
  });

  it('tell of a loss, and of no refresh that failed on the way to it', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    strike(world, 'R', { when: 'before', do: { kind: 'reset' } });
    await remove(world);
    await world.until('it is lost', () => lease.signal.aborted);
    expect(player.events.slice(1)).toMatchObject([{ kind: 'lost', reason: 'deleted' }]);
    await world.end();
  });

  it('tell of a release that the store did not confirm, and not of one whose caller lost patience', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    const script = strike(world, 'D', { when: 'before', do: { kind: 'stall' } }, 100);
    const controller = new AbortController();
    const impatient = lease.release({ signal: controller.signal }).catch((reason: unknown) => reason);
    await world.until('it is under way', () => script.struck.length === 1);
    controller.abort('enough');
    expect(await world.settle(impatient)).toBe('enough');
    expect(player.events.map(({ kind }) => kind)).toEqual(['acquired']);
    await expect(world.settle(lease.release())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(player.events.slice(1)).toMatchObject([
      { kind: 'release-failed', error: { code: 'ERR_STORE_UNAVAILABLE' } },
    ]);
    await remove(world);
    await world.end();
  });

  it('name each holder once while one waits', async () => {
    const world = manualWorld();
    await plant(world, { leaseId: '1'.repeat(32), holder: 'one' });
    const waiter = world.process();
    const acquiring = waiter.mutex().acquire();
    await world.advance(10_000);
    await plant(world, { leaseId: '2'.repeat(32), holder: 'two' });
    await world.advance(10_000);
    await remove(world);
    const lease = await world.settle(acquiring);
    expect(await world.settle(lease.release())).toBe(true);
    const seen = waiter.events.flatMap((event) => (event.kind === 'waiting' ? [event.holder.holder] : []));
    expect(seen).toEqual(['one', 'two']);
    await world.end();
  });

  it('come to the diagnostics channel as they come to the logger', async () => {
    const received: unknown[] = [];
    const subscriber = (message: unknown): void => void received.push(message);
    const events = channel(EVENTS_CHANNEL);
    events.subscribe(subscriber);
    try {
      const world = manualWorld();
      const player = world.process();
      const lease = await world.settle(player.mutex().acquire());
      expect(await world.settle(lease.release())).toBe(true);
      expect(received).toEqual(player.events);
      await world.end();
    } finally {
      events.unsubscribe(subscriber);
    }
  });

  it('may go to a logger that throws or rejects, and nothing else changes', async () => {
    const { clock, bucket, emulator, process } = createTestBucket();
    const calls: unknown[] = [];
    const lease = await process()
      .mutex('a', {}, { logger: broken(calls) })
      .acquire();
    await clock.advance(100_000);
    expect(lease.isHeld).toBe(true);
    expect(await lease.release()).toBe(true);
    expect(emulator.objects(bucket)).toEqual([]);
    expect(calls.length).toBeGreaterThan(5);
  });

  it('come at a moment at which the lease already says the same', async () => {
    const { clock, process, emulator, bucket } = createTestBucket();
    const seen: string[] = [];
    const logger = (event: LockEvent): void => {
      if (event.kind !== 'acquired') seen.push(`${event.kind} ${lease.isHeld}`);
    };
    const lease = await process().mutex('a', {}, { logger }).acquire();
    await clock.advance(20_000);
    emulator.faults.add({
      when: 'before',
      do: { kind: 'reset' },
      match: { method: 'PATCH' },
      times: Infinity,
    });
    await clock.advance(60_000);
    expect(seen[0]).toBe('refreshed true');
    expect(seen).toContain('refresh-failed true');
    expect(seen.at(-1)).toBe('lost false');
    expect(emulator.objects(bucket)).toHaveLength(1);
  });
});

describe('the callbacks for errors', () => {
  it('are told of refreshes that fail, and may throw or reject', async () => {
    const world = manualWorld();
    const calls: GcsMutexError[] = [];
    const lease = await world.settle(
      world
        .process()
        .mutex({ onRefreshError: broken(calls) })
        .acquire(),
    );
    strike(world, 'R', { when: 'before', do: { kind: 'status', status: 403 } }, 5);
    await world.advance(60_000);
    expect(calls).toHaveLength(5);
    expect(calls[0]).toMatchObject({ code: 'ERR_PERMISSION_DENIED', status: 403 });
    expect(lease.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('are told of releases that fail, and may throw or reject', async () => {
    const world = manualWorld();
    const calls: GcsMutexError[] = [];
    const mutex = world.process().mutex({ onReleaseError: broken(calls) });
    strike(world, 'D', { when: 'before', do: { kind: 'status', status: 403 } }, 2);
    expect(await world.settle(mutex.run(() => 'done'))).toBe('done');
    await remove(world);
    expect(await world.settle(mutex.run(() => 'done again'))).toBe('done again');
    expect(calls).toHaveLength(2);
    await remove(world);
    await world.end();
  });

  it('may release the lease that they are told of', async () => {
    const world = manualWorld();
    let released: Promise<boolean> | undefined;
    const onRefreshError = (): void => {
      released ??= lease.release();
    };
    const lease = await world.settle(world.process().mutex({ onRefreshError }).acquire());
    strike(world, 'R', { when: 'before', do: { kind: 'status', status: 429 } }, 5);
    await world.until('it was released', () => released !== undefined);
    expect(await world.settle(released ?? Promise.reject(new Error('not released')))).toBe(true);
    await world.end();
  });
});
