import { describe, expect, it } from 'vitest';
import { LeaseInDoubtError, LeaseLostError, LeaseReleasedError } from '../../src/errors.ts';
import { remove, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

const TTL_MS = 60_000;
const MARGIN_MS = 6_000;

describe('a lease', () => {
  it('is held from the send of the write that won it, for its ttl less the margin', async () => {
    const world = manualWorld();
    const answer = strike(world, 'C', { when: 'after', do: { kind: 'delay', ms: 3_000 } });
    const lease = await world.settle(world.process().mutex().acquire());
    expect(answer.struck).toHaveLength(1);
    expect(lease.remainingMs).toBe(TTL_MS - MARGIN_MS - 3_000);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('names its lock and its lease id, which is in the record and new for every acquisition', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const first = await world.settle(mutex.acquire());
    expect(first.lock).toBe('gs://memory/locks/one');
    expect(first.leaseId).toMatch(/^[0-9a-f]{32}$/);
    expect(world.object()?.metadata?.['lease-id']).toBe(first.leaseId);
    await world.settle(first.release());
    const second = await world.settle(mutex.acquire());
    expect(second.leaseId).not.toBe(first.leaseId);
    await world.settle(second.release());
    await world.end();
  });

  it('is refreshed in the background, each time counted from the send', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    strike(world, 'R', { when: 'after', do: { kind: 'delay', ms: 2_000 } });
    await world.advance(23_000);
    expect(lease.remainingMs).toBe(TTL_MS - MARGIN_MS - 3_000);
    await world.advance(10 * TTL_MS);
    expect(lease.isHeld).toBe(true);
    expect(player.events.filter(({ kind }) => kind === 'refreshed')).toHaveLength(31);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('is over at its deadline though a request is still under way, and not before', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    strike(world, 'R', { when: 'before', do: { kind: 'stall' } }, 100);
    strike(world, 'G', { when: 'before', do: { kind: 'stall' } }, 100);
    await world.advance(TTL_MS - MARGIN_MS - 1);
    expect(lease.isHeld).toBe(true);
    expect(lease.remainingMs).toBe(1);
    expect(lease.signal.aborted).toBe(false);
    await world.advance(1);
    expect(lease.isHeld).toBe(false);
    expect(lease.signal.aborted).toBe(true);
    await remove(world);
    await world.end();
  });

  it('aborts its signal on time though nobody looks at it and the store is silent', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    let abortedAt: number | undefined;
    lease.signal.addEventListener('abort', () => {
      abortedAt = world.nowMs();
    });
    for (const call of ['R', 'G'] as const) {
      strike(world, call, { when: 'before', do: { kind: 'status', status: 503 } }, 1_000);
    }
    await world.advance(2 * TTL_MS);
    expect(abortedAt).toBe(TTL_MS - MARGIN_MS);
    await remove(world);
    await world.end();
  });

  it('has a timer for its refresh and one for its end, and none once it was released', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    expect(player.machine.timerCount).toBe(2);
    await world.settle(lease.refresh());
    expect(player.machine.timerCount).toBe(2);
    expect(await world.settle(lease.release())).toBe(true);
    expect(player.pendingCount()).toBe(0);
  });

  it('aborts its signal once, with the loss, which throwIfLost and refresh then throw', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    expect(() => lease.throwIfLost()).not.toThrow();
    let abortCount = 0;
    lease.signal.addEventListener('abort', () => {
      abortCount += 1;
      expect(lease.isHeld).toBe(false);
    });
    await remove(world);
    await world.until('it is lost', () => lease.signal.aborted);
    const loss: unknown = lease.signal.reason;
    expect(loss).toBeInstanceOf(LeaseLostError);
    expect(lease.lossError).toBe(loss);
    expect(() => lease.throwIfLost()).toThrow(LeaseLostError);
    await expect(lease.refresh()).rejects.toBe(loss);
    await world.advance(10 * TTL_MS);
    expect(abortCount).toBe(1);
    await world.end();
  });

  it('that was released is no longer held, throws when it is used, and its signal has not aborted', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const releasing = lease.release();
    // At once, before the delete has arrived.
    expect(lease.isHeld).toBe(false);
    expect(lease.remainingMs).toBe(0);
    expect(() => lease.throwIfLost()).toThrow(LeaseReleasedError);
    await expect(lease.refresh()).rejects.toBeInstanceOf(LeaseReleasedError);
    expect(await world.settle(releasing)).toBe(true);
    expect(lease.signal.aborted).toBe(false);
    await world.end();
  });

  it('ends by await using', async () => {
    const world = manualWorld();
    const block = async (): Promise<void> => {
      await using lease = await world.process().mutex().acquire();
      expect(lease.isHeld).toBe(true);
    };
    await world.settle(block());
    expect(world.object()).toBeUndefined();
    await world.end();
  });

  it('ends by await using without a throw where the release fails', async () => {
    const world = manualWorld();
    const reported: string[] = [];
    const mutex = world.process().mutex({ onReleaseError: ({ code }) => void reported.push(code) });
    strike(world, 'D', { when: 'before', do: { kind: 'status', status: 403 } }, 100);
    const block = async (): Promise<string> => {
      await using lease = await mutex.acquire();
      return lease.leaseId;
    };
    await world.settle(block());
    expect(reported).toEqual(['ERR_PERMISSION_DENIED']);
    await world.end();
  });

  it('ends by await using without a report where only the patience of another release came to its end', async () => {
    const world = manualWorld();
    const player = world.process();
    const reported: unknown[] = [];
    const mutex = player.mutex({ onReleaseError: (error) => void reported.push(error) });
    const lease = await world.settle(mutex.acquire());
    strike(world, 'D', { when: 'before', do: { kind: 'stall' } }, 100);
    const controller = new AbortController();
    const { signal } = controller;
    // Just when the other one's time is up, and no sooner.
    player.machine.setTimer(8_000, 'foreground', () => controller.abort('enough'));
    const impatient = lease.release({ timeoutMs: 20_000, signal }).catch((reason: unknown) => reason);
    await world.settle(lease[Symbol.asyncDispose]());
    expect(await world.settle(impatient)).toBe('enough');
    expect(reported).toEqual([]);
    await remove(world);
    await world.end();
  });
});

