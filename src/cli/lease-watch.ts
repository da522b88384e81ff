import type { Lease, LeaseLostError } from '../index.ts';

/** What is asked of a lease while a command works under it: of one on a lock, or on permits of a semaphore. */
export type RunLease = Pick<Lease, 'lock' | 'isHeld' | 'remainingMs' | 'signal' | 'lossError' | 'refresh'> &
  Partial<Pick<Lease, 'leaseId'>>;

/** What a watch does when the lease runs out, or is lost. */
export interface LeaseWatchers {
  /** The lease has `killAfterMs` left, and no refresh got through since: time to stop. */
  readonly onEnding: () => void;
  /** Somebody else may hold the lock from now on, or does. */
  readonly onLost: (error: LeaseLostError) => void;
}

/**
 * Looks after a lease while a command works under it. Each refresh moves the moment on; so does the loss of the lease
 * to somebody who took the object away, which comes without notice.
 */
export class LeaseWatch {
  readonly #lease: RunLease;
  readonly #killAfterMs: number;
  readonly #watchers: LeaseWatchers;
  readonly #signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  /** When the lease ends by the last look at it, on the clock of `performance.now`. */
  #endsAt = 0;

  constructor(lease: RunLease, killAfterMs: number, watchers: LeaseWatchers) {
    this.#lease = lease;
    this.#killAfterMs = killAfterMs;
    this.#watchers = watchers;
    this.#signal = lease.signal;
  }

  /** Looks at the lease from now on. A loss is told once, also where it has been lost before. */
  start(): void {
    if (this.#signal.aborted) return this.#onAbort();
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    this.look();
  }

  /** How long the lease lasts by the last look at it while it was held, milliseconds; 0 where it is over. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Looks at the lease now; by itself it looks whenever the time may have come. */
  look(): void {
    clearTimeout(this.#timer);
    const { remainingMs, lossError } = this.#lease;
    if (lossError !== undefined) return;
    // In doubt after a sleep: a refresh is under way that ends in either of the two. Meanwhile the old end counts.
    if (remainingMs > 0) this.#endsAt = performance.now() + remainingMs;
    const leftMs = this.leftMs - this.#killAfterMs;
    if (leftMs <= 0) return this.#watchers.onEnding();
    this.#timer = setTimeout(() => this.look(), leftMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    clearTimeout(this.#timer);
    const { lossError } = this.#lease;
    if (lossError !== undefined) this.#watchers.onLost(lossError);
  };
}
