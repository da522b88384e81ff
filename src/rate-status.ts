import type { SeenDocument } from './protocol/document-state.ts';
import { sum } from './protocol/rate-line.ts';
import type { RateValue } from './protocol/rate-record.ts';
import { reckon } from './protocol/rate-share.ts';

/** How a rate limiter stands. */
export interface RateStatus {
  readonly limit: number;
  readonly windowMs: number;
  /** How many permits nobody has, and nobody has taken within the last window: anybody may have them at once. */
  readonly available: number;
  /** How many processes have for themselves, taken or not. */
  readonly shared: number;
  /** How many were taken by processes that have given back the rest. */
  readonly spent: number;
  /** The processes, in the order of the line. */
  readonly processes: readonly RateShareStatus[];
}

/** What one process has of a limit. */
export interface RateShareStatus {
  /** Random, one for each limiter of each process. */
  readonly id: string;
  /** How many it may take in a window; 0 where it only waits for its turn. */
  readonly count: number;
  /** How many it could use in a window, by its own reckoning. */
  readonly wanted: number;
  /** When it last wrote, by the server's clock, to about a second. */
  readonly refreshedAt: Date;
  readonly ttlMs: number;
  /** Whether its ttl is over: it has crashed, most likely, and what it had is free a window later. */
  readonly isStale: boolean;
}

export function rateStatus(seen: SeenDocument<RateValue>, clockSkewMs: number): RateStatus {
  const { limit, windowMs } = seen.value;
  const { shares, spent, isAlive } = reckon(seen, seen.serverTime ?? seen.updatedAt, clockSkewMs);
  const shared = sum(shares.map(({ count }) => count));
  const spentCount = sum(spent.map(({ count }) => count));
  return {
    limit,
    windowMs,
    available: Math.max(0, limit - shared - spentCount),
    shared,
    spent: spentCount,
    processes: shares.map((share) => {
      const { id, count, wanted, stampMs, ttlMs } = share;
      return { id, count, wanted, refreshedAt: new Date(stampMs), ttlMs, isStale: !isAlive(share) };
    }),
  };
}
