import { expect } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { type Call, expectAsIfNothing, MATCH, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';

/** With a time limit short enough to wait for. */
const IMPATIENT = { requestTimeoutMs: 300 };
/** What a machine with much else to do may add to real time; the exact bounds are tested on the manual clock. */
const BUSY_MACHINE_MS = 2_000;
const STALL = { kind: 'stall' } as const;
/** Never silent for the time limit, and far from done when it has passed. */
const DRIP = { kind: 'drip', everyMs: 100 } as const;

const brokenBodies: readonly Row[] = (['C', 'G', 'R', 'T'] as const).map((call) => ({
  row: 7,
  name: `${call} believes nothing of an answer that breaks off, and finds out by reading`,
  play: async (world) => {
    await expectAsIfNothing(world, call, { when: 'after', do: { kind: 'truncate' } });
    if (call === 'G') return;
    const { operation, query, where } = MATCH[call];
    const sent = world.emulator.requests
      .mutations()
      .filter((request) => request.operation === operation)
      .filter((request) => where?.(request) ?? true)
      .filter((request) => query === undefined || request.query['ifGenerationMatch'] === '0');
    expect(sent, 'it was not sent again').toHaveLength(1);
  },
}));

const stalls: readonly Row[] = (['C', 'G', 'R', 'T', 'D'] as const).flatMap((call): Row[] => [
  {
    row: 8,
    name: `${call} cuts off a request that gets no answer, and tries again`,
    play: (world) => expectAsIfNothing(world, call, { when: 'before', do: STALL }, 1, IMPATIENT),
  },
  {
    row: 8,
    name: `${call} cuts off a request that was carried out and gets no answer`,
    play: (world) => expectAsIfNothing(world, call, { when: 'after', do: STALL }, 1, IMPATIENT),
  },
]);

const boundedInAll: readonly Row[] = [
  {
    row: 8,
    name: 'tryAcquire ends within one requestTimeoutMs in all when nothing answers',
    play: async (world) => {
      for (const call of ['C', 'G'] satisfies Call[]) strike(world, call, { when: 'before', do: STALL }, 100);
      const mutex = world.process().mutex(IMPATIENT);
      const startedMs = world.nowMs();
      await expect(world.settle(mutex.tryAcquire())).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(world.nowMs() - startedMs).toBeLessThan(IMPATIENT.requestTimeoutMs + BUSY_MACHINE_MS);
    },
  },
  {
    row: 8,
    name: 'a release ends within its time when nothing answers, and leaves the lock to its ttl',
    play: async (world) => {
      const lease = await world.settle(world.process().mutex(IMPATIENT).acquire());
      strike(world, 'D', { when: 'before', do: STALL }, 100);
      const startedMs = world.nowMs();
      await expect(world.settle(lease.release({ timeoutMs: 500 }))).rejects.toThrow(StoreUnavailableError);
      expect(world.nowMs() - startedMs).toBeLessThan(500 + BUSY_MACHINE_MS);
      expect(lease.isHeld).toBe(false);
      expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
    },
  },
];

const drips: readonly Row[] = (['C', 'G', 'R', 'T'] as const).map((call) => ({
  row: 9,
  name: `${call} bounds an answer that comes in drops by its whole time, not by its silence`,
  play: (world) => expectAsIfNothing(world, call, { when: 'after', do: DRIP }, 1, IMPATIENT),
}));

playRows([...brokenBodies, ...stalls, ...boundedInAll, ...drips]);
