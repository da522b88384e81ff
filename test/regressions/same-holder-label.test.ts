import { expect, it } from 'vitest';
import { strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/**
 * Where "the lock is mine" means "it names my host", two processes of one host, or two containers of one
 * name, adopt each other's lock: both hold.
 */
const SAME = { holder: 'worker-1' };

it("two clients of the same label do not adopt each other's lock", async () => {
  const world = manualWorld();
  const first = await world.settle(world.process().mutex(SAME).acquire());
  const other = world.process().mutex(SAME);
  expect(await world.settle(other.tryAcquire())).toBeUndefined();
  await expect(world.settle(other.acquire({ timeoutMs: 30_000 }))).rejects.toMatchObject({
    code: 'ERR_ACQUIRE_TIMEOUT',
    holder: { holder: 'worker-1' },
  });
  expect(first.isHeld).toBe(true);
  expect(await world.settle(first.release())).toBe(true);
  await world.end();
});

it('a client whose create got no answer does not take the lock of its namesake for its own', async () => {
  const world = manualWorld();
  const lost = strike(world, 'C', { when: 'before', do: { kind: 'hold' } });
  const waiting = world.process();
  const acquiring = waiting
    .mutex(SAME)
    .acquire({ timeoutMs: 30_000 })
    .catch((reason: unknown) => reason);
  await world.until('its create is under way', () => lost.struck.length === 1);
  const lease = await world.settle(world.process().mutex(SAME).acquire());
  expect(await world.settle(acquiring)).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT' });
  lost.release();
  expect(waiting.events.filter(({ kind }) => kind === 'acquired')).toEqual([]);
  expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
  expect(await world.settle(lease.release())).toBe(true);
  await world.end();
});

it('two callers that share one mutex object cannot release for each other', async () => {
  const world = manualWorld();
  const mutex = world.process().mutex(SAME);
  const first = await world.settle(mutex.acquire());
  expect(await world.settle(first.release())).toBe(true);
  const second = await world.settle(mutex.acquire());
  expect(await world.settle(first.release())).toBe(true);
  expect(second.isHeld).toBe(true);
  expect(world.object()?.metadata?.['lease-id']).toBe(second.leaseId);
  expect(await world.settle(second.release())).toBe(true);
  await world.end();
});
