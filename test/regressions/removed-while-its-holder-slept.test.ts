import { expect, it } from 'vitest';
import { poolWorld } from '../pool/world.ts';

it('a resource that a removal says is out of use is not held again by a holder that wakes from a sleep', async () => {
  const world = poolWorld();
  const sleeper = world.process();
  const pool = world.pool({ resources: ['a', 'b'] }, sleeper);
  const held = await world.settle(pool.acquire({ only: ['a'] }));
  sleeper.machine.suspend();
  await world.clock.advance(70_000);
  expect(await world.settle(world.pool().remove(['a']))).toEqual([]);
  expect(world.names()).toEqual(['resources']);
  sleeper.machine.wake();
  // Its monotonic clock stood still: for all that it knows its time is not over.
  await expect(world.settle(held.refresh())).rejects.toMatchObject({
    code: 'ERR_LEASE_LOST',
    reason: 'deleted',
  });
  expect(held.lease.isHeld).toBe(false);
});

it('a resource whose holder wakes just before it is ended is said to be in use', async () => {
  const world = poolWorld();
  const sleeper = world.process();
  const held = await world.settle(world.pool({ resources: ['a', 'b'] }, sleeper).acquire({ only: ['a'] }));
  sleeper.machine.suspend();
  await world.clock.advance(70_000);
  const slow = world.emulator.faults.add({
    when: 'before',
    match: { object: /use-a$/, method: 'DELETE' },
    do: { kind: 'hold' },
  });
  const removing = world.pool().remove(['a']);
  await world.clock.advance(0);
  expect(slow.struck).toHaveLength(1);
  sleeper.machine.wake();
  await world.settle(held.refresh());
  slow.release();
  expect(await world.settle(removing)).toEqual(['a']);
  expect(held.lease.isHeld).toBe(true);
});
