/** What the compiler tells apart under `strict` only: what may be undefined, and the two outcomes of `tryRun`. */
import { GcsMutex, type TryRunResult } from 'gcs-mutex';

export function tell(result: TryRunResult<'done'>): string {
  return result.ran ? result.value : `${result.holder} ${result.status?.isStale}`;
}

export async function wrongCalls(mutex: GcsMutex): Promise<void> {
  const lease = await mutex.tryAcquire();
  // @ts-expect-error -- undefined where somebody holds it
  lease.throwIfLost();
  // @ts-expect-error -- undefined where it is free
  (await mutex.status()).holder.toUpperCase();
}

/** What may be undefined is handed on as it is, under `exactOptionalPropertyTypes` too. */
export function handOn(ttlMs: number | undefined, signal: AbortSignal | undefined): Promise<unknown> {
  return new GcsMutex('my-bucket', 'locks/a', { ttlMs, holder: undefined }).acquire({ signal });
}
