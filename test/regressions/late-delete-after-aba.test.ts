import { expect, it } from 'vitest';
import { strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/**
 * Where a release is guarded by the metageneration alone: A holds, never having refreshed, so that its lock is
 * at metageneration 1. Its delete is held up; its ttl passes; B takes over, at metageneration 1 again. A's
 * delete arrives, fits, and ends B's lock.
 */
it('a delete that arrives late, at the same metageneration of another generation, leaves the new lock alone', async () => {
  const world = manualWorld();
  const first = await world.settle(world.process().mutex().acquire());
  expect(world.object()?.metageneration).toBe(1n);
  const late = strike(world, 'D', { when: 'before', do: { kind: 'hold' } }, 100);
  await expect(world.settle(first.release())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
  late.remove();
  const second = await world.settle(world.process().mutex().acquire());
  expect(world.object()?.metageneration).toBe(1n);
  late.release();
  await world.until('it was decided', () => late.struck.every(({ applied }) => applied !== undefined));
  expect(world.object()?.metadata?.['lease-id']).toBe(second.leaseId);
  await world.settle(second.refresh());
  expect(second.isHeld).toBe(true);
  expect(await world.settle(second.release())).toBe(true);
  await world.end();
});
