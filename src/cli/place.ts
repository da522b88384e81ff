import { type FoundLock, GcsLocks, GcsMutex } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';

/** Something at a `gs://bucket/name` URL, whatever it is. */
export interface Place {
  readonly url: string;
  /** What `locks` calls it. */
  readonly name: string;
  /** Everything in its bucket. */
  readonly locks: GcsLocks;
  /** @returns what is there; undefined where there is nothing, and a lock would be free. */
  find(signal?: AbortSignal): Promise<FoundLock | undefined>;
}

/** Does no I/O. */
export function placeOf(url: string, options: ConnectionOptions): Place {
  // It checks the URL.
  const mutex = GcsMutex.fromUrl(url, connectionOptions(options));
  const nameAt = mutex.url.indexOf('/', 'gs://'.length) + 1;
  const locks = new GcsLocks(mutex.url.slice(0, nameAt), connectionOptions(options));
  const name = mutex.url.slice(nameAt);
  return { url: mutex.url, name, locks, find: (signal) => locks.find(name, { signal }) };
}
