import { onAbort } from './abort-listeners.ts';
import { Driver, type DriverParts, type Reducer } from './driver.ts';
import type { TimerKind } from './platform/clock.ts';
import type { CarryOnStep, StoreStep, WaitStep } from './protocol/step.ts';
import type { Tally } from './tally.ts';

/** For how long a reducer is driven. */
export interface DriveLimits {
  /** After so many milliseconds it is told that time has passed: its last word is its own. */
  readonly timeoutMs: number;
  /** Ends it without a word. */
  readonly signal: AbortSignal | undefined;
  /** Whether the process may end meanwhile. */
  readonly timerKind: TimerKind;
  /** Notes what is sent and answered. */
  readonly tally?: Tally | undefined;
}

/**
 * Drives a reducer from its first step to its last.
 *
 * @throws the signal's reason, when aborted; nothing else.
 */
export function driveToEnd<State, End extends { readonly kind: string }, Body>(
  parts: DriverParts<Body>,
  reduce: Reducer<State, End, Body>,
  [state, step]: readonly [State, StoreStep<Body> | WaitStep | CarryOnStep | End],
  { timeoutMs, signal, timerKind, tally }: DriveLimits,
): Promise<End> {
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      driver.stop();
      cancelLimit?.();
      stopListening();
    };
    const onEnd = (end: End): void => {
      finish();
      resolve(end);
    };
    const driver = new Driver<State, End, Body>(parts, () => timerKind, reduce, state, {
      onEnd,
      onSent: () => tally?.onSent(),
      onOutcome: ({ kind }, outcome) => tally?.onOutcome(kind, outcome),
    });
    const cancelLimit =
      timeoutMs === Infinity
        ? undefined
        : parts.clock.setTimer(timeoutMs, timerKind, () => driver.dispatch({ kind: 'tick' }));
    const stopListening = onAbort(signal, () => {
      finish();
      reject(signal?.reason);
    });
    driver.begin(step);
  });
}
