/** A duration, or a point on some clock, in milliseconds. */
export type Millis = number;

/**
 * One moment, read off two clocks at once.
 *
 * Deadlines are counted on the monotonic clock. That clock may stand still while a machine sleeps or a
 * container is frozen, so every moment also carries a clock that goes on counting then; the difference
 * between the two tells that there was a sleep (see {@link sleptBetween}).
 */
export interface Instant {
  /** Milliseconds on the process's monotonic clock, from an arbitrary origin. */
  readonly monotonicMs: Millis;
  /** Milliseconds on a clock that counts sleep, from an arbitrary origin. */
  readonly elapsedMs: Millis;
}

/** How fast or slow a clock may run: its rate, local per real second, lies in [1 - this, 1 + this]. */
export const MAX_DRIFT = 0.05;

/** The longest time to live, 24 hours. A record that claims more is not a record. */
export const MAX_TTL_MS: Millis = 86_400_000;

/** The durations that decide when a lease is over, all in milliseconds. */
export interface LeaseTiming {
  readonly ttlMs: Millis;
  /** How long before the end of its ttl a holder stops believing; pays for two clocks of different rates. */
  readonly marginMs: Millis;
}

/**
 * The moment, on the holder's own monotonic clock, from which it must act as if the lease were gone.
 *
 * Counted from when the winning write was sent, not from when its answer came: the store may have
 * applied it at any point between, and a waiting client's patience runs from then.
 *
 * @param sentAt - read just before the request first left.
 */
export function leaseDeadline(sentAt: Instant, timing: LeaseTiming): Millis {
  return sentAt.monotonicMs + timing.ttlMs - timing.marginMs;
}

/**
 * Whether the machine slept between two moments for longer than the margin has room for.
 *
 * The margin pays for clock drift (5 % of the ttl) first; only what is left of it can pay for time that
 * the monotonic clock did not count.
 */
export function sleptBetween(from: Instant, to: Instant, timing: LeaseTiming): boolean {
  const uncountedMs = to.elapsedMs - from.elapsedMs - (to.monotonicMs - from.monotonicMs);
  return uncountedMs > timing.marginMs - MAX_DRIFT * timing.ttlMs;
}

/**
 * The later of two moments, by the monotonic clock. Of two that it cannot tell apart the second: a machine may
 * have slept in between, with that clock standing still.
 */
export function laterOf(first: Instant, second: Instant): Instant {
  return first.monotonicMs > second.monotonicMs ? first : second;
}
