import { checkCallOptions, checkFlag, checkObject, checkVersion, timeout } from '../arguments.ts';
import type { Components } from '../components.ts';
import { removeDocument } from '../breaking.ts';
import { type Connection, connect } from '../connection.ts';
import { openDocument } from '../document.ts';
import { GcsEvent, type GcsEventOptions } from '../event/event.ts';
import { outOfRange, wrongType } from '../gcs/invalid-argument.ts';
import { KEPT_FOR_MS } from '../group/group-document.ts';
import type { ListedLock } from './listed.ts';
import { FolderLook, type FoundLock } from './looking.ts';
import { leavingsOf, type ListedGroup } from './leavings.ts';
import { folderFromUrl, type LockFolder, type LockName, resolveName } from '../lock-name.ts';
import { type CallOptions, GcsMutex } from '../mutex.ts';
import type { GcsMutexOptions } from '../options.ts';
import { GcsResourcePool } from '../pool/pool.ts';
import type { GcsResourcePoolOptions } from '../pool/pool-options.ts';
import { EVENT } from '../protocol/event-record.ts';
import { RATE_LIMITER } from '../protocol/rate-record.ts';
import { GcsRateLimiter, type GcsRateLimiterOptions, rateOptions } from '../rate/rate-limiter.ts';
import { isUnused } from '../rate/rate-status.ts';
import { GcsSemaphore, type GcsSemaphoreOptions } from '../semaphore/semaphore.ts';
import { documentOptions } from '../settings.ts';

/** What `clean` takes. */
export interface CleanOptions extends CallOptions {
  /**
   * Removes a record only when it has been stale for so long, an event when it has been cleared for so long, a rate
   * limiter when nothing that was taken has counted for so long, and a semaphore's number or a pool's names when nobody has stored them again for so long, but never
   * sooner than after a day, milliseconds. Default a day: whoever waits for a lock takes a stale record over at once, so that what is left is
   * what nobody wants, and may as well be looked at by somebody who wonders what became of its holder. An event that
   * is removed sooner may be set once more by a request from before that was held up on its way.
   */
  readonly staleForMs?: number | undefined;
  /** Removes nothing, and gives what it would remove. Default false. */
  readonly dryRun?: boolean | undefined;
}

const DAY_MS = 86_400_000;

