import { uptime } from 'node:os';
import type { Instant, Millis } from '../protocol/timing.ts';

/** What a timer does to the process while it waits. */
export type TimerKind =
  /** The process may end before the timer fires: refreshing a lease never keeps a program alive. */
  | 'background'
  /** The process waits for the timer: somebody awaits a lock. */
  | 'foreground';

/** Where time comes from. */
export interface Clock {
  /** The present moment on the monotonic and on the sleep-counting clock. */
  now(): Instant;
  /** Calls back once, no earlier than `delayMs` from now; the function that it gives cancels it. */
  setTimer(delayMs: Millis, kind: TimerKind, callback: () => void): () => void;
  /**
   * Calls back whenever the process goes on after it was stopped (SIGCONT; Cloud Run sends it after a live
   * migration); the function that it gives ends that.
   */
  onResume(callback: () => void): () => void;
}

/** The longest delay that Node's timers take; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * One listener for all leases of the process, from the first one on: it keeps nothing alive, and putting it up
 * and down with each lease took a tenth of the time of an uncontended lock.
 */
const resumeCallbacks = new Set<() => void>();
let isListening = false;

function callAllOnResume(): void {
  for (const callback of resumeCallbacks) callback();
}

/**
 * The system's clocks. The sleep-counting one is the machine's uptime on Linux, which goes on through a
 * suspend (steps of 10 ms), and the wall clock elsewhere: a jump of it can cost a refresh, never a lock.
 */
export const systemClock: Clock = {
  now: () => ({
    monotonicMs: performance.now(),
    elapsedMs: process.platform === 'linux' ? uptime() * 1000 : Date.now(),
  }),
  setTimer(delayMs, kind, callback) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: Millis): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : callback()), Math.max(0, stepMs));
      if (kind === 'background') timer.unref();
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
  onResume(callback) {
    if (!isListening) process.on('SIGCONT', callAllOnResume);
    isListening = true;
    resumeCallbacks.add(callback);
    return () => resumeCallbacks.delete(callback);
  },
};
