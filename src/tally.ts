import { errorFromFailure, type GcsMutexError } from './errors.ts';
import { type Asker, errorContext } from './lock.ts';
import type { Clock } from './platform/clock.ts';
import { type Failure, NO_ANSWER } from './protocol/outcome.ts';
import type { StoreStep } from './protocol/step.ts';
import type { Millis } from './protocol/timing.ts';

/** A request that has been under way for so long when a wait ends is one that the store does not answer. */
const SILENCE_MS = 1_000;

/** What was done for one caller so far, and how the store has answered it. */
export class Tally {
  /** Since when the caller has been waiting, on the monotonic clock. */
  readonly startedMs: Millis;
  readonly #clock: Clock;
  #requestCount = 0;
  /** When the latest request left, while there is no answer to it. */
  #sentMs: Millis | undefined;
  /** Whether the store has said anything yet of how things stand. */
  #wasTold = false;
  /** Why the latest read, and the latest write, did not do its work. */
  #readFailure: Failure | undefined;
  #writeFailure: Failure | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.startedMs = clock.now().monotonicMs;
  }

  get requestCount(): number {
    return this.#requestCount;
  }

  get waitedMs(): Millis {
    return this.#clock.now().monotonicMs - this.startedMs;
  }

  /** A request leaves. */
  onSent(): void {
    this.#requestCount += 1;
    this.#sentMs = this.#clock.now().monotonicMs;
  }

  /** The request has come to something. An error that ends the wait says of the store that it answers. */
  onOutcome(kind: StoreStep['kind'], outcome: { readonly kind: string; readonly failure?: Failure }): void {
    this.#sentMs = undefined;
    const failure = outcome.kind === 'failed' ? undefined : outcome.failure;
    if (kind !== 'get') {
      this.#writeFailure = failure;
      return;
    }
    this.#readFailure = failure;
    this.#wasTold ||= failure === undefined;
  }

  /** It is known how things stand, so that an earlier write that failed says nothing more. */
  settle(): void {
    this.#sentMs = undefined;
    this.#wasTold = true;
    this.#readFailure = undefined;
    this.#writeFailure = undefined;
  }

  /**
   * Why the caller cannot be told now how things stand: the store does not answer, or fails; undefined where it can. A
   * read that is answered does not mend a write that was not.
   */
  get silence(): Failure | undefined {
    const failure = this.#readFailure ?? this.#writeFailure;
    if (failure !== undefined) return failure;
    const silentMs = this.#sentMs === undefined ? 0 : this.#clock.now().monotonicMs - this.#sentMs;
    if (silentMs < SILENCE_MS && this.#wasTold) return undefined;
    return { ...NO_ANSWER, detail: `There was no answer within ${Math.round(silentMs)} ms.` };
  }

  /** The same as the `cause` of a timeout. */
  causeFor(asker: Pick<Asker, 'url' | 'kind'>): GcsMutexError | undefined {
    const { silence } = this;
    return silence && errorFromFailure(silence, errorContext(asker));
  }
}
