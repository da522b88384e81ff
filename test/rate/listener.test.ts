import { expect, it } from 'vitest';
import { createWorld, limiterOf, settle } from './tools.ts';

it('a limiter listens to nothing once it was released while its document was still being read', async () => {
  const world = createWorld();
  const process = world.process();
  const limiter = limiterOf(world, {}, process);
  world.emulator.faults.add({
    when: 'before',
    match: { operation: 'objects.get' },
    do: { kind: 'delay', ms: 5_000 },
  });
  await expect(settle(world, limiter.take(1, { timeoutMs: 300 }))).rejects.toThrow();
  expect(process.machine.resumeListenerCount).toBe(1);
  await settle(world, limiter.release());
  await world.clock.advance(10_000);
  expect(process.machine.resumeListenerCount).toBe(0);
});
