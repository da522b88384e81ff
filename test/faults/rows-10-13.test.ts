import { expect } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { plant, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';
import type { World } from './world.ts';

const HOLD = { when: 'before', do: { kind: 'hold' } } as const;

function heldBy(world: World): string | undefined {
  return world.object()?.metadata?.['lease-id'];
}

/** Starts an acquisition whose create is under way until the script lets it go, and gives it up. */
async function giveUpWithCreateUnderWay(world: World) {
  const player = world.process();
  const late = strike(world, 'C', HOLD);
  const controller = new AbortController();
  const acquiring = player.mutex().acquire({ signal: controller.signal });
  await world.until('the create is under way', () => late.struck.length === 1);
  controller.abort(new Error('enough'));
  await expect(world.settle(acquiring)).rejects.toThrow('enough');
  return { player, late };
}

const lateCreates: readonly Row[] = [
  {
    row: 10,
    name: 'a late create that arrives soon after its acquire was aborted is never held, and is cleared away',
    play: async (world) => {
      const { player, late } = await giveUpWithCreateUnderWay(world);
      late.release();
      await world.until('it was applied', () => late.struck[0]?.applied === 200);
      await world.until('it was cleared away', () => world.object() === undefined);
      expect(player.events.filter(({ kind }) => kind === 'acquired')).toEqual([]);
    },
  },
  {
    row: 10,
    name: 'a late create that arrives after the clearing away is taken over at once by its own process',
    play: async (world) => {
      const { player, late } = await giveUpWithCreateUnderWay(world);
      await world.until('nothing is done any more', () => player.pendingCount() === 0);
      late.release();
      await world.until('it was applied', () => late.struck[0]?.applied === 200);
      const lease = await world.settle(player.mutex().tryAcquire());
      expect(lease?.isHeld).toBe(true);
      expect(await world.settle(lease?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
    },
  },
  {
    row: 10,
    name: 'a late create that arrives after the clearing away keeps others out for its ttl and no longer',
    play: async (world) => {
      const { player, late } = await giveUpWithCreateUnderWay(world);
      await world.until('nothing is done any more', () => player.pendingCount() === 0);
      late.release();
      await world.until('it was applied', () => late.struck[0]?.applied === 200);
      const other = world.process().mutex();
      expect(await world.settle(other.tryAcquire())).toBeUndefined();
      await world.outlast(world.options.ttlMs);
      const lease = await world.settle(other.acquire());
      expect(heldBy(world)).toBe(lease.leaseId);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
  {
    row: 10,
    name: 'a late create that meets the lock of somebody else leaves it alone',
    play: async (world) => {
      const { late } = await giveUpWithCreateUnderWay(world);
      const lease = await world.settle(world.process().mutex().acquire());
      late.release();
      await world.until('it was refused', () => late.struck[0]?.applied === 412);
      expect(heldBy(world)).toBe(lease.leaseId);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
];

const lateWritesOfHolders: readonly Row[] = [
  {
    row: 11,
    name: 'a late refresh that arrives after the release and the next acquisition changes nothing',
    play: async (world) => {
      const first = await world.settle(world.process().mutex().acquire());
      const late = strike(world, 'R', HOLD);
      const refreshing = first.refresh();
      const refused = expect(refreshing).rejects.toMatchObject({ code: 'ERR_LEASE_RELEASED' });
      await world.until('the refresh is under way', () => late.struck.length === 1);
      expect(await world.settle(first.release())).toBe(true);
      await refused;
      const second = await world.settle(world.process().mutex().acquire());
      const before = world.object();
      late.release();
      await world.until('it was refused', () => late.struck[0]?.applied === 412);
      expect(world.object()).toEqual(before);
      expect(await world.settle(second.release())).toBe(true);
    },
  },
  {
    row: 12,
    name: 'a late release that arrives after a takeover leaves the new holder alone',
    play: async (world) => {
      const first = await world.settle(world.process().mutex().acquire());
      const late = strike(world, 'D', HOLD, 100);
      await expect(world.settle(first.release({ timeoutMs: 200 }))).rejects.toThrow(StoreUnavailableError);
      late.remove();
      await world.outlast(world.options.ttlMs);
      const second = await world.settle(world.process().mutex().acquire());
      late.release();
      await world.until('all were refused', () => late.struck.every(({ applied }) => applied === 412));
      expect(heldBy(world)).toBe(second.leaseId);
      await world.settle(second.refresh());
      expect(await world.settle(second.release())).toBe(true);
    },
  },
];

const takeoversAtOnce: readonly Row[] = [
  {
    row: 13,
    name: 'of two waiters who take over at once exactly one succeeds, and the other goes on waiting',
    play: async (world) => {
      await plant(world);
      await world.outlast(world.options.ttlMs);
      const both = strike(world, 'T', HOLD, 2);
      const acquiring = [1, 2].map(() => world.process().mutex().acquire());
      await world.until('both take over', () => both.struck.length === 2);
      both.release();
      const first = await world.settle(Promise.race(acquiring));
      await world.until('both are decided', () => both.struck.every(({ applied }) => applied !== undefined));
      expect(new Set(both.struck.map(({ applied }) => applied))).toEqual(new Set([200, 412]));
      expect(heldBy(world)).toBe(first.leaseId);
      expect(await world.settle(first.release())).toBe(true);
      const leases = await world.settle(Promise.all(acquiring));
      const second = leases.find((lease) => lease !== first);
      expect(second?.isHeld).toBe(true);
      expect(await world.settle(second?.release() ?? Promise.reject(new Error('no second')))).toBe(true);
    },
  },
];

playRows([...lateCreates, ...lateWritesOfHolders, ...takeoversAtOnce]);
