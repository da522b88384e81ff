import { expect } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { type Call, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';

/** With a time limit short enough to wait for. */
const IMPATIENT = { requestTimeoutMs: 300 };
/** What the way over HTTP may add; the exact bounds are tested on the manual clock. */
const ROUND_TRIP_MS = 1_000;
const STALL = { kind: 'stall' } as const;
const boundedInAll: readonly Row[] = [
  {
    row: 8,
    name: 'tryAcquire ends within one requestTimeoutMs in all when nothing answers',
    play: async (world) => {
      for (const call of ['C', 'G'] satisfies Call[]) strike(world, call, { when: 'before', do: STALL }, 100);
      const mutex = world.process().mutex(IMPATIENT);
      const startedMs = world.nowMs();
      await expect(world.settle(mutex.tryAcquire())).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(world.nowMs() - startedMs).toBeLessThan(IMPATIENT.requestTimeoutMs + ROUND_TRIP_MS);
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
      expect(world.nowMs() - startedMs).toBeLessThan(500 + ROUND_TRIP_MS);
      expect(lease.isHeld).toBe(false);
      expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
    },
  },
];

playRows(boundedInAll);
