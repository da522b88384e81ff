import { describe, expect, it } from 'vitest';
import type { GcsMutexError } from '../../src/errors.ts';
import type { Lease } from '../../src/lease.ts';
import { rest } from '../../src/testing/index.ts';
import { type Call, MATCH, plant, strike } from './calls.ts';
import { manualWorld } from './world.ts';

const WHY = new Error('the caller has had enough');

describe('an abort', () => {
  for (const call of ['C', 'G', 'T'] as const satisfies readonly Call[]) {
    for (const when of ['before', 'after'] as const) {
      it(`row 46: during ${call}, ${when} its turn, rejects at once and leaves nothing behind`, async () => {
        const world = manualWorld();
        if (call !== 'C') await plant(world);
        if (call === 'T') await world.outlast(60_000);
        const script = world.emulator.faults.add({ when, do: { kind: 'hold' }, match: MATCH[call] });
        const controller = new AbortController();
        const acquiring = world.process().mutex().acquire({ signal: controller.signal });
        const rejected = acquiring.catch((reason: unknown) => reason);
        await world.until('it is under way', () => script.struck.length === 1);
        const startedAt = world.nowMs();
        controller.abort(WHY);
        expect(await rejected).toBe(WHY);
        expect(world.nowMs()).toBe(startedAt);
        script.release();
        await world.end();
        const left = world.object()?.metadata?.['lease-id'];
        expect(left, 'nothing, or what was there before').toBe(call === 'G' ? 'd'.repeat(32) : undefined);
      });
    }
  }

  it('row 46: before the call sends nothing', async () => {
    const world = manualWorld();
    const signal = AbortSignal.abort(WHY);
    const mutex = world.process().mutex();
    const calls = [
      () => mutex.acquire({ signal }),
      () => mutex.tryAcquire({ signal }),
      () => mutex.run(() => 1, { signal }),
      () => mutex.tryRun(() => 1, { signal }),
      () => mutex.status({ signal }),
      () => mutex.breakLock({ signal }),
    ];
    for (const call of calls) await expect(world.settle<unknown>(call())).rejects.toBe(WHY);
    expect(world.emulator.requests.count).toBe(0);
    await world.end();
  });

  it('row 46: between two reads of a waiting caller rejects at once', async () => {
    const world = manualWorld();
    await plant(world);
    const controller = new AbortController();
    const rejected = world
      .process()
      .mutex()
      .acquire({ signal: controller.signal })
      .catch((reason: unknown) => reason);
    await world.advance(5_000);
    const { count } = world.emulator.requests;
    controller.abort(WHY);
    expect(await rejected).toBe(WHY);
    await world.advance(60_000);
    expect(world.emulator.requests.count).toBe(count);
    await world.end();
  });

  it('row 46: while a late grant is being confirmed by a refresh rejects at once and leaves nothing', async () => {
    const world = manualWorld();
    const player = world.process();
    const answer = strike(world, 'C', { when: 'after', do: { kind: 'hold' } });
    const controller = new AbortController();
    const acquiring = player.mutex().acquire({ signal: controller.signal });
    const rejected = acquiring.catch((reason: unknown) => reason);
    await world.until('the create is answered', () => answer.struck.length === 1);
    player.machine.stop();
    answer.release();
    await world.advance(60_000);
    const refresh = strike(world, 'R', { when: 'before', do: { kind: 'hold' } });
    player.machine.resume(true);
    await world.until('it is being confirmed', () => refresh.struck.length === 1);
    controller.abort(WHY);
    expect(await rejected).toBe(WHY);
    refresh.release();
    await world.end();
    expect(world.object()).toBeUndefined();
  });

  it('row 46: of status, breakLock, refresh and release rejects at once', async () => {
    const world = manualWorld();
    const player = world.process();
    const mutex = player.mutex();
    const lease = await world.settle(mutex.acquire());
    for (const call of ['G', 'R', 'D'] as const)
      strike(world, call, { when: 'before', do: { kind: 'stall' } }, 100);
    const calls = [
      (signal: AbortSignal) => mutex.status({ signal }),
      (signal: AbortSignal) => mutex.breakLock({ signal }),
      (signal: AbortSignal) => lease.refresh({ signal }),
      (signal: AbortSignal) => lease.release({ signal }),
    ];
    for (const call of calls) {
      const controller = new AbortController();
      const rejected = call(controller.signal).catch((reason: unknown) => reason);
      await rest();
      controller.abort(WHY);
      expect(await rejected).toBe(WHY);
    }
    expect(lease.isHeld).toBe(false);
    await world.end();
  });
});

describe('a run', () => {
  it('row 47: whose callback throws and whose release fails too rejects with what the callback threw', async () => {
    const world = manualWorld();
    const player = world.process();
    const reported: GcsMutexError[] = [];
    const mutex = player.mutex({ onReleaseError: (error) => void reported.push(error) });
    strike(world, 'D', { when: 'before', do: { kind: 'status', status: 503 } }, 1_000);
    const broken = mutex.run(() => Promise.reject(WHY));
    await expect(world.settle(broken)).rejects.toBe(WHY);
    expect(reported).toMatchObject([{ code: 'ERR_STORE_UNAVAILABLE', status: 503 }]);
    expect(player.events.at(-1)).toMatchObject({ kind: 'release-failed', error: reported[0] });
    await world.end();
  });
});

describe('a release', () => {
  it('row 48: during a refresh cuts it off, and rejects who waits for it', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const script = strike(world, 'R', { when: 'before', do: { kind: 'hold' } });
    const refreshed = lease.refresh().catch((reason: unknown) => reason);
    await world.until('the refresh is under way', () => script.struck.length === 1);
    const released = lease.release();
    expect(await refreshed).toMatchObject({ code: 'ERR_LEASE_RELEASED' });
    expect(await world.settle(released)).toBe(true);
    script.release();
    await rest();
    expect(script.struck[0]?.applied).toBe(404);
    expect(world.object()).toBeUndefined();
    await world.end();
  });

  it('row 48: whose own refresh was applied on the way is not refused because of it', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const script = strike(world, 'R', { when: 'after', do: { kind: 'hold' } });
    const refreshed = lease.refresh().catch((reason: unknown) => reason);
    await world.until('the refresh was applied', () => script.struck.length === 1);
    expect(await world.settle(lease.release())).toBe(true);
    await refreshed;
    await world.end();
  });

  it('row 48: called twice sends one request and gives the same answer', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const both = [lease.release(), lease.release()];
    expect(await world.settle(Promise.all(both))).toEqual([true, true]);
    expect(await world.settle(lease.release())).toBe(true);
    await lease[Symbol.asyncDispose]();
    const deletes = world.emulator.requests.mutations().filter(({ method }) => method === 'DELETE');
    expect(deletes).toHaveLength(1);
    await world.end();
  });

  it('row 48: after a loss gives false, harms nobody, and revives nothing', async () => {
    const world = manualWorld();
    const lease: Lease = await world.settle(world.process().mutex().acquire());
    strike(world, 'R', { when: 'before', do: { kind: 'reset' } }, 1_000);
    const next = await world.settle(world.process().mutex().acquire());
    expect(lease.lossError?.reason).toBe('expired');
    expect(await world.settle(lease.release())).toBe(false);
    expect(lease.isHeld).toBe(false);
    expect(() => lease.throwIfLost()).toThrow(expect.objectContaining({ code: 'ERR_LEASE_LOST' }));
    expect(world.object()?.metadata?.['lease-id']).toBe(next.leaseId);
    expect(await world.settle(next.release())).toBe(true);
    await world.end();
  });
});
