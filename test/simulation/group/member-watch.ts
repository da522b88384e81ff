import type { LockEvent } from '../../../src/events.ts';
import type { Checker } from '../checker.ts';
import type { Process } from '../process.ts';
import { Watch, type WatchSettings } from '../watch.ts';

/**
 * Follows the lease on one lock of a group from when it was handed over with the others of its acquisition: before,
 * nobody can believe that he holds it.
 */
export class MemberWatch {
  /** Of the lock. */
  readonly url: string;
  /** When the lock was got, in real time. */
  readonly gotMs: number;
  readonly #process: Process;
  readonly #watch: Watch;
  /** When it ends unless it is refreshed, on the monotonic clock. */
  #endMs: number;
  #together: readonly MemberWatch[] | undefined;
  #isGivenBack = false;

  constructor(
    process: Process,
    checker: Checker,
    handle: number,
    settings: WatchSettings,
    { lock, leaseId, remainingMs }: Extract<LockEvent, { kind: 'acquired' }>,
  ) {
    this.url = lock;
    this.gotMs = process.nowMs;
    this.#process = process;
    this.#watch = new Watch(process, checker, handle, settings, leaseId);
    this.#endMs = process.peek().monotonicMs + remainingMs;
  }

  /** Those that were handed over with it, and itself. */
  get together(): readonly MemberWatch[] {
    return this.#together ?? [this];
  }

  get isHandedOver(): boolean {
    return this.#together !== undefined;
  }

  onHandedOver(together: readonly MemberWatch[]): void {
    if (this.isHandedOver) return;
    this.#together = together;
    this.#watch.onLease({ remainingMs: this.#endMs - this.#process.peek().monotonicMs });
  }

  onEvent(event: LockEvent): void {
    if (event.kind === 'refreshed' && !this.isHandedOver) {
      this.#endMs = this.#process.peek().monotonicMs + event.remainingMs;
    } else if (event.kind !== 'lost' || !this.#isGivenBack) this.#watch.onEvent(event);
  }

  onClaim(): void {
    this.#watch.onClaim();
  }

  onRelease(): void {
    this.#watch.onRelease();
  }

  leave(): void {
    this.#watch.leave();
  }

  end(): void {
    this.#watch.end();
  }

  /** Another of its lease was lost: it is given back, and may find at that moment that it was lost as well. */
  giveBack(): void {
    this.#isGivenBack = true;
    this.#watch.end();
  }

  recompute(): void {
    this.#watch.recompute();
  }
}
