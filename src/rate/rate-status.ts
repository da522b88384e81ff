import type { SeenDocument } from '../protocol/document-state.ts';
import { sum } from '../protocol/rate-line.ts';
import type { RateValue } from '../protocol/rate-record.ts';
import { nextEnd, reckon } from '../protocol/rate-reckoning.ts';
import type { LockVersion } from '../status.ts';

/** How a rate limiter stands. */
export interface RateStatus {
  /** How many permits all processes together may take in any window, as it is stored. */
  readonly limit: number;
  /** How long a window is, milliseconds, as it is stored. */
  readonly windowMs: number;
  /** How many permits nobody has, and nobody has taken within the last window: anybody may have them at once. */
  readonly available: number;
  /** How many processes have for themselves, taken or not. */
  readonly shared: number;
  /** How many were taken by processes that have given back the rest. */
  readonly spent: number;
  /**
   * When more is available by the server's clock, unless somebody takes it first or gives back earlier: what was spent,
   * and what dead processes had, counts for a while. Undefined where only live processes have some.
   */
  readonly nextFreeAt: Date | undefined;
  /** The processes, in the order of the line. */
  readonly processes: readonly RateShareStatus[];
  /** Which state of the object this is. */
  readonly version: LockVersion;
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
  /** How long after `refreshedAt` its share lasts, milliseconds. */
  readonly ttlMs: number;
  /** Whether its ttl is over: it has crashed, most likely, and what it had is free a window later. */
  readonly isStale: boolean;
}

export function rateStatus(seen: SeenDocument<RateValue>, clockSkewMs: number): RateStatus {
  const { limit, windowMs } = seen.value;
  const serverTime = seen.serverTime ?? seen.updatedAt;
  const { shares, spent, isAlive } = reckon(seen, serverTime, clockSkewMs);
  const nextFreeMs = nextEnd(seen, serverTime, clockSkewMs);
  const shared = sum(shares.map(({ count }) => count));
  const spentCount = sum(spent.map(({ count }) => count));
  return {
    limit,
    windowMs,
    available: Math.max(0, limit - shared - spentCount),
    shared,
    spent: spentCount,
    nextFreeAt: nextFreeMs === undefined ? undefined : new Date(nextFreeMs),
    processes: shares.map((share) => {
      const { id, count, wanted, stampMs, ttlMs } = share;
      return { id, count, wanted, refreshedAt: new Date(stampMs), ttlMs, isStale: !isAlive(share) };
    }),
    version: seen.version,
  };
}

/** Whether nothing counts any more, and nobody is in line. */
export function isUnused({ spent, processes }: RateStatus): boolean {
  return spent === 0 && processes.length === 0;
}
