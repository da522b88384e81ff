import { checkReleaseOptions } from '../arguments.ts';
import type { LeaseLostError } from '../errors.ts';
import type { Lease, ReleaseOptions } from '../lease.ts';
import type { LiveObjects } from './live-objects.ts';

/** A resource of a pool while this caller may use it: what the pool's `acquire` gives. */
export class PooledResource<T> implements AsyncDisposable {
  /** Its name. */
  readonly resource: string;
  /** The holding of it, bounded in time; as of a lock. Give the resource back by this object's `release`. */
  readonly lease: Lease;
  /** What the option `create` made of it; undefined without. */
  readonly value: T;
  readonly #live: LiveObjects<T>;
  #settling: Promise<void> | undefined;

  /** Such things come from `GcsResourcePool.acquire` and its siblings. */
  constructor(resource: string, lease: Lease, value: T, live: LiveObjects<T>) {
    this.resource = resource;
    this.lease = lease;
    this.value = value;
    this.#live = live;
  }

  /** Why the lease was lost, if it was. */
  get lossError(): LeaseLostError | undefined {
    return this.lease.lossError;
  }

  /** As `lease.throwIfLost()`: call it right before an effect that nobody else may have meanwhile. */
  throwIfLost(): void {
    this.lease.throwIfLost();
  }

  /** As `lease.refresh()`. */
  refresh(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return this.lease.refresh(options);
  }

  /**
   * Gives the resource back. A live object is kept for the next time, or destroyed first, where none is kept or the
   * lease was lost: then nobody knows who uses the resource. What `destroy` needs comes on top of `timeoutMs`.
   *
   * @returns as `lease.release`.
   */
  async release(options: ReleaseOptions = {}): Promise<boolean> {
    checkReleaseOptions(options);
    await this.#settle();
    return this.lease.release(options);
  }

  /** Gives it back; a failure is reported to `onReleaseError`, and never thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#settle();
    await this.lease[Symbol.asyncDispose]();
  }

  /** Once, before the resource is given back: nobody else may get it before its object is out of use. */
  #settle(): Promise<void> {
    this.#settling ??= this.lease.isHeld
      ? this.#live.keep(this.resource, this.value)
      : this.#live.destroy(this.resource, this.value);
    return this.#settling;
  }
}
