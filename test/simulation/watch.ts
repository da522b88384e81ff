import type { LockEvent } from '../../src/events.ts';
import type { Lease } from '../../src/lease.ts';
import type { LossReason } from '../../src/protocol/hold-state.ts';
import type { LeaseTiming } from '../../src/protocol/timing.ts';
import type { Checker } from './checker.ts';
import type { Credit } from './machine.ts';
import type { Process } from './process.ts';

/** What the watch needs to know of a lock's settings. */
export interface WatchSettings {
  readonly timing: LeaseTiming;
  readonly maxHoldMs: number;
  readonly refreshIntervalMs: number;
}

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** A refresh that nothing happens to takes less than this, and a lease that has more left for it lives on. */
const SMOOTH_REFRESH_MS = 150;

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
  readonly #grantedMs: number;
  #credit: Credit | undefined;
  /** When it ends unless it is refreshed, on the monotonic clock; undefined where that is not known, or over. */
  #endMs: number | undefined;
  /** When the send left that counts for it. */
  #creditedMs = Infinity;
  /** Whether it was held when its holder released it. */
  #wasHeldAtRelease = false;
  /** Whether its clocks have told its holder to doubt it, and no refresh has settled that yet. */
  #isInDoubt = false;
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
    this.#grantedMs = process.nowMs;
    this.#checker.onGrant(process.nowMs);
  }

  /** The lease itself, as soon as somebody has it. */
  onLease({ remainingMs }: Pick<Lease, 'remainingMs'>): void {
    if (remainingMs > 0) this.#believe(remainingMs);
  }

  onEvent(event: LockEvent): void {
    switch (event.kind) {
      case 'refreshed':
        if (this.#isOver) return this.#wrong('is refreshed though it is over');
        this.#isInDoubt = false;
        this.#checkTime();
        this.#believe(event.remainingMs);
        if (this.#hasLeft || this.#believesNow() || this.#process.isAhead) return;
        return this.#wrong('counts as refreshed, and is not held');
      case 'in-doubt':
        this.#isInDoubt = true;
        this.#checkGrant();
        this.#credit = undefined;
        return this.recompute();
      case 'lost':
        this.#lossCount += 1;
        if (this.#lossCount > 1 || this.#isOver) this.#wrong('is lost twice, or after its end');
        this.#checkGrant();
        this.#checkLoss(event.reason);
        return this.end();
      case 'released':
        return this.#checkRelease(event.wasHeld);
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
    this.#checkTime();
    this.#endMs = undefined;
    this.#hasLeft = true;
    this.#credit = undefined;
    this.recompute();
  }

  /** The holder releases it, and it was held at that moment. */
  onRelease(): void {
    this.#wasHeldAtRelease = true;
  }

  /** The holder has given the lease up, lost it, or died. */
  end(): void {
    this.#checkTime();
    this.#endMs = undefined;
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
    const sends = this.#process.sendsFrom(baseMs, this.leaseId);
    // Of several at one moment of the monotonic clock the last: the other clock was set in between, which ruled out the others.
    const send = sends.findLast(({ at }) => at.monotonicMs <= baseMs + ROUNDING_MS) ?? sends[0];
    const isCapped = maxHoldMs !== Infinity;
    if (send === undefined || (!isCapped && send.at.monotonicMs > baseMs + ROUNDING_MS)) {
      return this.#wrong('counts from a moment at which nothing was sent');
    }
    this.#checker.onCredit(this.leaseId, send.realMs);
    if (!isCapped && send.realMs < this.#process.thawedMs) this.#wrong('counts from a send before a freeze');
    this.#credit = { endMs, sentAt: send.at, timing };
    this.#endMs = endMs;
    this.#creditedMs = send.realMs;
    this.recompute();
  }

  #believesNow(): boolean {
    if (this.#credit === undefined) return false;
    const { nowMs } = this.#process;
    return this.#process.beliefOf(this.#credit).some(({ fromMs }) => fromMs <= nowMs);
  }

  /** Its user must have heard that it is over: it has a timer of its own. */
  #checkTime(): void {
    if (this.#endMs === undefined) return;
    const lateMs = this.#process.nowMs - this.#process.firesBy(this.#endMs);
    if (lateMs > ROUNDING_MS) this.#wrong(`is lost ${lateMs.toFixed(0)} ms late, or not at all`);
  }

  /** Whoever gets a lease holds it, at least at that moment. */
  #checkGrant(): void {
    const { nowMs, isAhead } = this.#process;
    if (nowMs === this.#grantedMs && !isAhead) this.#wrong('is not held when it is granted');
  }

  #checkLoss(reason: LossReason): void {
    if (reason === 'max-hold') return;
    if (reason !== 'expired') {
      if (!this.#checker.records.wasEnded(this.leaseId)) this.#wrong('is given up, and its record is there');
      return;
    }
    const { timing, refreshIntervalMs } = this.#settings;
    const hasTime = timing.ttlMs - timing.marginMs - refreshIntervalMs > SMOOTH_REFRESH_MS;
    const troubledMs = Math.max(this.#process.troubledUntilMs, this.#checker.meddledMs);
    // Two clocks of unlike rates are reason enough to doubt, again and again where the margin is small.
    if (hasTime && !this.#isInDoubt && this.#endMs !== undefined && troubledMs < this.#creditedMs)
      this.#wrong('expires though nothing keeps it from being refreshed');
  }

  #checkRelease(wasHeld: boolean): void {
    const { records } = this.#checker;
    if (wasHeld && !records.wasEnded(this.leaseId))
      this.#wrong('counts as released, and its record is there');
    if (!wasHeld && this.#wasHeldAtRelease && records.wasReleased(this.leaseId))
      this.#wrong('was released in time, and is told that it was over');
  }

  #wrong(what: string): void {
    this.#checker.add(this.#process.nowMs, `lease ${this.leaseId.slice(0, 4)} ${what}`);
  }
}
