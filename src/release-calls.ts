import { onAbort } from './abort-listeners.ts';
import { errorFromFailure, GcsMutexError, StoreUnavailableError } from './errors.ts';
import { type Asker, errorContext } from './lock.ts';
import { NO_ANSWER } from './protocol/outcome.ts';

/** How long one call tries, and what ends it sooner. */
export interface ReleaseLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The calls of one `release`. One of them is at work and the others wait for what comes of it, each within its own
 * limits; where the one at work gives up first, the next one goes on.
 */
export class ReleaseCalls<T> {
  readonly #asker: Asker;
  readonly #attempt: (limits: ReleaseLimits) => Promise<T>;
  readonly #isForGood: boolean;
  #running: Promise<T> | undefined;

  /**
   * @param attempt - called at once by the first call, and again only after it has failed.
   * @param isForGood - whether a call that comes after it has succeeded gets the same answer, or begins anew.
   */
  constructor(asker: Asker, attempt: (limits: ReleaseLimits) => Promise<T>, isForGood: boolean) {
    this.#asker = asker;
    this.#attempt = attempt;
    this.#isForGood = isForGood;
  }

  async call(limits: ReleaseLimits): Promise<T> {
    if (this.#running === undefined) return this.#begin(limits);
    const startedMs = this.#asker.clock.now().monotonicMs;
    try {
      return await within(this.#asker, this.#running, limits);
    } catch (error) {
      const timeoutMs = limits.timeoutMs - (this.#asker.clock.now().monotonicMs - startedMs);
      if (timeoutMs <= 0 || limits.signal?.aborted === true || !isOfOtherCall(error)) throw error;
      return this.call({ ...limits, timeoutMs });
    }
  }

  #begin(limits: ReleaseLimits): Promise<T> {
    this.#running = this.#attempt(limits).then(
      (answer) => {
        if (!this.#isForGood) this.#running = undefined;
        return answer;
      },
      (error: unknown) => {
        this.#running = undefined;
        throw error;
      },
    );
    return this.#running;
  }
}

/** Whether a call failed for want of time or patience, which another call may have more of. */
function isOfOtherCall(error: unknown): boolean {
  return error instanceof StoreUnavailableError || !(error instanceof GcsMutexError);
}

/** Waits for what goes on anyhow, but no longer than the limits say. */
function within<T>(asker: Asker, work: Promise<T>, { timeoutMs, signal }: ReleaseLimits): Promise<T> {
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      cancelLimit?.();
      stopListening();
      act();
    };
    const giveUp = (): void => finish(() => reject(errorFromFailure(NO_ANSWER, errorContext(asker))));
    const cancelLimit =
      timeoutMs === Infinity ? undefined : asker.clock.setTimer(timeoutMs, 'foreground', giveUp);
    const stopListening = onAbort(signal, () => finish(() => reject(signal?.reason)));
    work.then(
      (answer) => finish(() => resolve(answer)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}
