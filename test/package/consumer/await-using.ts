/** A lease for a block. */
import { GcsMutex } from 'gcs-mutex';
import { startEmulator } from 'gcs-mutex/emulator';

export async function forABlock(): Promise<number> {
  await using server = await startEmulator({ buckets: ['my-bucket'] });
  const mutex = new GcsMutex('my-bucket', 'locks/a', { apiEndpoint: server.url });
  await using lease = await mutex.acquire();
  return lease.remainingMs;
}
