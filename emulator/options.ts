import type { Caller } from './access.ts';
import type { DripAction } from './faults.ts';
import type { GenerationOrder } from './generations.ts';
import type { LatencyDistribution } from './latency.ts';

/** How an emulator behaves. Everything is optional. */
export interface EmulatorOptions {
  /** Buckets that are there from the start. Their names are not checked. Default none. */
  readonly buckets?: readonly string[];
  /** Epoch milliseconds, for everything the service says of time. Default `Date.now`. */
  readonly clock?: () => number;
  /** How latency, drops and `delay` and `drip` faults wait, in milliseconds. Default a real timer. */
  readonly sleep?: (ms: number) => Promise<void>;
  /**
   * How long an answer is under way once the work is done, in milliseconds: a distribution to draw from, or a
   * function that is called once for each answer. Default: no time at all. Google promises no latency.
   */
  readonly latencyMs?: LatencyDistribution | (() => number);
  /** A whole number that decides what is drawn from the distribution `latencyMs`. Default 1. */
  readonly latencySeed?: number;
  /** Sends the body of every answer in drops, so many bytes (default 1) each so many milliseconds. Default: at once. */
  readonly drip?: Omit<DripAction, 'kind'>;
  /** The answer to a guarded patch or delete of a missing object; Google documents neither. Default 404. */
  readonly missingObjectStatus?: 404 | 412;
  /**
   * Google promises unique generations, not growing ones; `decreasing` and `random` find who relies on more.
   * Default `increasing`.
   */
  readonly generationOrder?: GenerationOrder;
  /** A whole number that decides the order of `random` generations. Default 1. */
  readonly generationSeed?: number;
  /**
   * How long a request that repeats the `X-Goog-Gcs-Idempotency-Token` of an applied one is given the first
   * answer again, in milliseconds by `clock`. Default 120 000 (kmoneil/zig-gcp, measured: after 115 s the service
   * does it, after 130 s it does not). 0, never, shows that a client gets by without.
   */
  readonly idempotencyReplayMs?: number;
  /**
   * How often one object may be created, changed or deleted, in times a second by `clock`; above it the answer
   * is 429. Default: as often as one likes. The service: 1 ("Quotas and limits").
   */
  readonly mutationsPerSecond?: number;
  /** How many of these may come at once after a rest. The service says no number. Default 1. */
  readonly mutationBurst?: number;
  /**
   * The bearer tokens that are known, and what each of them may do; a request with another one, or with none, is
   * answered 401. The map may be changed at any moment, as when a token expires. Default: everybody may do
   * everything, and no token is looked at.
   */
  readonly tokens?: ReadonlyMap<string, Caller>;
  /** How many requests `requests` keeps. Default 10 000. */
  readonly requestLogLimit?: number;
}
