import { onAbort } from './abort-listeners.ts';
import type { Clock } from './platform/clock.ts';
import type { Millis } from './protocol/timing.ts';
import type { Settings } from './settings.ts';

/**
 * Runs something under a signal of its own that aborts after a time, or with the caller's signal. A caller's abort
 * rejects with the caller's reason, whatever the work made of it.
 *
 * `AbortSignal.any` with `AbortSignal.timeout` would not do: in Node 20 what they make may be collected as garbage
 * before it fires.
 */
export async function withTimeLimit<T>(
  { clock, settings }: { readonly clock: Clock; readonly settings: Pick<Settings, 'requestTimeoutMs'> },
  signal: AbortSignal | undefined,
  work: (limit: AbortSignal) => Promise<T>,
  timeoutMs: Millis = settings.requestTimeoutMs,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const cancelLimit = timeoutMs === Infinity ? undefined : clock.setTimer(timeoutMs, 'foreground', abort);
  const stopListening = onAbort(signal, abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    cancelLimit?.();
    stopListening();
  }
}

/** Waits, but no longer than until the signal aborts; never rejects. */
export function pauseFor(clock: Clock, delayMs: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      stopListening();
      resolve();
    };
    const cancel = clock.setTimer(delayMs, 'foreground', done);
    const stopListening = onAbort(signal, done);
    if (signal.aborted) done();
  });
}
