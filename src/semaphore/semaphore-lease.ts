import { onAbort } from '../abort-listeners.ts';
import { checkCallOptions } from '../arguments.ts';
import type { LeaseLostError } from '../errors.ts';
import type { Lease, ReleaseOptions } from '../lease.ts';

/**
 * One or more permits of a semaphore, held together and bounded in time: what its `acquire` gives. Each permit is a
 * lease of its own on a slot, refreshed in the background; when one of them is lost, all are: the others are given back.
 */
export class SemaphoreLease implements AsyncDisposable {
  /** The semaphore, as `gs://bucket/name`. */
  readonly lock: string;
  /** The random ids of the permits' leases, one each; they are in the slots' objects. */
  readonly leaseIds: readonly string[];
  /** The slots that are held, as `gs://bucket/name/slot-0003`. */
  readonly slots: readonly string[];
  readonly #leases: readonly Lease[];
  readonly #controller = new AbortController();
  readonly #stopListening: () => void;
  #lossError: LeaseLostError | undefined;

  /**
   * Leases come from `GcsSemaphore.acquire` and its siblings.
   *
   * @param signal - joined into the lease's own.
   */
  constructor(lock: string, leases: readonly Lease[], signal: AbortSignal | undefined) {
    this.lock = lock;
    this.leaseIds = leases.map(({ leaseId }) => leaseId);
    this.slots = leases.map((lease) => lease.lock);
    this.#leases = leases;
    const join = (): void => this.#controller.abort(signal?.reason);
    this.#stopListening = onAbort(signal, join);
    if (signal?.aborted === true) join();
    for (const lease of leases) {
      onAbort(lease.signal, () => this.#onLost(lease));
      if (lease.signal.aborted) this.#onLost(lease);
    }
  }

  /** How many permits are held. */
  get permits(): number {
    return this.#leases.length;
  }

  /** Whether every permit is held at this very moment. Computed on every use. */
  get isHeld(): boolean {
    return this.lossError === undefined && this.#leases.every(({ isHeld }) => isHeld);
  }

  /** How long the first of the permits lasts without another refresh, milliseconds; 0 where it is not held. */
  get remainingMs(): number {
    if (this.lossError !== undefined) return 0;
    return Math.min(...this.#leases.map(({ remainingMs }) => remainingMs));
  }

  /**
   * Aborts once, with a {@link LeaseLostError}, when a permit is lost: always before anybody else can hold it.
   * Inside `run` it aborts with the caller's own signal too. A release does not abort it.
   */
  get signal(): AbortSignal {
    this.#check();
    return this.#controller.signal;
  }

  /** Why the first permit that was lost was lost, if one was. */
  get lossError(): LeaseLostError | undefined {
    this.#check();
    return this.#lossError;
  }

  /**
   * Throws unless every permit is held at this very moment; call it right before an effect that must not happen
   * without one.
   *
   * @throws LeaseLostError when one was lost, LeaseReleasedError when they were released, LeaseInDoubtError while it
   * is being found out after a sleep.
   */
  throwIfLost(): void {
    if (this.lossError !== undefined) throw this.lossError;
    for (const lease of this.#leases) lease.throwIfLost();
  }

  /**
   * Refreshes every permit now, and settles when that was confirmed. Never needed to keep them.
   *
   * @throws LeaseLostError when one is or gets lost, LeaseReleasedError when they were released.
   */
  async refresh(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    checkCallOptions(options, [], 'refresh options');
    options.signal?.throwIfAborted();
    if (this.lossError !== undefined) throw this.lossError;
    const refreshes = this.#leases.map((lease) => lease.refresh(options));
    try {
      await Promise.all(refreshes);
    } catch (error) {
      await Promise.allSettled(refreshes);
      // The others were released because one was lost.
      throw this.lossError ?? error;
    }
  }

  /**
   * Gives every permit back: one request each. They count as not held from the moment of the call. Calling it again
   * gives the same answer; after a failure it tries again.
   *
   * @returns true where all were given back now, false where one was no longer this lease's.
   * @throws StoreUnavailableError or another error of the store when it could not be confirmed in time: what is left
   * ends with its ttl.
   */
  async release(options: ReleaseOptions = {}): Promise<boolean> {
    // Wrong options fail before any of them is released.
    const ended = await Promise.allSettled(this.#leases.map((lease) => lease.release(options)));
    this.#stopListening();
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return ended.every((end) => end.status === 'fulfilled' && end.value);
  }

  /** Releases; a failure is reported to `onReleaseError`, and never thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopListening();
    await Promise.all(this.#leases.map((lease) => lease[Symbol.asyncDispose]()));
  }

  /** Lets the passing of time take effect before anything is said about the permits. */
  #check(): void {
    for (const lease of this.#leases) void lease.signal;
  }

  #onLost(lost: Lease): void {
    if (this.#lossError !== undefined) return;
    this.#lossError = lost.lossError;
    this.#stopListening();
    this.#controller.abort(this.#lossError);
    for (const lease of this.#leases) if (lease !== lost) void lease[Symbol.asyncDispose]();
  }
}
