import { expect, it } from 'vitest';
import { createWorld, limiterOf, settle } from '../rate/tools.ts';

/** Somebody gives up while the write for its permit is on its way: who is served by that, and how many then count as spent. */
async function spentAfterGivingUp(nextCount: number): Promise<unknown> {
  const world = createWorld();
  const options = { once: true, windowMs: 60_000 };
  await settle(world, limiterOf(world, options).take(2));
  await world.clock.advance(2_000);
  const limiter = limiterOf(world, options);
  world.emulator.faults.add({ when: 'before', match: { method: 'PATCH' }, do: { kind: 'delay', ms: 500 } });
  const first = limiter.take(1, { timeoutMs: 400 }).catch((error: unknown) => error);
  const second = limiter.take(nextCount);
  expect(await settle(world, first)).toMatchObject({ code: 'ERR_TAKE_TIMEOUT' });
  await settle(world, second);
  return settle(world, limiter.status());
}

it('a caller gets no permits by a write for another who gave up and wanted fewer', async () => {
  expect(await spentAfterGivingUp(5)).toMatchObject({ spent: 2 + 1 + 5, available: 2 });
});

it('a caller gets its permit by a write for another who gave up and wanted as many', async () => {
  expect(await spentAfterGivingUp(1)).toMatchObject({ spent: 2 + 1, available: 7 });
});
