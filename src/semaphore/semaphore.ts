import { checkCallback, checkCallOptions, checkOptionNames, timeout } from '../arguments.ts';
import type { Components } from '../components.ts';
import { connect } from '../connection.ts';
import { editDocument, readDocument } from '../document.ts';
import type { BucketLike } from '../gcs/types.ts';
import { type Group, type GroupView, openGroup, survey } from '../group/group.ts';
import { agreedDocument, storedIn } from '../group/group-document.ts';
import {
  acquireFrom,
  type GroupAcquired,
  type GroupRequest,
  type Offer,
} from '../group/group-acquisition.ts';
import type { Lease } from '../lease.ts';
import { lockFromUrl, resolveName } from '../lock-name.ts';
import { type LeaseTiming, leaseTiming, staleRules } from '../lock.ts';
import type { AcquireOptions, CallOptions } from '../mutex.ts';
import type { GcsMutexOptions } from '../options.ts';
import { PERMITS, PERMITS_NAME, type Permits, slotName } from '../protocol/semaphore.ts';
import { runWith } from '../run.ts';
import { SemaphoreLease } from './semaphore-lease.ts';
import { agreed, checkPermits, offerOf } from './semaphore-permits.ts';
import { permitsInVain, type SemaphoreStatus, semaphoreStatus } from './semaphore-status.ts';
import { OPTION_NAMES } from '../settings.ts';
import { withTimeLimit } from '../time-limit.ts';

/** The settings of a semaphore: those of a lock, which count for each permit, and how many there are. */
export interface GcsSemaphoreOptions extends GcsMutexOptions {
  /**
   * How many may hold at once, 1 to 4 096. It is stored by whoever acquires first; who leaves it out takes the number
   * that is stored, and another number than that is an error. Default: the stored one.
   */
  readonly permits?: number | undefined;
}

/** What `acquire` and `run` of a semaphore take. */
export interface SemaphoreAcquireOptions extends AcquireOptions {
  /** How many permits to take: all of them, or none. Default 1. */
  readonly permits?: number | undefined;
}

/** What calls of a semaphore take that never wait for a permit. */
export interface SemaphoreTryOptions extends CallOptions {
  /** How many permits to take: all of them, or none. Default 1. */
  readonly permits?: number | undefined;
}

/** What `tryRun` of a semaphore gives: the callback's value, or how the semaphore stands. */
export type SemaphoreTryRunResult<T> =
  | { readonly ran: true; readonly value: T }
  | { readonly ran: false; readonly status: SemaphoreStatus };

type View = GroupView<Permits>;

/**
 * A distributed semaphore: so many may hold at once, each with a lease of its own.
 *
 * Below its name there are one object with the number of permits, and a lock for each permit that is held:
 * `NAME/permits`, `NAME/slot-0000` and so on. A crashed holder's permit comes back by itself, as a lock does.
 */
export class GcsSemaphore {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** The times that count for each permit's lease, defaults filled in; milliseconds. */
  readonly timing: LeaseTiming;
  readonly #group: Group<Permits>;
  #given: number | undefined;

