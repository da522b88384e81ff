import { expect, it } from 'vitest';
import { strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/**
 * On an emulator writes need no ration. Without one the pause that doubles after each refusal doubled from
 * nothing, and stayed nothing: a store that was too busy, or down, was asked as fast as it could answer.
 */
for (const status of [429, 503]) {
  it(`a lock without a ration of writes keeps its distance from a store that answers ${status}`, async () => {
    const world = manualWorld();
    const { struck } = strike(world, 'C', { when: 'before', do: { kind: 'status', status } }, Infinity);
    const mutex = world.process().mutex({ mutationIntervalMs: 0 });
    const acquiring = mutex.acquire({ timeoutMs: 10_000 });
    await expect(world.settle(acquiring)).rejects.toHaveProperty('code');
    expect(struck.length).toBeGreaterThan(5);
    expect(struck.length).toBeLessThan(40);
    await world.end();
  });
}
