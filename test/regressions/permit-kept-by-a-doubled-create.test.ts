import { expect, it } from 'vitest';
import { semaphoreWorld } from '../semaphore/world.ts';

it('a create that the network doubles, and whose second copy is answered, keeps the last permit from nobody', async () => {
  const world = semaphoreWorld();
  await world.settle(world.semaphore().setPermits(1));
  const match = { object: /slot-0000$/, method: 'POST' } as const;
  world.emulator.faults.add({ when: 'before', match, do: { kind: 'duplicate' } });
  const askedAt = world.clock.passedMs;
  const lease = await world.settle(world.semaphore().acquire());
  expect(lease.isHeld).toBe(true);
  // One pause, and not the ttl of a record that nobody refreshes.
  expect(world.clock.passedMs - askedAt).toBeLessThan(3_000);
  expect(await world.settle(lease.release())).toBe(true);
  expect(world.names()).toEqual(['permits']);
});
