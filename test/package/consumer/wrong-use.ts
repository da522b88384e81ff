/** Mistakes that must not compile: each line under a `@ts-expect-error` is an error in the editor. */
import { GcsMutex, type GcsMutexOptions, type Lease, type LossReason } from 'gcs-mutex';
import { createMemoryBucket } from 'gcs-mutex/testing';
import { startEmulator } from 'gcs-mutex/emulator';

// @ts-expect-error -- a name that is not there: durations say their unit
export const misspelt: GcsMutexOptions = { ttl: 60_000 };
// @ts-expect-error -- milliseconds are numbers
export const wrongUnit: GcsMutexOptions = { ttlMs: '60s' };
// @ts-expect-error -- one of two words
export const wrongWord: GcsMutexOptions = { takeover: 'wall-clock' };
// @ts-expect-error -- strings only
export const wrongMetadata: GcsMutexOptions = { metadata: { build: 7 } };
// @ts-expect-error -- a secret is no auth client
export const wrongAuth: GcsMutexOptions = { auth: 'a-token' };
// @ts-expect-error -- a name that is not there, one level down
export const wrongBackoff: GcsMutexOptions = { backoff: { min: 100 } };
// @ts-expect-error -- no such reason
export const wrongReason: LossReason = 'stolen';

// @ts-expect-error -- the name is missing
export const nameless = new GcsMutex('my-bucket');
// @ts-expect-error -- neither a bucket's name nor a Bucket
export const bucketless = new GcsMutex({ name: 'my-bucket' }, 'locks/a');

export async function wrongCalls(mutex: GcsMutex, lease: Lease): Promise<void> {
  // @ts-expect-error -- seconds in a string
  await mutex.acquire({ timeoutMs: '30' });
  // @ts-expect-error -- not waiting, so no time to wait
  await mutex.tryAcquire({ timeoutMs: 30 });
  // @ts-expect-error -- a callback, not a promise
  await mutex.run(Promise.resolve());
  // @ts-expect-error -- a controller is not its signal
  await mutex.status({ signal: new AbortController() });
  // @ts-expect-error -- a generation alone is no version
  await mutex.breakLock({ ifVersion: { generation: '1' } });
  // @ts-expect-error -- read only
  lease.leaseId = 'another';
  // @ts-expect-error -- read only
  lease.isHeld = true;
  // @ts-expect-error -- computed on every use: not a method
  lease.isHeld();
  // @ts-expect-error -- the two outcomes have to be told apart first
  (await mutex.tryRun(() => 42)).value.toFixed();
  // @ts-expect-error -- no such option of the emulator
  await startEmulator({ bucket: 'b' });
  // @ts-expect-error -- a seed is a number
  createMemoryBucket({ seed: 'seven' });
}