  /**
   * Does no I/O.
   *
   * @param bucket - a bucket's name, or a `Bucket` of `@google-cloud/storage` 7 or 8, as for a `GcsMutex`.
   * @param name - what the names of its objects begin with, such as `limits/reports`. Nothing else belongs below it.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  constructor(
    bucket: string | BucketLike,
    name: string,
    options: GcsSemaphoreOptions = {},
    components: Components = {},
  ) {
    checkOptionNames(options, 'options', [...OPTION_NAMES, 'permits']);
    const { permits, ...lockOptions } = options;
    this.#given = permits === undefined ? undefined : checkPermits(permits);
    const place = resolveName(bucket, name);
    // The longest name below it.
    resolveName(bucket, `${name}/${slotName(0)}`);
    this.#group = openGroup(connect(bucket, lockOptions, components), place, PERMITS_NAME, PERMITS);
    this.url = this.#group.url;
    this.timing = leaseTiming(this.#group);
  }

  /**
   * The semaphore at a `gs://bucket/name` URL.
   *
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  static fromUrl(url: string, options: GcsSemaphoreOptions = {}, components: Components = {}): GcsSemaphore {
    const { bucket, name } = lockFromUrl(url);
    return new GcsSemaphore(bucket, name, options, components);
  }

  /**
   * Waits for permits and gives a lease on them. The wait is a loop of lists with growing pauses; there is no queue.
   *
   * @throws AcquireTimeoutError when they could not be had in time, with a StoreUnavailableError as its `cause` where the
   * store did not answer in the end; PermitsMismatchError or PermitsUnknownError about the number of permits; a
   * RangeError when more are asked for than there are; another `GcsMutexError` when the store refuses; the signal's
   * reason when aborted.
   */
  async acquire(options: SemaphoreAcquireOptions = {}): Promise<SemaphoreLease> {
    return this.#acquire(options, false);
  }

  /**
   * Gives a lease, or undefined when the permits cannot be had now. Never waits for them; it settles within
   * `requestTimeoutMs`.
   *
   * @throws as `acquire`, but for the timeout: StoreUnavailableError when the store gives no usable answer in that time.
   */
  async tryAcquire(options: SemaphoreTryOptions = {}): Promise<SemaphoreLease | undefined> {
    const acquired = await this.#try(options);
    return acquired.kind === 'granted' ? this.#leaseOn(acquired.leases, undefined) : undefined;
  }

