import { expect, it } from 'vitest';
import { createWorld, limiterOf, settle } from '../rate/tools.ts';

it('whoever stands in line gets one of the first permits that come free, however often others look', async () => {
  const world = createWorld();
  const options = { limit: 2, windowMs: 1_000 };
  const once = () => limiterOf(world, { ...options, once: true });
  await settle(world, once().take(2));
  await world.clock.advance(2_000);
  let servedMs = Infinity;
  void limiterOf(world, options)
    .take()
    .then(() => (servedMs = world.clock.passedMs));
  // The ttl of what was taken at first, the second that times are cut to, its window, the room for clocks that differ.
  const mostMs = 15_000 + 1_000 + 1_000 + 2_000 + 2_000;
  let overtakenCount = 0;
  while (world.clock.passedMs < mostMs) {
    const { ok } = await settle(world, once().tryTake());
    if (ok) overtakenCount += 1;
    await world.clock.advance(200);
  }
  expect(overtakenCount).toBe(1);
  expect(servedMs).toBeLessThan(mostMs);
});
