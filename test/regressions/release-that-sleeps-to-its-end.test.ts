import { expect, it } from 'vitest';
import { semaphoreWorld, type SemaphoreWorld } from '../semaphore/world.ts';

/** Gives a permit back in so many milliseconds, while something happens to the first delete. */
async function released(
  timeoutMs: number,
  strike: (world: SemaphoreWorld) => void,
): Promise<readonly [boolean, readonly string[]]> {
  const world = semaphoreWorld();
  const semaphore = world.semaphore({ permits: 1, backoff: { minMs: 100, maxMs: 60_000, factor: 10 } });
  const lease = await world.settle(semaphore.acquire());
  strike(world);
  return [await world.settle(lease.release({ timeoutMs })), world.names()];
}

const DELETES = { operation: 'objects.delete' } as const;

it('a release waits for the answer of a delete after which the ration allows no other', async () => {
  const strike = ({ emulator }: SemaphoreWorld): void =>
    void emulator.faults.add({ when: 'after', match: DELETES, do: { kind: 'delay', ms: 700 } });
  expect(await released(900, strike)).toEqual([true, ['permits']]);
});

it('a release that cut off an attempt tries again as soon as the ration allows it', async () => {
  const strike = ({ emulator }: SemaphoreWorld): void =>
    void emulator.faults.add({ when: 'before', match: DELETES, do: { kind: 'stall' } });
  expect(await released(2_000, strike)).toEqual([true, ['permits']]);
});

it('a release does not sleep through the last of its time where the store was busy before', async () => {
  const strike = ({ emulator }: SemaphoreWorld): void =>
    void emulator.faults.add({
      when: 'before',
      match: DELETES,
      times: 3,
      do: { kind: 'status', status: 429 },
    });
  expect(await released(8_000, strike)).toEqual([true, ['permits']]);
});
