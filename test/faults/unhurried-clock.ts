import { type Clock, systemClock } from '../../src/platform/clock.ts';
import type { Instant } from '../../src/protocol/timing.ts';

/** For how much a turn of the event loop counts at the most: far less than any time limit of a test. */
const TURN_MS = 10;
/** How often the time is looked at, so that on a quick machine nothing of it is missed. */
const BEAT_MS = 5;

/**
 * Real time, which passes no faster than this process gets things done.
 *
 * Where locks and their store live in one process, a machine that gives it no time stops both: by the system's
 * clock a time limit would be over before the answer, which had arrived, could be read. By this one each turn of
 * the event loop counts for a few milliseconds, however long it took.
 */
export class UnhurriedClock implements Clock, Disposable {
  #countedMs = 0;
  #lookedAtMs = performance.now();
  readonly #beat = setInterval(() => this.#look(), BEAT_MS).unref();

  /** How much time has passed since the clock was made. */
  get passedMs(): number {
    return this.#countedMs + Math.min(performance.now() - this.#lookedAtMs, TURN_MS);
  }

  now(): Instant {
    return { monotonicMs: this.passedMs, elapsedMs: this.passedMs };
  }

  setTimer(...[delayMs, kind, callback]: Parameters<Clock['setTimer']>): () => void {
    const dueMs = this.passedMs + delayMs;
    let cancel: () => void;
    const arm = (): void => {
      cancel = systemClock.setTimer(dueMs - this.passedMs, kind, () =>
        this.passedMs < dueMs ? arm() : callback(),
      );
    };
    arm();
    return () => cancel();
  }

  onResume(callback: () => void): () => void {
    return systemClock.onResume(callback);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beat);
  }

  #look(): void {
    this.#countedMs = this.passedMs;
    this.#lookedAtMs = performance.now();
  }
}