  /**
   * Acquires, runs the callback, releases. The permits are given back however the callback ends.
   *
   * @param callback - gets the lease; it should pass `lease.signal` on, and stop when it aborts.
   * @param options - `signal` ends the wait, and is joined into `lease.signal`.
   * @returns what the callback gives.
   * @throws what the callback throws; `LeaseLostError` when a permit was lost meanwhile (once the callback has
   * settled, with its error as `cause`); and whatever `acquire` throws.
   */
  async run<T>(
    callback: (lease: SemaphoreLease) => T | PromiseLike<T>,
    options: SemaphoreAcquireOptions = {},
  ): Promise<T> {
    checkCallback(callback);
    return runWith(await this.#acquire(options, true), callback);
  }

  /** As `run`, but when the permits cannot be had now it gives `{ ran: false, status }` at once. */
  async tryRun<T>(
    callback: (lease: SemaphoreLease) => T | PromiseLike<T>,
    options: SemaphoreTryOptions = {},
  ): Promise<SemaphoreTryRunResult<T>> {
    checkCallback(callback);
    const acquired = await this.#try(options);
    if (acquired.kind === 'held') return { ran: false, status: this.#statusIn(acquired.view) };
    return { ran: true, value: await runWith(this.#leaseOn(acquired.leases, options.signal), callback) };
  }

  /**
   * How many permits there are, by one read: the number that is stored, or before anybody stored one the number that
   * was given to the constructor.
   *
   * @throws PermitsMismatchError where both are there and differ, PermitsUnknownError where neither is; another
   * `GcsMutexError` when the store refuses or gives no usable answer within `requestTimeoutMs`.
   */
  async permits(options: CallOptions = {}): Promise<number> {
    checkCallOptions(options);
    const seen = await readDocument(this.#group.document, options.signal);
    return agreed(this.#group, seen?.value.permits, this.#given);
  }

  /**
   * How many permits could be acquired now, by one list; those that dead holders left behind are among them.
   *
   * @throws as `permits`.
   */
  async availablePermits(options: CallOptions = {}): Promise<number> {
    return (await this.status(options)).available;
  }

  /**
   * How the semaphore stands, by one list (a request for each 250 permits that are held): who holds, how many are
   * free, how many were left behind.
   *
   * @throws as `permits`.
   */
  async status(options: CallOptions = {}): Promise<SemaphoreStatus> {
    checkCallOptions(options);
    const view = await withTimeLimit(this.#group, options.signal, (limit) => survey(this.#group, limit));
    return this.#statusIn(view);
  }

  /**
   * Changes the number of permits for everybody, and stores it where none is stored yet.
   *
   * Lowered: who holds a permit keeps it, and nobody new gets one while as many as the new number are held. An
   * acquisition that is under way goes by the number that it has read: never do more hold at once than the largest
   * number that was stored since the oldest of them began to acquire. Who gives another number to the constructor gets
   * an error from then on.
   *
   * @param options - `ifPermits`: only if that is the stored number.
   * @returns true where the number is stored now, false where it was another one than `ifPermits`.
   * @throws a `GcsMutexError` when the store refuses or gives no usable answer within `requestTimeoutMs`.
   */
  async setPermits(
    permits: number,
    options: CallOptions & { readonly ifPermits?: number | undefined } = {},
  ): Promise<boolean> {
    checkPermits(permits);
    checkCallOptions(options, ['ifPermits']);
    const { signal, ifPermits } = options;
    if (ifPermits !== undefined) checkPermits(ifPermits, 'ifPermits');
    const changed = await editDocument<Permits, 'same' | 'other'>(this.#group.document, {
      decide(seen) {
        if (seen?.value.permits === permits) return { kind: 'leave', why: 'same' };
        const isExpected = ifPermits === undefined || seen?.value.permits === ifPermits;
        return isExpected ? { kind: 'write', value: { permits } } : { kind: 'leave', why: 'other' };
      },
      whenUnclear: 'decide-anew',
      timeoutMs: this.#group.settings.requestTimeoutMs,
      signal,
    });
    if (changed.kind === 'left' && changed.why === 'other') return false;
    if (this.#given !== undefined) this.#given = permits;
    return true;
  }

  /** @param isJoined - whether the caller's signal becomes part of the lease's. */
  async #acquire(options: SemaphoreAcquireOptions, isJoined: boolean): Promise<SemaphoreLease> {
    checkCallOptions(options, ['timeoutMs', 'permits']);
    const { signal } = options;
    const timeoutMs = timeout('timeoutMs', options.timeoutMs ?? this.#group.settings.acquireTimeoutMs);
    const count = checkWanted(options.permits ?? 1, this.#given);
    const { leases } = await acquireFrom(this.#group, 'wait', this.#request(count, timeoutMs, signal));
    return this.#leaseOn(leases, isJoined ? signal : undefined);
  }

  async #try(options: SemaphoreTryOptions): Promise<GroupAcquired<Permits>> {
    checkCallOptions(options, ['permits']);
    const count = checkWanted(options.permits ?? 1, this.#given);
    const { requestTimeoutMs } = this.#group.settings;
    return acquireFrom(this.#group, 'try', this.#request(count, requestTimeoutMs, options.signal));
  }

  #request(count: number, timeoutMs: number, signal: AbortSignal | undefined): GroupRequest<Permits> {
    return {
      count,
      timeoutMs,
      signal,
      offer: async (view, limit, tally): Promise<Offer> => {
        const agree = (stored: Permits | undefined): Permits => ({
          permits: agreed(this.#group, stored?.permits, this.#given),
        });
        const { permits } = await agreedDocument(this.#group, view, agree, limit, tally);
        checkWanted(count, permits, ` with ${this.url}`);
        return offerOf(this.#group, permits, view);
      },
      inVain: (view) => permitsInVain(view && this.#statusIn(view), count, this.#given),
    };
  }

  #leaseOn(leases: readonly Lease[], signal: AbortSignal | undefined): SemaphoreLease {
    return new SemaphoreLease(this.url, leases, signal);
  }

  #statusIn(view: View): SemaphoreStatus {
    const permits = agreed(this.#group, storedIn(this.#group, view)?.permits, this.#given);
    return semaphoreStatus(permits, view.locks, staleRules(this.#group));
  }
}

/** How many permits a caller wants, of so many. */
function checkWanted(wanted: number, permits: number | undefined, ofWhat = ''): number {
  return checkPermits(wanted, 'permits', permits, permits === undefined ? '' : ofWhat);
}
