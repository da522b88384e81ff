import { type Backoff, type BackoffSettings, NO_BACKOFF } from './backoff.ts';
import type { HoldSettings, HoldState } from './hold-state.ts';
import type { Failure, SeenObject } from './outcome.ts';
import type { LockRecord } from './record.ts';
import type { StaleRules } from './stale.ts';
import type { ProtocolEvent } from './step.ts';
import type { Instant, Millis } from './timing.ts';
import type { Version } from './version.ts';

export interface AcquireSettings {
  /**
   * `wait` goes on until the driver's patience is over, `try` ends at the first sight of a holder; `once` does not
   * even look who was quicker when a write is refused: for whoever has other locks to try.
   */
  readonly mode: 'wait' | 'try' | 'once';
  /** What a grant writes, less what each acquisition adds. */
  readonly record: Pick<LockRecord, 'ttlMs' | 'holder' | 'metadata'>;
  readonly rules: StaleRules;
  readonly backoff: BackoffSettings;
  readonly hold: HoldSettings;
}

/** A write on its way: what it would make the object say, and when it left. */
export interface PendingWrite {
  readonly record: LockRecord;
  readonly sentAt: Instant;
  /** The version that it replaces; absent for a create. */
  readonly expected?: Version;
}

/** What somebody has just seen of the object. */
export interface Sighting {
  /** When the request for it left. */
  readonly sentAt: Instant;
  readonly read: Pick<ProtocolEvent & { kind: 'read' }, 'outcome' | 'observedSinceMs' | 'isOwnOrphan'>;
}

export type AcquirePhase =
  /** `seen` takes the place of the first request. */
  | { readonly kind: 'starting'; readonly seen?: Sighting }
  | { readonly kind: 'writing'; readonly write: PendingWrite }
  | { readonly kind: 'reading'; readonly sentAt: Instant }
  | { readonly kind: 'waiting'; readonly untilMs: Millis }
  /** The record is ours, but it is or may be too old to count: a refresh must be applied first. */
  | { readonly kind: 'confirming'; readonly hold: HoldState }
  | { readonly kind: 'ended' };

/** One acquisition from its first request to a grant or to its end. */
export interface AcquireState {
  readonly settings: AcquireSettings;
  readonly leaseId: string;
  readonly phase: AcquirePhase;
  readonly lastRequest: number;
  /** When the first write under this lease id left. */
  readonly firstWriteAt?: Instant;
  /** When the latest write left. */
  readonly lastWriteAt?: Instant;
  /**
   * Whether the process was stopped after that first write had left: how long it was away no clock may tell, so that
   * nothing that was sent before counts for a lease.
   */
  readonly wasStopped: boolean;
  /** When the latest read left that showed anything but this lease id. */
  readonly otherSeenAt?: Instant;
  /** A read showed a version that an earlier answer had proved replaced: reads prove nothing about "now". */
  readonly readsMayBeOld: boolean;
  /** What the latest answer showed, and what it thereby proved replaced. */
  readonly current: Version | undefined;
  readonly replaced: readonly Version[];
  /** The version on which a takeover was refused, and when: a read that shows it again is an old reading. */
  readonly refusedTakeover?: { readonly version: Version; readonly atMs: Millis };
  /** How many writes under this lease id may have been applied, or may yet be, without our knowing. */
  readonly undecidedCount: number;
  /** No write before this, on the monotonic clock. */
  readonly nextWriteMs: Millis;
  readonly writePause: Backoff;
  /** Whether the one create that need not wait for the ration of writes was used. */
  readonly usedCreateAtOnce: boolean;
  /** How many writes were refused because the object was not as expected. */
  readonly refusalCount: number;
  /** Whether the latest write was to replace a record that somebody held. */
  readonly hasTakenOver: boolean;
  /** Whether the latest read was forbidden: it may be that there is no object, and one guarded create tells. */
  readonly isReadForbidden: boolean;
  /** Whether there is an object that may not be read: after a forbidden read that create was refused. */
  readonly isObjectForbidden: boolean;
  readonly backoff: Backoff;
  /** What the latest read showed, for messages. */
  readonly sighting?: SeenObject;
  /** Why the latest request failed, if it did, for messages. */
  readonly failure?: Failure;
}

/** The state before the first request. */
export function startAcquiring(settings: AcquireSettings, leaseId: string, seen?: Sighting): AcquireState {
  return {
    settings,
    leaseId,
    phase: seen === undefined ? { kind: 'starting' } : { kind: 'starting', seen },
    lastRequest: 0,
    wasStopped: false,
    readsMayBeOld: false,
    current: undefined,
    replaced: [],
    undecidedCount: 0,
    nextWriteMs: -Infinity,
    writePause: NO_BACKOFF,
    usedCreateAtOnce: false,
    refusalCount: 0,
    hasTakenOver: false,
    isReadForbidden: false,
    isObjectForbidden: false,
    backoff: NO_BACKOFF,
  };
}

/**
 * The state after the lease id in use became useless: everything that was learnt of the object and of the
 * store's patience stays, everything that belongs to the old id goes.
 */
export function startAnew(state: AcquireState, leaseId: string): AcquireState {
  const { firstWriteAt: _write, otherSeenAt: _seen, ...kept } = state;
  return { ...kept, leaseId, phase: { kind: 'starting' }, wasStopped: false, undecidedCount: 0 };
}

/** Whether an object of this lease id may exist or appear, so that giving up has something to clear away. */
export function mayHaveWritten(state: AcquireState): boolean {
  return state.undecidedCount > 0 || state.phase.kind === 'writing' || state.phase.kind === 'confirming';
}
