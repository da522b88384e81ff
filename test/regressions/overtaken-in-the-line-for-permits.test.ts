import { expect, it } from 'vitest';
import { createWorld, limiterOf, settle } from '../rate/tools.ts';

it('a permit that comes free is left to whoever stands in line for it, though another looks first', async () => {
  const world = createWorld();
  const options = { limit: 2, windowMs: 1_000 };
  const once = () => limiterOf(world, { ...options, once: true });
  for (let taken = 0; taken < 2; taken += 1) {
    await settle(world, once().take());
    await world.clock.advance(2_000);
  }
  const waiting = limiterOf(world, options).take();
  // Whoever waits looks about once a second: others see sooner that one of the two is free.
  const observer = limiterOf(world, options);
  let available = 0;
  for (let look = 0; available === 0 && look < 1_000; look += 1) {
    await world.clock.advance(50);
    available = (await settle(world, observer.status()))?.available ?? 0;
  }
  expect(available).toBe(1);
  const freeMs = world.clock.passedMs;
  expect(await settle(world, once().tryTake())).toMatchObject({ ok: false });
  await settle(world, waiting);
  expect(world.clock.passedMs - freeMs).toBeLessThan(2_000);
});
