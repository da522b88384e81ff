import { type Clock, systemClock } from '../../src/platform/clock.ts';
import type { Instant } from '../../src/protocol/timing.ts';

/** The system's clock, which can tell what is set on it. */
export class CountingClock implements Clock {
  readonly now = (): Instant => systemClock.now();
  readonly #pending = new Set<object>();

  get pendingCount(): number {
    return this.#pending.size;
  }

  setTimer(...[delayMs, kind, callback]: Parameters<Clock['setTimer']>): () => void {
    const key = {};
    this.#pending.add(key);
    const cancel = systemClock.setTimer(delayMs, kind, () => {
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
    const cancel = systemClock.onResume(callback);
    return () => {
      this.#pending.delete(callback);
      cancel();
    };
  }
}
