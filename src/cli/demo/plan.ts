import type { GcsMutexOptions } from '../../index.ts';
import { CannotBegin } from './args.ts';

/** The durations of a run, all in milliseconds. */
export interface Plan {
  readonly ttlMs: number;
  readonly refreshIntervalMs: number;
  readonly clockSkewMs: number;
  readonly workMs: readonly [number, number];
  readonly pauseMs: readonly [number, number];
  /** How long the play may stand still before the demo gives up. */
  readonly patienceMs: number;
  /** The settings of every worker's mutex. */
  readonly options: GcsMutexOptions;
}

/** The shortest ttl that the library takes against Google, and its own default there for `clockSkewMs`. */
const GOOGLE_MIN_TTL_MS = 5_000;
const GOOGLE_CLOCK_SKEW_MS = 2_000;

/**
 * Everything scales with the ttl, so that a shorter run shows the same as a longer one.
 *
 * An emulator is one process with one clock and takes writes as fast as they come, so there the allowance
 * for clocks that differ and the ration of writes may be small. Against Google the defaults count.
 *
 * @throws CannotBegin where the ttl is too short for Google.
 */
export function planFor(isGoogle: boolean, ttlMs: number = isGoogle ? 6_000 : 3_000): Plan {
  if (isGoogle && ttlMs < GOOGLE_MIN_TTL_MS) {
    throw new CannotBegin(`--ttl must be at least ${GOOGLE_MIN_TTL_MS} against Google, got ${ttlMs}`);
  }
  const refreshIntervalMs = ttlMs / 5;
  const clockSkewMs = isGoogle ? GOOGLE_CLOCK_SKEW_MS : ttlMs / 6;
  const pace = isGoogle ? {} : { clockSkewMs, mutationIntervalMs: Math.min(1_000, ttlMs / 10) };
  return {
    ttlMs,
    refreshIntervalMs,
    clockSkewMs,
    workMs: [0.1 * ttlMs, 0.4 * ttlMs],
    pauseMs: [0.2 * ttlMs, 0.5 * ttlMs],
    patienceMs: 8 * ttlMs + 10_000,
    options: { ttlMs, refreshIntervalMs, backoff: { minMs: 100, maxMs: ttlMs / 4 }, ...pace },
  };
}