/** All locks, semaphores, pools, events and rate limiters below one `gs://bucket/prefix`: one place for the credentials, the endpoint and the defaults. */
export class GcsLocks {
  /** As `gs://bucket/prefix/`. */
  readonly url: string;
  readonly #folder: LockFolder;
  readonly #defaults: GcsMutexOptions;
  readonly #components: Components;
  readonly #connection: Connection;
  readonly #look: FolderLook;

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
    this.#look = new FolderLook(this.#folder, this.#connection);
  }

  /**
   * The lock of a name below the prefix. A name cannot leave the prefix: it is only ever put behind it.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  mutex(name: string, options: GcsMutexOptions = {}): GcsMutex {
    const { bucket } = this.#folder;
    return new GcsMutex(bucket, this.#below(name), over(this.#defaults, options), this.#components);
  }

  /**
   * The pool of a name below the prefix.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  pool<T = undefined>(name: string, options: GcsResourcePoolOptions<T> = {}): GcsResourcePool<T> {
    const { bucket } = this.#folder;
    return new GcsResourcePool(bucket, this.#below(name), over(this.#defaults, options), this.#components);
  }

  /**
   * The semaphore of a name below the prefix.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  semaphore(name: string, options: GcsSemaphoreOptions = {}): GcsSemaphore {
    const { bucket } = this.#folder;
    return new GcsSemaphore(bucket, this.#below(name), over(this.#defaults, options), this.#components);
  }

  /**
   * The event of a name below the prefix.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  event(name: string, options: GcsEventOptions = {}): GcsEvent {
    const { bucket } = this.#folder;
    const all = over(documentOptions(this.#defaults), options);
    return new GcsEvent(bucket, this.#below(name), all, this.#components);
  }

  /**
   * The rate limiter of a name below the prefix.
   *
   * @param options - go before those of the factory's defaults that a rate limiter has as well; the ttl is its own.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  rateLimiter(name: string, options: GcsRateLimiterOptions): GcsRateLimiter {
    const { bucket } = this.#folder;
    const all = over(rateOptions(this.#defaults), options);
    return new GcsRateLimiter(bucket, this.#below(name), all, this.#components);
  }

  /**
   * Every lock, semaphore, pool, event and rate limiter below the prefix, by name; a semaphore or a pool stands where the last of its
   * locks does.
   * Other objects are passed over. It takes one request for each 250 objects, charged as a list, and the permission `storage.objects.list`.
   *
   * @throws a `GcsMutexError` when the store refuses or gives no usable answer within `requestTimeoutMs` a page;
   * the signal's reason when aborted.
   */
  async *list(options: CallOptions = {}): AsyncGenerator<ListedLock, void, void> {
    checkCallOptions(options);
    yield* this.#look.list(this.#folder.prefix, options.signal);
  }

  /**
   * What is at a name below the prefix, of whatever kind: a lock, a semaphore, a pool, an event or a rate limiter;
   * undefined where there is nothing. It takes one read, and where no object has that very name a list of what lies
   * below it, which is where a semaphore or a pool has its objects. Where that is more than a page of 250, it lists on only
   * if there is one, which one or two reads more tell.
   *
   * A lock at the name of a semaphore hides it: nothing keeps anybody from making both, and `list` shows both.
   *
   * @throws ForeignObjectError when the object under the name is not of this library, NewerVersionError when a newer
   * version of it wrote what is there; another `GcsMutexError` when the store refuses or gives no usable answer within
   * `requestTimeoutMs` a request; the signal's reason when aborted.
   */
  async find(name: string, options: CallOptions = {}): Promise<FoundLock | undefined> {
    checkCallOptions(options);
    return this.#look.find(this.#place(name).name, options.signal);
  }

  /**
   * An operator's forced end: removes the lock, the event or the rate limiter that `find` or `list` of this object has
   * shown, guarded by the version that was shown. The holder of a lock finds out at its next refresh or at the end of its
   * lease; of an event nothing is known any more, as if it had never been set; more than the limit may be taken from a rate
   * limiter until the processes that had a share notice. A free record that keeps a counter stays.
   *
   * @returns true if it was removed, false if it had changed.
   * @throws TypeError (`ERR_INVALID_ARGUMENT`) for a semaphore, a pool, and what is free; and as `GcsMutex.breakLock`.
   */
  async break(found: BreakableLock, options: CallOptions = {}): Promise<boolean> {
    checkCallOptions(options);
    options.signal?.throwIfAborted();
    checkObject('found', found);
    if (!BREAKABLE.has(found.kind))
      throw wrongType('found.kind', found.kind, '"held", "event" or "rate-limiter"');
    checkObject('found.status', found.status);
    checkVersion('found.status.version', found.status.version);
    return this.#remove(found, options.signal);
  }

  /**
   * Removes the records that holders left behind long ago, events that were cleared long ago, rate limiters from which
   * nothing was taken for long, and what a semaphore or a pool from which nobody has acquired for so long has stored. Each removal is guarded by the version that was listed,
   * so that what came alive again is left alone. A free record that keeps a counter stays.
   *
   * @returns what was removed, or would be.
   * @throws as `list`, and what `breakLock` throws.
   */
  async clean(options: CleanOptions = {}): Promise<readonly ListedLock[]> {
    checkCallOptions(options, ['staleForMs', 'dryRun']);
    const staleForMs = timeout('staleForMs', options.staleForMs ?? DAY_MS);
    const { signal, dryRun = false } = options;
    checkFlag('dryRun', dryRun);
    const removed: ListedLock[] = [];
    for await (const listed of this.list({ signal })) {
      if (listed.kind === 'semaphore' || listed.kind === 'pool') {
        removed.push(...(await this.#cleanGroup(listed, staleForMs, dryRun, signal)));
        continue;
      }
      if (!isAbandoned(listed) || listed.staleForMs < staleForMs) continue;
      if (dryRun || (await this.#remove(listed, signal))) removed.push(listed);
    }
    return removed;
  }

  #remove({ name, kind, status }: BreakableLock, signal: AbortSignal | undefined): Promise<boolean> {
    const options = { ifVersion: status.version, signal };
    const place = this.#place(name);
    switch (kind) {
      case 'held':
        return this.mutex(name).breakLock(options);
      case 'event':
        return removeDocument(openDocument(this.#connection, place, EVENT), options);
      case 'rate-limiter':
        return removeDocument(openDocument(this.#connection, place, RATE_LIMITER), options);
      default:
        return kind satisfies never;
    }
  }

  /** Removes what dead holders left of a group, and its document where nobody else is there and uses it. */
  async #cleanGroup(
    group: ListedGroup,
    staleForMs: number,
    dryRun: boolean,
    signal: AbortSignal | undefined,
  ): Promise<ListedLock[]> {
    const removed: ListedLock[] = [];
    const leavings = leavingsOf(group);
    const { left, isElseEmpty } = leavings;
    for (const { below, status, staleForMs: forMs } of left) {
      if (!status.isStale || forMs < staleForMs) continue;
      const place = { url: `${group.url}/${below}`, name: `${group.name}/${below}` };
      const lock = { ...place, kind: 'held', status, staleForMs: forMs } as const;
      if (dryRun || (await this.#remove(lock, signal))) removed.push(lock);
    }
    const isEmpty = isElseEmpty && removed.length === left.length;
    if (!isEmpty || group.untouchedForMs < Math.max(staleForMs, KEPT_FOR_MS)) return removed;
    const place = this.#place(group.name);
    if (dryRun || (await leavings.removeDocument(this.#connection, place, signal))) removed.push(group);
    return removed;
  }

  #place(name: string): LockName {
    return resolveName(this.#folder.bucket, this.#below(name));
  }

  /** A name cannot leave the prefix: it is only ever put behind it. */
  #below(name: string): string {
    if (typeof name !== 'string') throw wrongType('name', name, 'a string');
    if (name === '') throw outOfRange('name', name, 'at least one character long');
    return this.#folder.prefix + name;
  }
}

/** What is one object, and can be removed as a whole. */
export type BreakableLock = Extract<ListedLock, { readonly staleForMs: number }>;

const BREAKABLE: ReadonlySet<ListedLock['kind']> = new Set(['held', 'event', 'rate-limiter']);

/** Whether it is what nobody may want any more, and `clean` removes in time. */
function isAbandoned(listed: ListedLock): listed is BreakableLock {
  switch (listed.kind) {
    case 'held':
      return listed.status.isStale;
    case 'event':
      return !listed.status.isSet;
    case 'rate-limiter':
      // While anything counts, whoever made the limiter anew would hand it out once more.
      return isUnused(listed.status);
    default:
      return false;
  }
}

/** Options before a factory's defaults, each by itself: one that is undefined leaves the default. */
function over<Defaults extends object, Options extends object>(
  defaults: Defaults,
  options: Options,
): Defaults & Options {
  checkObject('options', options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.assign({}, options, defaults, Object.fromEntries(given));
}
