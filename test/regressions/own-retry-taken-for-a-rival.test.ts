import { expect, it } from 'vitest';
import { plant, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/**
 * Where a write is sent again below the lock (by a client library, say), the repetition is refused because of
 * the first attempt, which was applied: a client that takes "refused" for "somebody else" then waits for its
 * own lock until it times out, or gives up a lease that it holds.
 */
const AGAIN = { when: 'before', do: { kind: 'duplicate' } } as const;
const LOST = { when: 'after', do: { kind: 'status', status: 503 } } as const;

for (const [what, fault] of [
  ['sent twice, so that the second copy is refused', AGAIN],
  ['applied though the answer was 503', LOST],
] as const) {
  it(`a create that was ${what}, is recognised as one's own at once`, async () => {
    const world = manualWorld();
    strike(world, 'C', fault);
    const lease = await world.settle(world.process().mutex().acquire());
    expect(world.nowMs()).toBe(0);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it(`a takeover that was ${what}, is recognised as one's own at once`, async () => {
    const world = manualWorld();
    await plant(world);
    await world.outlast(60_000);
    strike(world, 'T', fault);
    const startedAt = world.nowMs();
    const lease = await world.settle(world.process().mutex().acquire());
    // Between the create that finds the stale record and the takeover lies the store's ration of writes.
    expect(world.nowMs() - startedAt).toBeLessThan(2_100);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it(`a refresh that was ${what}, keeps the lease`, async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    strike(world, 'R', fault);
    await world.advance(60_000);
    expect(lease.isHeld).toBe(true);
    expect(player.events.filter(({ kind }) => kind === 'lost')).toEqual([]);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });
}
