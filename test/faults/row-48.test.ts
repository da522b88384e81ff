import { expect } from 'vitest';
import { edit, MATCH, plant, remove, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';
import type { World } from './world.ts';

/** A ttl short enough to be lost in a test. */
const SHORT = { ttlMs: 1_500, refreshIntervalMs: 400 };

function deleteCount(world: World): number {
  return world.emulator.requests.mutations().filter(({ method }) => method === 'DELETE').length;
}

const duringRefresh: readonly Row[] = [
  {
    row: 48,
    name: 'a release during a refresh cuts it off, rejects who waits for it, and is not undone by it',
    play: async (world) => {
      const player = world.process();
      const lease = await world.settle(player.mutex().acquire());
      const script = strike(world, 'R', { when: 'before', do: { kind: 'hold' } });
      const refreshed = lease.refresh().catch((reason: unknown) => reason);
      await world.until('the refresh is under way', () => script.struck.length === 1);
      const released = lease.release();
      expect(lease.isHeld).toBe(false);
      expect(await refreshed).toMatchObject({ code: 'ERR_LEASE_RELEASED' });
      expect(await world.settle(released)).toBe(true);
      expect(player.pendingCount(), 'nothing of the refresh goes on').toBe(0);
      script.release();
      await world.until('the refresh has arrived', () => script.struck[0]?.applied !== undefined);
      expect(script.struck[0]?.applied).toBe(404);
      expect(world.object()).toBeUndefined();
      expect(lease.isHeld).toBe(false);
    },
  },
  {
    row: 48,
    name: 'a release whose own refresh was applied on the way is not refused because of it',
    play: async (world) => {
      const lease = await world.settle(world.process().mutex().acquire());
      const script = strike(world, 'R', { when: 'after', do: { kind: 'hold' } });
      const refreshed = lease.refresh().catch((reason: unknown) => reason);
      await world.until('the refresh was applied', () => script.struck.length === 1);
      expect(await world.settle(lease.release())).toBe(true);
      expect(await refreshed).toMatchObject({ code: 'ERR_LEASE_RELEASED' });
      script.release();
    },
  },
];

const twice: Row = {
  row: 48,
  name: 'a release called twice, and disposed of, sends one request and gives the same answer',
  play: async (world) => {
    const lease = await world.settle(world.process().mutex().acquire());
    const both = [lease.release(), lease.release()];
    expect(await world.settle(Promise.all(both))).toEqual([true, true]);
    expect(await world.settle(lease.release())).toBe(true);
    await lease[Symbol.asyncDispose]();
    expect(deleteCount(world)).toBe(1);
  },
};

const afterExpiry: Row = {
  row: 48,
  name: 'a release after the lease expired and was taken over gives false, harms nobody, and revives nothing',
  play: async (world) => {
    const lease = await world.settle(world.process().mutex(SHORT).acquire());
    const script = world.emulator.faults.add({
      when: 'before',
      do: { kind: 'reset' },
      match: MATCH.R,
      times: 1_000,
    });
    await world.until('it is lost', () => lease.signal.aborted);
    script.remove();
    expect(lease.lossError?.reason).toBe('expired');
    const next = await world.settle(world.process().mutex().acquire());
    expect(await world.settle(lease.release())).toBe(false);
    expect(lease.isHeld).toBe(false);
    expect(() => lease.throwIfLost()).toThrow(expect.objectContaining({ code: 'ERR_LEASE_LOST' }));
    await expect(lease.refresh()).rejects.toMatchObject({ code: 'ERR_LEASE_LOST' });
    expect(world.object()?.metadata?.['lease-id']).toBe(next.leaseId);
    expect(await world.settle(next.release())).toBe(true);
  },
};

const afterLoss: readonly Row[] = [
  { reason: 'taken-over', happen: (world: World) => plant(world) },
  { reason: 'deleted', happen: remove },
  { reason: 'edited', happen: (world: World) => edit(world, { 'ttl-ms': '77777' }) },
].map(({ reason, happen }) => ({
  row: 48,
  name: `a release of a lease that was ${reason}, called by whoever hears of that, is false and sends nothing`,
  play: async (world) => {
    const lease = await world.settle(world.process().mutex().acquire());
    let released: Promise<boolean> | undefined;
    lease.signal.addEventListener('abort', () => {
      released = lease.release();
    });
    await happen(world);
    await expect(world.settle(lease.refresh())).rejects.toMatchObject({ reason });
    expect(await released).toBe(false);
    expect(await lease.release()).toBe(false);
    expect(
      world.emulator.requests
        .mutations()
        .filter(({ headers, method }) => method === 'DELETE' && headers['x-test-process']),
    ).toEqual([]);
  },
}));

playRows([...duringRefresh, twice, afterExpiry, ...afterLoss]);