describe('refresh', () => {
  it('starts a whole ttl, at a distance from the last write that the store can bear', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    await world.settle(lease.refresh());
    expect(world.nowMs()).toBe(1_000);
    expect(lease.remainingMs).toBe(TTL_MS - MARGIN_MS);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('never moves the deadline back', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    let before = lease.remainingMs + world.nowMs();
    for (let round = 0; round < 3; round += 1) {
      await world.settle(lease.refresh());
      const deadline = lease.remainingMs + world.nowMs();
      expect(deadline).toBeGreaterThanOrEqual(before);
      before = deadline;
    }
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('rejects with the loss where the lease is lost meanwhile', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    strike(world, 'R', { when: 'before', do: { kind: 'stall' } }, 100);
    await expect(world.settle(lease.refresh())).rejects.toMatchObject({ reason: 'expired' });
    await remove(world);
    await world.end();
  });
});

describe('a lease after a sleep of its machine', () => {
  it('is in doubt at once, and held again when a refresh sent since then was applied', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    player.machine.suspend();
    await world.advance(30_000);
    player.machine.wake();
    expect(lease.isHeld).toBe(false);
    expect(lease.signal.aborted).toBe(false);
    expect(() => lease.throwIfLost()).toThrow(LeaseInDoubtError);
    expect(player.events.map(({ kind }) => kind)).toEqual(['acquired', 'in-doubt']);
    await world.settle(lease.refresh());
    expect(lease.isHeld).toBe(true);
    expect(player.events.map(({ kind }) => kind)).toEqual(['acquired', 'in-doubt', 'refreshed']);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('is lost where somebody else took over meanwhile', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    player.machine.suspend();
    const next = await world.settle(world.process().mutex().acquire());
    player.machine.wake();
    expect(lease.isHeld).toBe(false);
    await expect(world.settle(lease.refresh())).rejects.toMatchObject({ reason: 'taken-over' });
    expect(await world.settle(lease.release())).toBe(false);
    expect(await world.settle(next.release())).toBe(true);
    await world.end();
  });

  it('is asked for anew after SIGCONT, whatever the clocks say', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    await world.advance(5_000);
    player.machine.stop();
    player.machine.resume();
    expect(lease.isHeld).toBe(false);
    await world.settle(lease.refresh());
    expect(lease.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('is not confused by a callback that looks at it when a refresh from before the sleep fails', async () => {
    const world = manualWorld();
    const player = world.process();
    const seen: boolean[] = [];
    const lease = await world.settle(
      player.mutex({ mutationIntervalMs: 0, onRefreshError: () => void seen.push(lease.isHeld) }).acquire(),
    );
    const busy = { kind: 'status', status: 429 } as const;
    const answer = world.emulator.faults.add({
      when: 'before',
      do: { kind: 'hold' },
      match: { operation: 'objects.patch' },
    });
    const first = strike(world, 'R', { when: 'before', do: busy });
    const refreshed = lease.refresh();
    await world.until('the refresh is under way', () => answer.struck.length === 1);
    player.machine.suspend();
    await world.advance(30_000);
    player.machine.wake();
    const wokeAt = world.nowMs();
    answer.release();
    await world.settle(refreshed);
    expect(world.nowMs(), 'what failed before the sleep delays nothing').toBe(wokeAt);
    expect(first.struck).toHaveLength(1);
    expect(seen).toEqual([false]);
    expect(lease.isHeld).toBe(true);
    const patches = world.emulator.requests.mutations().filter(({ method }) => method === 'PATCH');
    expect(patches, 'the one that failed, and the one that decided').toHaveLength(2);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });
});
