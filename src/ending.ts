import { onAbort } from './abort-listeners.ts';
import { Driver } from './driver.ts';
import { errorFromFailure } from './errors.ts';
import { errorContext, type Lock, releaseSettings } from './lock.ts';
import type { HoldState } from './protocol/hold-state.ts';
import {
  type Holding,
  release,
  type ReleaseState,
  type ReleaseStep,
  startRelease,
} from './protocol/release.ts';

export interface EndingOptions {
  /** Whether the lease is held at this moment: only then can the lock surely still be ours. */
  readonly isInTime: boolean;
  /** Whether an earlier call, sent in time, had an unknown outcome. */
  readonly isUndecided: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Told, where it could not be confirmed, whether it may have been applied all the same. */
  readonly onUndecided: () => void;
}

type End = Extract<ReleaseStep, { kind: 'released' | 'failed' }>;

/** What is ended, and whether its holder ever was in doubt: connections from before may be dead. */
type Ended = Holding & Pick<HoldState, 'hadDoubt'>;

/** Ends a record of ours; settles with whether it was ours until now, or rejects if nobody can tell. */
export function endHolding(lock: Lock, holding: Ended, options: EndingOptions): Promise<boolean> {
  const { isInTime, isUndecided, timeoutMs, signal } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const settings = releaseSettings(lock, timeoutMs);
    const [first, step] = startRelease(holding, { isInTime, isUndecided }, settings, lock.clock.now());
    let cancelLimit: (() => void) | undefined;
    const finish = (act: () => void): void => {
      driver.stop();
      cancelLimit?.();
      stopListening();
      act();
    };
    const giveUp = (reason: unknown): void => {
      if (driver.state.isUndecided) options.onUndecided();
      reject(reason);
    };
    /** A write that is under way when time or patience is over may be applied all the same. */
    const noteUnderWay = (): void => {
      if (driver.state.phase.kind === 'writing') options.onUndecided();
    };
    const onEnd = (end: End): void =>
      finish(() => {
        if (end.kind === 'released') resolve(end.wasHeld);
        else giveUp(errorFromFailure(end.failure, errorContext(lock)));
      });
    const driver = new Driver<ReleaseState, End>(
      lock,
      () => 'foreground',
      release,
      first,
      { onEnd },
      holding.hadDoubt,
    );
    if (timeoutMs !== Infinity) {
      cancelLimit = lock.clock.setTimer(timeoutMs, 'foreground', () => {
        noteUnderWay();
        driver.dispatch({ kind: 'tick' });
      });
    }
    const stopListening = onAbort(signal, () => {
      noteUnderWay();
      finish(() => giveUp(signal?.reason));
    });
    driver.begin(step);
  });
}
