import type { Clock } from '../../src/platform/clock.ts';
import type { Instant } from '../../src/protocol/timing.ts';

/** A clock that can tell what is set on it. */
export class CountingClock implements Clock {
  readonly #clock: Clock;
  readonly #pending = new Set<object>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Instant {
    return this.#clock.now();
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  setTimer(...[delayMs, kind, callback]: Parameters<Clock['setTimer']>): () => void {
    const key = {};
    this.#pending.add(key);
    const cancel = this.#clock.setTimer(delayMs, kind, () => {
      this.#pending.delete(key);
      callback();
    });
    return () => {
      this.#pending.delete(key);
      cancel();
    };
  }

  onResume(callback: () => void): () => void {
    this.#pending.add(callback);
    const cancel = this.#clock.onResume(callback);
    return () => {
      this.#pending.delete(callback);
      cancel();
    };
  }
}
