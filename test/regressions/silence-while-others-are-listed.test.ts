import { expect, it } from 'vitest';
import { poolWorld } from '../pool/world.ts';
import { semaphoreWorld } from '../semaphore/world.ts';

const STALL = { kind: 'stall' } as const;

it('a list that is never answered costs an acquisition one time limit of a request, and not all of its time', async () => {
  const world = semaphoreWorld();
  await world.settle(world.semaphore().setPermits(2));
  const match = { operation: 'objects.list' } as const;
  world.emulator.faults.add({ when: 'before', match, do: STALL });
  const askedAt = world.clock.passedMs;
  const lease = await world.settle(world.semaphore({ requestTimeoutMs: 2_000 }).acquire());
  expect(lease.isHeld).toBe(true);
  expect(world.clock.passedMs - askedAt).toBeLessThan(3_000);
});

it('names that are never read cost an acquisition the same, and the resource is not kept meanwhile in vain', async () => {
  const world = poolWorld();
  await world.settle(world.pool().add(['a']));
  const match = { operation: 'objects.get' } as const;
  world.emulator.faults.add({ when: 'before', match, do: STALL });
  const askedAt = world.clock.passedMs;
  const { lease } = await world.settle(world.pool({ requestTimeoutMs: 2_000 }).acquire());
  expect(lease.isHeld).toBe(true);
  expect(world.clock.passedMs - askedAt).toBeLessThan(3_000);
});
