import { checkCallback, checkCallOptions, timeout } from '../arguments.ts';
import type { Components } from '../components.ts';
import { connect } from '../connection.ts';
import { outOfRange } from '../gcs/invalid-argument.ts';
import type { BucketLike } from '../gcs/types.ts';
import { type Group, type GroupView, openGroup, survey } from '../group/group.ts';
import {
  acquireFrom,
  type GroupAcquired,
  type GroupRequest,
  type Offer,
} from '../group/group-acquisition.ts';
import { agreedDocument, storedIn } from '../group/group-document.ts';
import type { Lease } from '../lease.ts';
import type { LiveObjects } from './live-objects.ts';
import { type LeaseTiming, leaseTiming, staleRules } from '../lock.ts';
import { lockFromUrl, resolveName } from '../lock-name.ts';
import type { CallOptions } from '../mutex.ts';
import {
  type GcsResourcePoolOptions,
  type PoolAcquireOptions,
  type PoolTryOptions,
  type PoolTryRunResult,
  resolvePoolOptions,
} from './pool-options.ts';
import { agreedOn, changeResources, checkResources, MAX_RESOURCE_BYTES, wantedOf } from './pool-resources.ts';
import { stillInUse } from './pool-removal.ts';
import { type PoolStatus, poolStatus, resourcesInVain } from './pool-status.ts';
import { PooledResource } from './pooled-resource.ts';
import {
  lockNameOf,
  RESOURCES,
  RESOURCES_NAME,
  type Resources,
  withoutResources,
  withResources,
} from '../protocol/pool.ts';
import { readRecordUntil } from '../reading.ts';
import { runWith } from '../run.ts';
import type { Tally } from '../tally.ts';
import { withTimeLimit } from '../time-limit.ts';

type View = GroupView<Resources>;

/**
 * Named things of which each may be used by one at a time, across processes and machines: licences, accounts, devices.
 *
 * Below its name there are one object with the names, and a lock for each resource that is held: `NAME/resources`,
 * `NAME/use-RESOURCE`. A crashed holder's resource comes back by itself, as a lock does.
 */
export class GcsResourcePool<T = undefined> implements AsyncDisposable {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** The times that count for each resource's lease, defaults filled in; milliseconds. */
  readonly timing: LeaseTiming;
  readonly #group: Group<Resources>;
  readonly #live: LiveObjects<T>;
  #given: readonly string[] | undefined;

  /**
   * Does no I/O.
   *
   * @param bucket - a bucket's name, or a `Bucket` of `@google-cloud/storage` 7 or 8, as for a `GcsMutex`.
   * @param name - what the names of its objects begin with, such as `pools/licences`. Nothing else belongs below it.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  constructor(
    bucket: string | BucketLike,
    name: string,
    options: GcsResourcePoolOptions<T> = {},
    components: Components = {},
  ) {
    const { given, live, lockOptions } = resolvePoolOptions(options);
    this.#given = given;
    this.#live = live;
    const place = resolveName(bucket, name);
    // The longest name below it.
    resolveName(bucket, `${name}/${lockNameOf('x'.repeat(MAX_RESOURCE_BYTES))}`);
    this.#group = openGroup(connect(bucket, lockOptions, components), place, RESOURCES_NAME, RESOURCES);
    this.url = this.#group.url;
    this.timing = leaseTiming(this.#group);
  }

  /**
   * The pool at a `gs://bucket/name` URL.
   *
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  static fromUrl<T = undefined>(
    url: string,
    options: GcsResourcePoolOptions<T> = {},
    components: Components = {},
  ): GcsResourcePool<T> {
    const { bucket, name } = lockFromUrl(url);
    return new GcsResourcePool(bucket, name, options, components);
  }

  /**
   * Waits for a resource and gives it, with a lease on it. The wait is a loop of lists with growing pauses; there is no
   * queue.
   *
   * @throws AcquireTimeoutError when none could be had in time, with a StoreUnavailableError as its `cause` where the
   * store did not answer in the end; ResourcesMismatchError or ResourcesUnknownError about which there are; a RangeError
   * when none of `only` is one of them, before anything is sent where `resources` were given; what `create` throws;
   * another `GcsMutexError` when the store refuses; the signal's reason when aborted.
   */
  async acquire(options: PoolAcquireOptions = {}): Promise<PooledResource<T>> {
    return this.#acquire(options, false);
  }

