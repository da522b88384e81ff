import type { Clock } from '../../src/platform/clock.ts';
import type { Instant } from '../../src/protocol/timing.ts';

/** The clocks of a machine whose crystal is off: both run `rate` times as fast as the given ones. */
export function drifting(clock: Clock, rate: number): Clock {
  return {
    now: (): Instant => {
      const { monotonicMs, elapsedMs } = clock.now();
      return { monotonicMs: monotonicMs * rate, elapsedMs: elapsedMs * rate };
    },
    setTimer: (delayMs, kind, callback) => clock.setTimer(delayMs / rate, kind, callback),
    onResume: (callback) => clock.onResume(callback),
  };
}

/** The clocks of a machine where the wall clock stands in for the one that counts sleep, and can be set. */
export function onWallClock(clock: Clock): Clock & { jump(ms: number): void } {
  let aheadMs = 0;
  return {
    now: (): Instant => {
      const { monotonicMs, elapsedMs } = clock.now();
      return { monotonicMs, elapsedMs: elapsedMs + aheadMs };
    },
    setTimer: (...args) => clock.setTimer(...args),
    onResume: (callback) => clock.onResume(callback),
    jump: (ms) => {
      aheadMs += ms;
    },
  };
}
