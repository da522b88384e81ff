import { type Backoff, type BackoffSettings, NO_BACKOFF } from './backoff.ts';
import type { LockRecord } from './record.ts';
import { type Instant, leaseDeadline, type LeaseTiming, type Millis, sleptBetween } from './timing.ts';
import type { Version } from './version.ts';

/** Why a lease is over though nobody released it. */
export type LossReason = 'expired' | 'taken-over' | 'deleted' | 'edited' | 'max-hold';

export interface HoldSettings {
  readonly timing: LeaseTiming;
  /** How long after a credited send the next refresh is due. */
  readonly refreshIntervalMs: Millis;
  /** The longest that one attempt may take. */
  readonly requestTimeoutMs: Millis;
  /** The shortest time between two writes to the object. */
  readonly mutationIntervalMs: Millis;
  readonly backoff: BackoffSettings;
  /** The lease ends this long after it was granted, however healthy; Infinity for never. */
  readonly maxHoldMs: Millis;
}

/** A refresh that was built: its number, its count and when it first left. */
export interface RefreshRequest {
  readonly request: number;
  readonly count: number;
  readonly expected: Version;
  readonly sentAt: Instant;
}

export type HoldPhase =
  | { readonly kind: 'resting' }
  | { readonly kind: 'patching'; readonly refresh: RefreshRequest }
  /** Pausing before the same request is sent again. */
  | { readonly kind: 'resending'; readonly refresh: RefreshRequest; readonly untilMs: Millis }
  /** Pausing before a new request is built. */
  | { readonly kind: 'rebuilding'; readonly untilMs: Millis }
  | { readonly kind: 'reading' }
  | { readonly kind: 'rereading'; readonly untilMs: Millis };

/** A lease from its grant to its end, as the holder knows it. */
export interface HoldState {
  readonly settings: HoldSettings;
  /** What the holder's writes say; every refresh writes all of it with a new count. */
  readonly record: LockRecord;
  readonly version: Version;
  /** The send time of the latest write that counts for the ttl. */
  readonly creditedAt: Instant;
  /** The refresh count of that write. */
  readonly creditedCount: number;
  /** On the monotonic clock: from here on the lease is over. Infinity while it was never confirmed. */
  readonly deadlineMs: Millis;
  /** On the monotonic clock: the end by `maxHoldMs`. */
  readonly maxHoldUntilMs: Millis;
  /** The highest refresh count that was ever sent. */
  readonly lastCount: number;
  readonly lastRequest: number;
  /** When the last write left. */
  readonly lastWriteAt: Instant;
  /** Refreshes of ours that may have been applied or may yet be. */
  readonly undecided: readonly RefreshRequest[];
  /**
   * Set while it is in doubt whether time passed uncounted: only a refresh of a higher count than this was built since
   * the doubt arose, and can settle it. No clock would tell as surely: one may stand still while the process does.
   */
  readonly doubtedCount?: number;
  /** Whether it ever was: connections from before may be dead. */
  readonly hadDoubt: boolean;
  readonly backoff: Backoff;
  readonly phase: HoldPhase;
  readonly lost?: LossReason;
}

/** What a grant says: the write that made the record ours, and when it first left. */
export interface Grant {
  readonly record: LockRecord;
  readonly version: Version;
  readonly base: Instant;
  readonly lastRequest: number;
  readonly lastWriteAt: Instant;
}

/** The state of a lease that is held from the send time of the write that won it. */
export function startHolding(grant: Grant, settings: HoldSettings, at: Instant): HoldState {
  return {
    settings,
    record: grant.record,
    version: grant.version,
    creditedAt: grant.base,
    creditedCount: grant.record.refreshCount,
    deadlineMs: leaseDeadline(grant.base, settings.timing),
    maxHoldUntilMs: at.monotonicMs + settings.maxHoldMs,
    lastCount: grant.record.refreshCount,
    lastRequest: grant.lastRequest,
    lastWriteAt: grant.lastWriteAt,
    undecided: [],
    hadDoubt: false,
    backoff: NO_BACKOFF,
    phase: { kind: 'resting' },
  };
}

/** Whether the holder may act as holder at this moment. To be computed on every use, never remembered. */
export function isHeldAt(state: HoldState, at: Instant): boolean {
  return (
    state.lost === undefined &&
    state.doubtedCount === undefined &&
    at.monotonicMs < endOf(state) &&
    !sleptBetween(state.creditedAt, at, state.settings.timing)
  );
}

/** Whether a refresh was credited, or a doubt settled by one, between two states of a lease. */
export function isRefreshed(before: HoldState, state: HoldState): boolean {
  if (state.doubtedCount !== undefined) return false;
  return state.creditedCount > before.creditedCount || before.doubtedCount !== undefined;
}

/** The moment, on the monotonic clock, at which the lease is over unless a refresh is credited before. */
export function endOf(state: HoldState): Millis {
  return Math.min(state.deadlineMs, state.maxHoldUntilMs);
}
