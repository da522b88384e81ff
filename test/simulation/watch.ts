import type { LockEvent } from '../../src/events.ts';
import type { Lease } from '../../src/lease.ts';
import type { LeaseTiming } from '../../src/protocol/timing.ts';
import type { Checker } from './checker.ts';
import type { Credit } from './machine.ts';
import type { Process } from './process.ts';

/** What the watch needs to know of a lock's settings. */
export interface WatchSettings {
  readonly timing: LeaseTiming;
  readonly maxHoldMs: number;
}

/**
 * Follows one lease from outside, by what the library tells of it, and works out when its holder believes: from
 * each credited send to the end that its clocks give it.
 */
export class Watch {
  readonly #process: Process;
  readonly #checker: Checker;
  readonly #handle: number;
  readonly #settings: WatchSettings;
  readonly leaseId: string;
  #credit: Credit | undefined;
  #lossCount = 0;
  #isOver = false;
  /** Whether the holder has done what it held the lock for: it believes no more, though it may yet refresh. */
  #hasLeft = false;

  constructor(process: Process, checker: Checker, handle: number, settings: WatchSettings, leaseId: string) {
    this.#process = process;
    this.#checker = checker;
    this.#handle = handle;
    this.#settings = settings;
    this.leaseId = leaseId;
    this.#checker.onGrant(process.nowMs);
  }

  /** The lease itself, as soon as somebody has it. */
  onLease(lease: Lease): void {
    const { remainingMs } = lease;
    if (remainingMs > 0) this.#believe(remainingMs);
  }

  onEvent(event: LockEvent): void {
    switch (event.kind) {
      case 'refreshed':
        if (this.#isOver) return this.#wrong('is refreshed though it is over');
        return this.#believe(event.remainingMs);
      case 'in-doubt':
        this.#credit = undefined;
        return this.recompute();
      case 'lost':
        this.#lossCount += 1;
        if (this.#lossCount > 1 || this.#isOver) this.#wrong('is lost twice, or after its end');
        return this.end();
      default:
    }
  }

  /** The holder looks at the lease and finds it held. */
  onClaim(): void {
    if (this.#isOver) this.#wrong('is held though it is over');
    else this.#checker.onClaim(this.#handle, this.#process.nowMs);
  }

  /** The holder has done what it held the lock for: what happens from now on is no belief of its own. */
  leave(): void {
    this.#hasLeft = true;
    this.#credit = undefined;
    this.recompute();
  }

  /** The holder has given the lease up, lost it, or died. */
  end(): void {
    this.#isOver = true;
    this.#credit = undefined;
    this.recompute();
  }

  /** Says anew when the holder believes: from now on, by what is known of its clocks now. */
  recompute(): void {
    const { nowMs } = this.#process;
    const spans = this.#credit === undefined ? [] : this.#process.beliefOf(this.#credit);
    this.#checker.onBelief(this.#handle, this.leaseId, spans, nowMs);
  }

  #believe(remainingMs: number): void {
    if (this.#hasLeft) return;
    const { timing, maxHoldMs } = this.#settings;
    const endMs = this.#process.peek().monotonicMs + remainingMs;
    const baseMs = endMs - timing.ttlMs + timing.marginMs;
    const [send] = this.#process.sendsFrom(baseMs);
    const isCapped = maxHoldMs !== Infinity;
    if (send === undefined || (!isCapped && send.at.monotonicMs > baseMs + 1e-3)) {
      return this.#wrong('counts from a moment at which nothing was sent');
    }
    this.#checker.onCredit(this.leaseId, send.realMs);
    this.#credit = { endMs, sentAt: send.at, timing };
    this.recompute();
  }

  #wrong(what: string): void {
    this.#checker.add(this.#process.nowMs, `lease ${this.leaseId.slice(0, 4)} ${what}`);
  }
}
