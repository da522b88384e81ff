import { expect } from 'vitest';
import { strike } from './calls.ts';
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

playRows(lateCreates);
