import { type Acquired, acquireLock } from './acquisition.ts';
import { breakRecord } from './breaking.ts';
import type { Components } from './components.ts';
import { connect } from './connection.ts';
import type { BucketLike } from './gcs/types.ts';
import type { Lease } from './lease.ts';
import { type LeaseTiming, leaseTiming, type Lock, openLock, staleRules } from './lock.ts';
import { type LockName, lockFromUrl, resolveName } from './lock-name.ts';
import { checkCallback, checkCallOptions, checkVersion, timeout } from './arguments.ts';
import type { GcsMutexOptions } from './options.ts';
import { readRecord } from './reading.ts';
import { runWith } from './run.ts';
import { type LockStatus, type LockVersion, statusOf } from './status.ts';

/** What `acquire` and `run` take. */
export interface AcquireOptions {
  /** How long to wait, milliseconds; `Infinity` for ever. Default: the lock's `acquireTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What calls take that never wait for the lock. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What `tryRun` gives: the callback's value, or who holds the lock. */
export type TryRunResult<T> =
  | { readonly ran: true; readonly value: T }
  | {
      readonly ran: false;
      /** The holder's label; undefined where the store was too busy to say. */
      readonly holder: string | undefined;
      /** All that the lock's object says of its holder. */
      readonly status: LockStatus | undefined;
    };

/**
 * A distributed lock: one object in a Google Cloud Storage bucket.
 *
 * The mutex object itself is stateless and cheap. Every acquisition gives its own {@link Lease}, so that two
 * callers that share one mutex object cannot release for each other.
 */
export class GcsMutex {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** The times that count for the leases of this mutex, defaults filled in; milliseconds. */
  readonly timing: LeaseTiming;
  readonly #lock: Lock;

  /**
   * Does no I/O.
   *
   * @param bucket - a bucket's name, or a `Bucket` of `@google-cloud/storage` 7 or 8, whose credentials,
   * endpoint and `userProject` are then used.
   * @param name - the lock object's name, 1 to 1 024 bytes of UTF-8, such as `locks/nightly-report`. Everybody
   * who uses the same bucket and name contends for the same lock.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  constructor(
    bucket: string | BucketLike,
    name: string,
    options: GcsMutexOptions = {},
    components: Components = {},
  ) {
    const lockName: LockName = resolveName(bucket, name);
    this.#lock = openLock(connect(bucket, options, components), lockName);
    this.url = this.#lock.url;
    this.timing = leaseTiming(this.#lock);
  }

  /**
   * The lock at a `gs://bucket/name` URL.
   *
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  static fromUrl(url: string, options: GcsMutexOptions = {}, components: Components = {}): GcsMutex {
    const { bucket, name } = lockFromUrl(url);
    return new GcsMutex(bucket, name, options, components);
  }

  /**
   * Waits for the lock and gives a lease on it. The wait is a loop of reads with growing pauses; there is no
   * queue, so whoever looks first after a release gets it.
   *
   * @throws AcquireTimeoutError when it could not be had in time, with who holds it, and with a StoreUnavailableError as
   * its `cause` where the store did not answer in the end; another `GcsMutexError` when the store refuses; the signal's
   * reason when aborted.
   */
  async acquire(options: AcquireOptions = {}): Promise<Lease> {
    return this.#acquire(options, false);
  }

  /**
   * Gives a lease, or undefined when somebody else holds the lock. Never waits for the lock; it settles within
   * `requestTimeoutMs`.
   *
   * @throws StoreUnavailableError when the store gives no usable answer in that time; another
   * `GcsMutexError` when it refuses; the signal's reason when aborted.
   */
  async tryAcquire(options: CallOptions = {}): Promise<Lease | undefined> {
    const acquired = await this.#try(options, false);
    return acquired.kind === 'granted' ? acquired.lease : undefined;
  }

  /**
   * Acquires, runs the callback, releases. The lock is released however the callback ends.
   *
   * @param callback - gets the lease; it should pass `lease.signal` on, and stop when it aborts.
   * @param options - `signal` ends the wait, and is joined into `lease.signal`.
   * @returns what the callback gives.
   * @throws what the callback throws; `LeaseLostError` when the lease was lost meanwhile (once the
   * callback has settled, with its error as `cause`); and whatever `acquire` throws. A release that could not
   * be confirmed fails nothing: it is reported to `onReleaseError`.
   */
  async run<T>(callback: (lease: Lease) => T | PromiseLike<T>, options: AcquireOptions = {}): Promise<T> {
    checkCallback(callback);
    return runWith(await this.#acquire(options, true), callback);
  }

  /**
   * As `run`, but when somebody else holds the lock it gives `{ ran: false, holder }` at once: for the job that
   * must not run twice, and need not run later.
   */
  async tryRun<T>(
    callback: (lease: Lease) => T | PromiseLike<T>,
    options: CallOptions = {},
  ): Promise<TryRunResult<T>> {
    checkCallback(callback);
    const acquired = await this.#try(options, true);
    if (acquired.kind === 'held') {
      return { ran: false, holder: acquired.holder?.holder, status: acquired.holder };
    }
    return { ran: true, value: await runWith(acquired.lease, callback) };
  }

  /**
   * Who holds the lock, by one read; undefined where it is free.
   *
   * @throws ForeignObjectError when the object under the name is not a lock, NewerVersionError when a newer
   * version of this library wrote it; another `GcsMutexError`
   * when the store refuses or gives no usable answer within `requestTimeoutMs`.
   */
  async status(options: CallOptions = {}): Promise<LockStatus | undefined> {
    checkCallOptions(options);
    const object = await readRecord(this.#lock, options.signal);
    if (object === undefined) return undefined;
    return statusOf(object, staleRules(this.#lock));
  }

  /**
   * An operator's forced end: removes the lock whoever holds it. Its holder finds out at its next refresh, or
   * at its deadline; until then two may believe that they hold the lock. Break what is surely dead.
   *
   * @param options - `ifVersion` is the `version` of the status that was looked at; without it, whatever is
   * there now is removed.
   * @returns true when it was removed, false when it had changed meanwhile or was gone.
   * @throws ForeignObjectError when the object under the name is not a lock, NewerVersionError when a newer
   * version of this library wrote it; another `GcsMutexError`
   * when the store refuses or gives no usable answer within `requestTimeoutMs`.
   */
  async breakLock(
    options: CallOptions & { readonly ifVersion?: LockVersion | undefined } = {},
  ): Promise<boolean> {
    checkCallOptions(options, ['ifVersion']);
    if (options.ifVersion !== undefined) checkVersion('ifVersion', options.ifVersion);
    return breakRecord(this.#lock, options);
  }

  /** @param isJoined - whether the caller's signal becomes part of the lease's. */
  async #acquire(options: AcquireOptions, isJoined: boolean): Promise<Lease> {
    checkCallOptions(options, ['timeoutMs']);
    const timeoutMs = timeout('timeoutMs', options.timeoutMs ?? this.#lock.settings.acquireTimeoutMs);
    const { signal } = options;
    const leaseSignal = isJoined ? signal : undefined;
    const { lease } = await acquireLock(this.#lock, { mode: 'wait', timeoutMs, signal, leaseSignal });
    return lease;
  }

  async #try(options: CallOptions, isJoined: boolean): Promise<Acquired> {
    checkCallOptions(options);
    const timeoutMs = this.#lock.settings.requestTimeoutMs;
    const { signal } = options;
    const leaseSignal = isJoined ? signal : undefined;
    return acquireLock(this.#lock, { mode: 'try', timeoutMs, signal, leaseSignal });
  }
}
