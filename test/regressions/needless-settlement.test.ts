import { expect, it } from 'vitest';
import { MATCH, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/**
 * What a write with an unknown outcome may leave behind is looked for after the release, read after read for
 * `requestTimeoutMs`. Where a read has shown that very write to be the one that won, there is nothing to look for.
 */
it('a lock whose lost answer was recognised sends nothing more once it is released', async () => {
  const world = manualWorld();
  const player = world.process();
  strike(world, 'C', { when: 'after', do: { kind: 'reset' } });
  const lease = await world.settle(player.mutex().acquire());
  expect(await world.settle(lease.release())).toBe(true);
  expect(player.pendingCount()).toBe(0);
  await world.advance(60_000);
  expect(world.emulator.requests.all().map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
  await world.end();
});

it('of two lost creates the other one, should it come after the release, is still cleared away', async () => {
  const world = manualWorld();
  const late = world.emulator.faults.add({ when: 'before', do: { kind: 'hold' }, match: MATCH.C });
  const mutex = world.process().mutex({ requestTimeoutMs: 2_000 });
  const acquiring = mutex.acquire();
  await world.until('the first create is under way', () => late.struck.length === 1);
  strike(world, 'C', { when: 'after', do: { kind: 'reset' } });
  const lease = await world.settle(acquiring);
  expect(await world.settle(lease.release())).toBe(true);
  late.release();
  await world.until('the late create was applied', () => late.struck[0]?.applied === 200);
  await world.end();
  expect(world.object()).toBeUndefined();
});
