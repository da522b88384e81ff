import { onAbort } from './abort-listeners.ts';
import { errorFromFailure, GcsMutexError, StoreUnavailableError } from './errors.ts';
import { errorContext, type Lock } from './lock.ts';
import type { Failure } from './protocol/outcome.ts';

/** How long one call tries, and what ends it sooner. */
export interface ReleaseLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The calls of one lease's `release`. One of them is at work and the others wait for what comes of it, each
 * within its own limits; where the one at work gives up first, the next one goes on.
 */
export class ReleaseCalls {
  readonly #lock: Lock;
  readonly #attempt: (limits: ReleaseLimits) => Promise<boolean>;
  #running: Promise<boolean> | undefined;

  /** @param attempt - called at once by the first call, and again only after it has failed. */
  constructor(lock: Lock, attempt: (limits: ReleaseLimits) => Promise<boolean>) {
    this.#lock = lock;
    this.#attempt = attempt;
  }

  async call(limits: ReleaseLimits): Promise<boolean> {
    if (this.#running === undefined) return this.#begin(limits);
    const startedMs = this.#lock.clock.now().monotonicMs;
    try {
      return await within(this.#lock, this.#running, limits);
    } catch (error) {
      const timeoutMs = limits.timeoutMs - (this.#lock.clock.now().monotonicMs - startedMs);
      if (timeoutMs <= 0 || limits.signal?.aborted === true || !isOfOtherCall(error)) throw error;
      return this.call({ ...limits, timeoutMs });
    }
  }

  #begin(limits: ReleaseLimits): Promise<boolean> {
    this.#running = this.#attempt(limits).catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    });
    return this.#running;
  }
}

/** Whether a call failed for want of time or patience, which another call may have more of. */
function isOfOtherCall(error: unknown): boolean {
  return error instanceof StoreUnavailableError || !(error instanceof GcsMutexError);
}

const NO_ANSWER: Failure = { kind: 'unavailable', detail: 'The store did not answer in time.' };

/** Waits for what goes on anyhow, but no longer than the limits say. */
function within(lock: Lock, work: Promise<boolean>, { timeoutMs, signal }: ReleaseLimits): Promise<boolean> {
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      cancelLimit?.();
      stopListening();
      act();
    };
    const giveUp = (): void => finish(() => reject(errorFromFailure(NO_ANSWER, errorContext(lock))));
    const cancelLimit =
      timeoutMs === Infinity ? undefined : lock.clock.setTimer(timeoutMs, 'foreground', giveUp);
    const stopListening = onAbort(signal, () => finish(() => reject(signal?.reason)));
    work.then(
      (wasHeld) => finish(() => resolve(wasHeld)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}
