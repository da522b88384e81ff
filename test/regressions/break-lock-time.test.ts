import { expect, it } from 'vitest';
import { type CallFault, plant, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

const SLOW: CallFault = { when: 'before', do: { kind: 'delay', ms: 8_000 } };
const LOST: CallFault = { when: 'after', do: { kind: 'reset' } };

/** `breakLock` reads, removes, and may have to read again; all that together has the time of one request. */
for (const [what, removal] of [
  ['a removal that the store is too busy for', { when: 'before', do: { kind: 'status', status: 429 } }],
  ['a removal whose answer is lost over and over', LOST],
] as const) {
  it(`breakLock takes one requestTimeoutMs in all, with a slow read before ${what}`, async () => {
    const world = manualWorld();
    await plant(world);
    await world.outlast(60_000);
    strike(world, 'G', SLOW, 100);
    strike(world, 'D', removal, 100);
    const startedMs = world.nowMs();
    const breaking = world.settle(world.process().mutex().breakLock());
    await expect(breaking).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(world.nowMs() - startedMs).toBe(10_000);
    await world.end();
  });
}