  /**
   * Gives a resource, or undefined when none can be had now. Never waits for one; it settles within
   * `requestTimeoutMs`, and the time that `create` takes.
   *
   * @throws as `acquire`, but for the timeout: StoreUnavailableError when the store gives no usable answer in that time.
   */
  async tryAcquire(options: PoolTryOptions = {}): Promise<PooledResource<T> | undefined> {
    const acquired = await this.#try(options, false);
    return acquired.kind === 'granted' ? this.#equip(acquired.leases, options.signal) : undefined;
  }

  /**
   * Acquires, runs the callback, releases. The resource is given back however the callback ends.
   *
   * @param callback - gets the resource; it should pass `lease.signal` on, and stop when it aborts.
   * @param options - `signal` ends the wait, and is joined into `lease.signal`.
   * @returns what the callback gives.
   * @throws what the callback throws; `LeaseLostError` when the resource was lost meanwhile (once the callback has
   * settled, with its error as `cause`); and whatever `acquire` throws.
   */
  async run<R>(
    callback: (resource: PooledResource<T>) => R | PromiseLike<R>,
    options: PoolAcquireOptions = {},
  ): Promise<R> {
    checkCallback(callback);
    return runWith(await this.#acquire(options, true), callback);
  }

  /** As `run`, but when no resource can be had now it gives `{ ran: false, status }` at once. */
  async tryRun<R>(
    callback: (resource: PooledResource<T>) => R | PromiseLike<R>,
    options: PoolTryOptions = {},
  ): Promise<PoolTryRunResult<R>> {
    checkCallback(callback);
    const acquired = await this.#try(options, true);
    if (acquired.kind === 'held') return { ran: false, status: this.#statusIn(acquired.view) };
    return { ran: true, value: await runWith(await this.#equip(acquired.leases, options.signal), callback) };
  }

  /**
   * How the pool stands, by one list (a request for each 250 resources that are held).
   *
   * @throws as `acquire` about which resources there are; another `GcsMutexError` when the store refuses or gives no
   * usable answer within `requestTimeoutMs`.
   */
  async status(options: CallOptions = {}): Promise<PoolStatus> {
    checkCallOptions(options);
    return this.#statusIn(await this.#look(options.signal));
  }

  /**
   * Adds resources for everybody; one that is there already stays as it is. Stores them where none are stored yet,
   * with those that were given to the constructor.
   *
   * @returns the names of all resources.
   * @throws RangeError (`ERR_INVALID_ARGUMENT`) when they are too many for one object; a `GcsMutexError` when the store
   * refuses or gives no usable answer within `requestTimeoutMs`.
   */
  async add(names: readonly string[], options: CallOptions = {}): Promise<readonly string[]> {
    const added = checkResources(names, 'names');
    return this.#change((before = { names: [] }) => withResources(before, added), options);
  }

  /**
   * Removes resources for everybody. One that is in use stays with its holder until it is given back, and nobody gets
   * it after that; nor does an acquisition that is under way.
   *
   * What a dead holder left of one is removed, so that it cannot come back as from a sleep of its machine.
   *
   * @returns those of them that are still in use, by a list after the change: the others are out of use for good.
   * @throws ResourcesUnknownError where none are stored and none were given; a `GcsMutexError` when the store refuses
   * or gives no usable answer within `requestTimeoutMs`.
   */
  async remove(names: readonly string[], options: CallOptions = {}): Promise<readonly string[]> {
    const removed = checkResources(names, 'names');
    await this.#change((before) => before && withoutResources(before, removed), options);
    return stillInUse(this.#group, removed, await this.#look(options.signal), options.signal);
  }

  /** Destroys the live objects that nobody uses, and from now on each other one when its resource is given back. */
  async close(): Promise<void> {
    await this.#live.close();
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @param isJoined - whether the caller's signal becomes part of the lease's. */
  async #acquire(options: PoolAcquireOptions, isJoined: boolean): Promise<PooledResource<T>> {
    checkCallOptions(options, ['timeoutMs', 'only']);
    const timeoutMs = timeout('timeoutMs', options.timeoutMs ?? this.#group.settings.acquireTimeoutMs);
    const { leases } = await acquireFrom(this.#group, 'wait', this.#request(options, timeoutMs, isJoined));
    return this.#equip(leases, options.signal);
  }

  async #try(options: PoolTryOptions, isJoined: boolean): Promise<GroupAcquired<Resources>> {
    checkCallOptions(options, ['only']);
    const timeoutMs = this.#group.settings.requestTimeoutMs;
    return acquireFrom(this.#group, 'try', this.#request(options, timeoutMs, isJoined));
  }

  #request(
    { only: given, signal }: PoolTryOptions,
    timeoutMs: number,
    isJoined: boolean,
  ): GroupRequest<Resources> {
    const only = given === undefined ? undefined : checkResources(given, 'only');
    if (only?.length === 0) throw outOfRange('only', only, 'at least one name');
    // Before anything is sent: what would be refused must not have stored the names first.
    if (this.#given !== undefined) wantedOf({ names: this.#given }, only, this.url);
    return {
      count: 1,
      timeoutMs,
      signal,
      leaseSignal: isJoined ? signal : undefined,
      offer: async (view, limit, tally): Promise<Offer> => {
        const agree = (stored: Resources | undefined): Resources =>
          agreedOn(this.#group, stored, this.#given);
        const resources = await agreedDocument(this.#group, view, agree, limit, tally);
        this.#live.keepOnly(resources.names);
        return {
          names: wantedOf(resources, only, this.url).map(lockNameOf),
          preferred: new Set(this.#live.resources.map(lockNameOf)),
        };
      },
      confirm: ([lease], limit, tally) => this.#isMember(lease, limit, tally),
      inVain: (view) => resourcesInVain(view && this.#statusIn(view), only),
    };
  }

  /**
   * Whether the resource that was got is still one of the pool's. It is read after the lock was taken: whoever removes
   * it and then finds nobody holding it can rely on nobody getting it later.
   */
  async #isMember(lease: Lease | undefined, limit: AbortSignal, tally: Tally): Promise<boolean> {
    const seen = await readRecordUntil(this.#group.document, limit, tally);
    const names = seen?.content.record.value.names ?? [];
    return lease !== undefined && names.includes(this.#resourceOf(lease));
  }

  #resourceOf(lease: Lease): string {
    return lease.lock.slice(`${this.url}/${lockNameOf('')}`.length);
  }

  /** Adds the live object to what was got, or gives it back. */
  async #equip([lease]: readonly Lease[], signal: AbortSignal | undefined): Promise<PooledResource<T>> {
    if (lease === undefined) throw new TypeError('an acquisition gave no lease');
    const resource = this.#resourceOf(lease);
    const value = await this.#live.takeFor(lease, resource, signal);
    return new PooledResource(resource, lease, value, this.#live);
  }

  async #change(
    change: (before: Resources | undefined) => Resources | undefined,
    options: CallOptions,
  ): Promise<readonly string[]> {
    checkCallOptions(options);
    const given = this.#given && { names: this.#given };
    const { names } = await changeResources(this.#group, (before = given) => change(before), options.signal);
    if (this.#given !== undefined) this.#given = names;
    this.#live.keepOnly(names);
    return names;
  }

  #look(signal: AbortSignal | undefined): Promise<View> {
    return withTimeLimit(this.#group, signal, (limit) => survey(this.#group, limit));
  }

  #statusIn(view: View): PoolStatus {
    const resources = agreedOn(this.#group, storedIn(this.#group, view), this.#given);
    return poolStatus(resources, view, staleRules(this.#group));
  }
}
