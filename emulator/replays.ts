import type { EmulatorClock } from './clock.ts';
import type { Rendered } from './execute.ts';
import type { Operation } from './router.ts';

/** The header that makes a repeated request known. */
const TOKEN_HEADER = 'x-goog-gcs-idempotency-token';

/** The calls that are answered anew from memory; the calls on buckets run again (kmoneil/zig-gcp, measured). */
const REPLAYED: ReadonlySet<Operation | undefined> = new Set<Operation>([
  'objects.insert',
  'objects.patch',
  'objects.delete',
  'objects.move',
]);

/** A repeat was recognised after 115 s and not after 130 s (kmoneil/zig-gcp `idempotency.zig`, measured). */
const DEFAULT_REPLAY_MS = 120_000;

/** Answers that are kept at most; the oldest goes first. Only a bound, no behaviour of the service. */
const MOST_KEPT = 10_000;

interface Kept {
  readonly at: number;
  readonly rendered: Rendered;
}

/** The token under which a request is remembered, or `undefined` for one that never is. */
export function replayToken(operation: Operation | undefined, headers: Headers): string | undefined {
  if (!REPLAYED.has(operation)) return undefined;
  const token = headers.get(TOKEN_HEADER);
  return token === null || token === '' ? undefined : token;
}

/**
 * The first answers to requests with an idempotency token.
 *
 * The token alone is what counts: a repeat with another body is answered with the first result too, and does
 * nothing. Only what was applied is kept: a refused request runs again under the same token (kmoneil/zig-gcp,
 * measured for 412).
 */
export class Replays {
  readonly #clock: EmulatorClock;
  readonly #keepMs: number;
  readonly #kept = new Map<string, Kept>();

  /** @param keepMs - how long an answer is given again, in milliseconds. Default 120 000; 0: never. */
  constructor(clock: EmulatorClock, keepMs: number = DEFAULT_REPLAY_MS) {
    if (!(keepMs >= 0)) {
      throw new RangeError(`idempotencyReplayMs must be a number of milliseconds from 0, got ${keepMs}.`);
    }
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  /** The answer that was given under this token, if that was not too long ago. */
  find(token: string): Rendered | undefined {
    const kept = this.#kept.get(token);
    if (kept === undefined || this.#clock.now() - kept.at >= this.#keepMs) return undefined;
    return kept.rendered;
  }

  /** Keeps what was answered when a request was applied. */
  remember(token: string, rendered: Rendered): void {
    if (this.#keepMs === 0) return;
    // Deleted first, so that the map's order is that of the answers.
    this.#kept.delete(token);
    this.#kept.set(token, { at: this.#clock.now(), rendered });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
