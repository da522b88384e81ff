import { rateLimited } from './errors.ts';
import type { EmulatorClock } from './clock.ts';

/** Objects that are remembered before those whose time is over are swept out. Only a bound on memory. */
const SWEEP_ABOVE = 1_000;

/** How often one object may be changed. */
export interface MutationRate {
  /** Changes a second, once a burst is used up. */
  readonly perSecond: number;
  /** How many changes may come at once after a rest. */
  readonly burst: number;
}

/**
 * Checks the two options.
 *
 * @param perSecond - `undefined`: no limit.
 * @param burst - default 1.
 */
export function mutationRate(perSecond: number | undefined, burst = 1): MutationRate | undefined {
  if (perSecond !== undefined && !(perSecond > 0 && perSecond < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`mutationsPerSecond must be a number above 0, got ${perSecond}.`);
  }
  if (!Number.isSafeInteger(burst) || burst < 1) {
    throw new RangeError(`mutationBurst must be a whole number from 1, got ${burst}.`);
  }
  return perSecond === undefined ? undefined : { perSecond, burst };
}

/**
 * The limit of mutations of one object ("Quotas and limits": once a second, with short bursts).
 *
 * Each object has the moment at which its burst would be whole again, as in the generic cell rate algorithm: a
 * mutation puts it one interval off, and is refused where that would be more than a burst away. A refused
 * mutation costs nothing.
 */
export class MutationLimit {
  readonly #clock: EmulatorClock;
  readonly #intervalMs: number;
  readonly #burstMs: number;
  readonly #wholeAt = new Map<string, number>();

  /** @param rate - `undefined`: no limit. */
  constructor(clock: EmulatorClock, rate: MutationRate | undefined) {
    this.#clock = clock;
    this.#intervalMs = rate === undefined ? 0 : 1000 / rate.perSecond;
    this.#burstMs = rate === undefined ? 0 : this.#intervalMs * rate.burst;
  }

  /**
   * Counts a mutation.
   *
   * @throws ApiError 429 when it comes too soon.
   */
  count(bucket: string, object: string): void {
    if (this.#intervalMs === 0) return;
    const key = JSON.stringify([bucket, object]);
    const now = this.#clock.now();
    const before = this.#wholeAt.get(key) ?? now;
    // Further away than any burst can put it: the clock has been set back.
    const from = before > now + this.#burstMs ? now : Math.max(before, now);
    const after = from + this.#intervalMs;
    if (after > now + this.#burstMs) throw rateLimited(bucket, object);
    this.#wholeAt.set(key, after);
    if (this.#wholeAt.size > SWEEP_ABOVE) this.#sweep(now);
  }

  #sweep(now: number): void {
    for (const [key, at] of this.#wholeAt) if (at <= now) this.#wholeAt.delete(key);
  }
}
