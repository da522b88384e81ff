import { checkOptionNames, checkSignal, timeout } from './arguments.ts';
import type { Components } from './components.ts';
import { type Connection, connect } from './connection.ts';
import { type ListedObject, listPage } from './gcs/listing.ts';
import { seenAs } from './gcs/outcome.ts';
import { outOfRange, wrongType } from './gcs/invalid-argument.ts';
import type { Asker } from './lock.ts';
import { folderFromUrl, type LockFolder } from './lock-name.ts';
import { type CallOptions, GcsMutex } from './mutex.ts';
import type { GcsMutexOptions } from './options.ts';
import { LOCK_CODEC } from './protocol/record.ts';
import { untilKnown } from './reading.ts';
import { GcsSemaphore, type GcsSemaphoreOptions } from './semaphore.ts';
import { type LockStatus, statusOf } from './status.ts';
import { withTimeLimit } from './time-limit.ts';

/** A lock that a listing found. */
export type ListedLock = {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** What `mutex` takes: the lock's name without the factory's prefix. */
  readonly name: string;
} & (
  | {
      readonly kind: 'held';
      readonly status: LockStatus;
      /** How long it has been stale by the server's clocks, milliseconds; 0 where it is not. */
      readonly staleForMs: number;
    }
  /** Nobody holds it; the object keeps a counter. */
  | { readonly kind: 'free' }
  /** Written by a newer version of this library: it counts as held, and no more can be said of it. */
  | { readonly kind: 'newer'; readonly schema: string }
);

/** What `clean` takes. */
export interface CleanOptions extends CallOptions {
  /**
   * Removes a record only when it has been stale for so long, milliseconds. Default a day: whoever waits for a
   * lock takes a stale record over at once, so that what is left is what nobody wants, and may as well be looked
   * at by somebody who wonders what became of its holder.
   */
  readonly staleForMs?: number | undefined;
  /** Removes nothing, and gives what it would remove. Default false. */
  readonly dryRun?: boolean | undefined;
}

const DAY_MS = 86_400_000;

/** All locks below one `gs://bucket/prefix`: one place for the credentials, the endpoint and the defaults. */
export class GcsLocks {
  /** As `gs://bucket/prefix/`. */
  readonly url: string;
  readonly #folder: LockFolder;
  readonly #defaults: GcsMutexOptions;
  readonly #components: Components;
  readonly #connection: Connection;
  readonly #asker: Asker;

  /**
   * Does no I/O.
   *
   * @param url - `gs://bucket`, or `gs://bucket/prefix` with or without a slash at its end.
   * @param defaults - the options of every lock that is made here.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  constructor(url: string, defaults: GcsMutexOptions = {}, components: Components = {}) {
    this.#folder = folderFromUrl(url);
    this.url = `gs://${this.#folder.bucket}/${this.#folder.prefix}`;
    this.#defaults = defaults;
    this.#components = components;
    this.#connection = connect(this.#folder.bucket, defaults, components);
    const { parts, settings } = this.#connection;
    this.#asker = { url: this.url, settings, clock: parts.clock, random: parts.random };
  }

  /**
   * The lock of a name below the prefix. A name cannot leave the prefix: it is only ever put behind it.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  mutex(name: string, options: GcsMutexOptions = {}): GcsMutex {
    const { bucket } = this.#folder;
    return new GcsMutex(bucket, this.#below(name), { ...this.#defaults, ...options }, this.#components);
  }

  /**
   * The semaphore of a name below the prefix.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  semaphore(name: string, options: GcsSemaphoreOptions = {}): GcsSemaphore {
    const { bucket } = this.#folder;
    return new GcsSemaphore(bucket, this.#below(name), { ...this.#defaults, ...options }, this.#components);
  }

  /**
   * Every lock below the prefix, by name: held, stale, or free with a counter. Other objects are passed over. It
   * takes one request for each 250 objects, charged as a list, and the permission `storage.objects.list`.
   *
   * @throws a `GcsMutexError` when the store refuses or gives no usable answer within `requestTimeoutMs` a page;
   * the signal's reason when aborted.
   */
  async *list(options: CallOptions = {}): AsyncGenerator<ListedLock, void, void> {
    checkOptionNames(options, 'options', ['signal']);
    checkSignal(options.signal);
    let pageToken: string | undefined;
    do {
      const page = await this.#page(pageToken, options.signal);
      for (const object of page.objects) {
        const lock = this.#describe(object);
        if (lock !== undefined) yield lock;
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
  }

  /**
   * Removes the records that holders left behind long ago. Each removal is guarded by the version that was
   * listed, so that a lock which came alive again is left alone. A free record that keeps a counter stays.
   *
   * @returns what was removed, or would be.
   * @throws as `list`, and what `breakLock` throws.
   */
  async clean(options: CleanOptions = {}): Promise<readonly ListedLock[]> {
    checkOptionNames(options, 'options', ['signal', 'staleForMs', 'dryRun']);
    const staleForMs = timeout('staleForMs', options.staleForMs ?? DAY_MS);
    const { signal, dryRun = false } = options;
    const removed: ListedLock[] = [];
    for await (const lock of this.list({ signal })) {
      if (lock.kind !== 'held' || !lock.status.isStale || lock.staleForMs < staleForMs) continue;
      const ifVersion = lock.status.version;
      if (dryRun || (await this.mutex(lock.name).breakLock({ ifVersion, signal }))) removed.push(lock);
    }
    return removed;
  }

  #below(name: string): string {
    if (typeof name !== 'string') throw wrongType('name', name, 'a string');
    if (name === '') throw outOfRange('name', name, 'at least one character long');
    return this.#folder.prefix + name;
  }

  #page(pageToken: string | undefined, signal: AbortSignal | undefined) {
    const { endpoint, parts, userProject } = this.#connection;
    const target = { endpoint, ...this.#folder, userProject };
    return withTimeLimit(this.#asker, signal, (limit) =>
      untilKnown(this.#asker, limit, () => listPage(target, pageToken, parts.transport, limit)),
    );
  }

  #describe({ name, object }: ListedObject): ListedLock | undefined {
    const { bucket, prefix } = this.#folder;
    const named = { url: `gs://${bucket}/${name}`, name: name.slice(prefix.length) };
    // The folder's own placeholder, which some tools make, is no name below it.
    if (named.name === '') return undefined;
    const lock = seenAs(object, LOCK_CODEC);
    if (lock.content.kind === 'newer') return { ...named, kind: 'newer', schema: lock.content.schema };
    if (lock.content.kind !== 'record') return undefined;
    const { settings } = this.#connection;
    const status = statusOf(lock, settings);
    if (status === undefined) return { ...named, kind: 'free' };
    const staleAt = status.refreshedAt.getTime() + status.ttlMs + settings.clockSkewMs;
    const staleForMs = status.isStale ? Math.max(0, (object.serverTime ?? staleAt) - staleAt) : 0;
    return { ...named, kind: 'held', status, staleForMs };
  }
}
