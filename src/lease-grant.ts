import type { HoldState } from './protocol/hold-state.ts';

/** What an acquisition hands over to its lease. */
export interface LeaseGrant {
  readonly hold: HoldState;
  /** A write of the acquisition may yet be applied; it can be cleared away only once the lock is released. */
  readonly isUndecided: boolean;
  readonly waitedMs: number;
  readonly requestCount: number;
  readonly wasTakenOver: boolean;
  /** How long the lease lasts without a refresh, milliseconds. */
  readonly remainingMs: number;
  /** Joined into the lease's own signal. */
  readonly signal: AbortSignal | undefined;
}
