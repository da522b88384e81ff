import type { Document } from '../document.ts';
import type { RateValue } from '../protocol/rate-record.ts';
import type { Instant, Millis } from '../protocol/timing.ts';

/** The longest pause after failures, in pauses between two writes. */
const MOST_PAUSES = 4;

/** How often one process asks for a change of the document: the store takes one write a second. */
export class RatePace {
  readonly #document: Document<RateValue>;
  #notBeforeMs = -Infinity;
  #failureCount = 0;

  constructor(document: Document<RateValue>) {
    this.#document = document;
  }

  /** No change before this, on the monotonic clock. */
  get notBeforeMs(): Millis {
    return this.#notBeforeMs;
  }

  /** How many changes in a row have failed. */
  get failureCount(): number {
    return this.#failureCount;
  }

  /** The shortest pause. */
  get pauseMs(): Millis {
    const { mutationIntervalMs, backoff } = this.#document.settings;
    return Math.max(mutationIntervalMs, backoff.minMs);
  }

  onSuccess(at: Instant): void {
    this.#failureCount = 0;
    this.#pause(at, 1);
  }

  onFailure(at: Instant): void {
    this.#failureCount += 1;
    this.#pause(at, Math.min(MOST_PAUSES, 2 ** this.#failureCount));
  }

  /** The next change may be asked for at once. */
  skipPause(at: Instant): void {
    this.#notBeforeMs = at.monotonicMs;
  }

  #pause(at: Instant, factor: number): void {
    const jitter = 1 + this.#document.random.draw() / 2;
    this.#notBeforeMs = at.monotonicMs + this.pauseMs * factor * jitter;
  }
}
