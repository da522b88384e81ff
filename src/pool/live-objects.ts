import { onAbort } from '../abort-listeners.ts';
import { callSafely } from '../events.ts';
import type { Lease } from '../lease.ts';

/** What a pool makes of its resources in this process: a connection, a session, an open device. */
export interface LiveObjectOptions<T> {
  /**
   * Makes a live object of a resource, once it is held. The object is kept when the resource is given back, and used
   * again when this process gets the same resource again, which it prefers. What it throws rejects `acquire`, and
   * the resource is given back. Default: nothing is made.
   */
  readonly create?:
    | ((resource: string, context: { readonly signal: AbortSignal }) => T | PromiseLike<T>)
    | undefined;
  /** Ends a live object. What it throws goes to `onDestroyError`. Default: the object is only forgotten. */
  readonly destroy?: ((value: T, resource: string) => unknown) | undefined;
  /**
   * How many live objects are kept while their resources are not held here. Default 10; 0 keeps none. Beyond it, the
   * one that was used longest ago is destroyed. Whoever holds the resource elsewhere meanwhile must not mind them.
   */
  readonly maxIdle?: number | undefined;
  /** Called when `destroy` throws or rejects. What it throws itself is ignored. */
  readonly onDestroyError?: ((error: unknown, resource: string) => void) | undefined;
}

type Create<T> = NonNullable<LiveObjectOptions<T>['create']>;

/** The live objects of one pool in one process, while nobody uses them. */
export class LiveObjects<T> {
  readonly #create: Create<T>;
  readonly #options: LiveObjectOptions<T>;
  /** By resource, the one that was used longest ago first. */
  readonly #idle = new Map<string, T>();
  readonly #ending = new Set<Promise<void>>();
  #maxIdle: number;

  constructor(options: LiveObjectOptions<T>, maxIdle: number) {
    this.#options = options;
    this.#create = creatorOf(options);
    this.#maxIdle = options.create === undefined ? 0 : maxIdle;
  }

  /** The resources of which there is one to use again. */
  get resources(): readonly string[] {
    return [...this.#idle.keys()];
  }

  /**
   * Gives the object of a resource that was just acquired: the one from before, or a new one. Where there is none to be
   * had, the resource is given back.
   *
   * @throws what `create` throws, LeaseLostError when the resource was lost meanwhile, or the signal's reason.
   */
  async takeFor(lease: Lease, resource: string, signal: AbortSignal | undefined): Promise<T> {
    const controller = new AbortController();
    const making = this.#take(resource, controller.signal);
    const stopListening = [onAbort(lease.signal, () => controller.abort(lease.signal.reason))];
    const aborted = new Promise<never>((_resolve, reject) => {
      const stop = onAbort(signal, () => {
        controller.abort(signal?.reason);
        reject(signal?.reason);
      });
      stopListening.push(stop);
    });
    try {
      signal?.throwIfAborted();
      const value = await Promise.race([making, aborted]);
      if (lease.lossError !== undefined) throw lease.lossError;
      return value;
    } catch (error) {
      // Not before nothing of this process is at work on it any more.
      const isGivenBack = making
        .then((value) => this.destroy(resource, value))
        .catch(() => undefined)
        .then(() => lease[Symbol.asyncDispose]());
      if (signal?.aborted !== true) await isGivenBack;
      throw error;
    } finally {
      for (const stop of stopListening) stop();
    }
  }

  async #take(resource: string, signal: AbortSignal): Promise<T> {
    for (const [name, value] of this.#idle) {
      if (name !== resource) continue;
      this.#idle.delete(name);
      return value;
    }
    return this.#create(resource, { signal });
  }

  /** Takes an object back that may be used again, unless none is kept. */
  async keep(resource: string, value: T): Promise<void> {
    if (this.#maxIdle === 0) return this.destroy(resource, value);
    this.#idle.set(resource, value);
    for (const [oldest, replaced] of this.#idle) {
      if (this.#idle.size <= this.#maxIdle) break;
      this.#idle.delete(oldest);
      // What belongs to another resource holds nobody up.
      void this.destroy(oldest, replaced);
    }
  }

  /** Ends what is there of resources that are none any more: nothing would ever ask for it again. */
  keepOnly(resources: readonly string[]): void {
    for (const [resource, value] of this.#idle) {
      if (resources.includes(resource)) continue;
      this.#idle.delete(resource);
      void this.destroy(resource, value);
    }
  }

  /** Ends an object that nobody may use again; never rejects. */
  destroy(resource: string, value: T): Promise<void> {
    const ending = this.#destroy(resource, value).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return ending;
  }

  /** Ends what is there, and from now on whatever comes back. */
  async close(): Promise<void> {
    this.#maxIdle = 0;
    for (const [resource, value] of this.#idle) void this.destroy(resource, value);
    this.#idle.clear();
    await Promise.all(this.#ending);
  }

  async #destroy(resource: string, value: T): Promise<void> {
    const { create, destroy, onDestroyError } = this.#options;
    if (create === undefined) return;
    try {
      await destroy?.(value, resource);
    } catch (error) {
      callSafely((reason: unknown) => onDestroyError?.(reason, resource), error);
    }
  }
}

/** What makes the live objects. Where nothing does, `T` is `undefined`. */
function creatorOf<T>(options: Pick<LiveObjectOptions<T>, 'create'>): Create<T>;
function creatorOf({ create }: Pick<LiveObjectOptions<unknown>, 'create'>): Create<unknown> {
  return create ?? (() => undefined);
}
