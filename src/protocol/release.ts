import { type Backoff, type BackoffSettings, nextPause, NO_BACKOFF } from './backoff.ts';
import { type Failure, NO_ANSWER, type SeenObject } from './outcome.ts';
import type { LockRecord } from './record.ts';
import { CARRY_ON, type CarryOnStep, type ProtocolEvent, type StoreStep, type WaitStep } from './step.ts';
import type { Instant, Millis } from './timing.ts';
import type { Version } from './version.ts';

export interface ReleaseSettings {
  readonly requestTimeoutMs: Millis;
  readonly mutationIntervalMs: Millis;
  readonly backoff: BackoffSettings;
  /** On the monotonic clock: when to leave the object to its ttl. */
  readonly untilMs: Millis;
}

type Phase =
  | { readonly kind: 'writing' }
  | { readonly kind: 'pausing'; readonly untilMs: Millis }
  | { readonly kind: 'reading' }
  | { readonly kind: 'rereading'; readonly untilMs: Millis }
  | { readonly kind: 'ended' };

/** The end of a record that is ours, from the first request to the answer. */
export interface ReleaseState {
  readonly settings: ReleaseSettings;
  readonly record: LockRecord;
  readonly version: Version;
  readonly request: number;
  /** Whether the first attempt left before the lease's deadline: only then was the lock surely still ours. */
  readonly isInTime: boolean;
  /** An attempt of ours may have been applied. */
  readonly isUndecided: boolean;
  readonly backoff: Backoff;
  /** When the store's ration allows the next write, on the monotonic clock. */
  readonly nextWriteMs: Millis;
  readonly phase: Phase;
  readonly failure?: Failure;
}

export type ReleaseStep =
  | StoreStep
  | WaitStep
  | CarryOnStep
  /** `wasHeld`: the lock was ours until now. */
  | { readonly kind: 'released'; readonly wasHeld: boolean }
  /** It could not be confirmed; the ttl will end it. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A release whose next request has yet to be built. */
type Unsent = Omit<ReleaseState, 'phase' | 'nextWriteMs'>;

type Next = readonly [ReleaseState, ReleaseStep];

/** What is being ended: the record as last written, its version as last known. */
export interface Holding {
  readonly record: LockRecord;
  readonly version: Version;
  readonly lastRequest: number;
}

/**
 * Begins to end a record of ours. Its holder has stopped believing before this is called: between the
 * delete's arrival and its answer somebody else may already hold the lock.
 *
 * @param earlier - whether the lease is still in time, and whether an earlier call may have ended it.
 */
export function startRelease(
  holding: Holding,
  earlier: Pick<ReleaseState, 'isInTime' | 'isUndecided'>,
  settings: ReleaseSettings,
  at: Instant,
): Next {
  const state: Unsent = {
    settings,
    record: holding.record,
    version: holding.version,
    request: holding.lastRequest + 1,
    ...earlier,
    backoff: NO_BACKOFF,
  };
  return write(state, at);
}

/** What a release does next, given what happened. */
export function release(state: ReleaseState, event: ProtocolEvent): Next {
  const { phase } = state;
  const nowMs = event.at.monotonicMs;
  switch (phase.kind) {
    case 'writing':
      return event.kind === 'wrote' ? onWrote(state, event) : giveUpIfLate(state, nowMs);
    case 'reading':
      return event.kind === 'read' ? onRead(state, event) : giveUpIfLate(state, nowMs);
    case 'pausing':
    case 'rereading': {
      if (nowMs >= state.settings.untilMs) return giveUpIfLate(state, nowMs);
      if (nowMs < phase.untilMs) return [state, { kind: 'wait', untilMs: phase.untilMs }];
      return phase.kind === 'pausing' ? write(state, event.at) : read(state, event.at);
    }
    case 'ended':
      return [state, CARRY_ON];
    default:
      return phase satisfies never;
  }
}

function onWrote(state: ReleaseState, event: ProtocolEvent & { kind: 'wrote' }): Next {
  const { outcome } = event;
  switch (outcome.kind) {
    case 'applied':
      return end(state, { kind: 'released', wasHeld: true });
    case 'refused':
      // A delete is guarded by the generation alone: refused means gone. A free-patch may have been refused
      // because of a refresh of our own.
      return hasCounter(state) ? read(state, event.at) : gone(state);
    case 'unknown': {
      const undecided = { ...state, isUndecided: true, failure: outcome.failure };
      return hasCounter(state) ? read(undecided, event.at) : again(undecided, event);
    }
    case 'not-applied':
      return again({ ...state, failure: outcome.failure }, event);
    case 'failed':
      return end(state, { kind: 'failed', failure: outcome.failure });
    default:
      return outcome satisfies never;
  }
}

/** Only where there is a counter: the free record stays, so that reading tells whether it is ours. */
function onRead(state: ReleaseState, event: ProtocolEvent & { kind: 'read' }): Next {
  const { outcome } = event;
  switch (outcome.kind) {
    case 'absent':
      return gone(state);
    case 'found':
      return onFound(state, outcome.object, event);
    case 'unreadable':
    case 'failed': {
      const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
      const untilMs = event.at.monotonicMs + delayMs;
      return pauseUntil({ ...state, backoff, failure: outcome.failure }, 'rereading', untilMs);
    }
    default:
      return outcome satisfies never;
  }
}

function onFound(state: ReleaseState, object: SeenObject, event: ProtocolEvent): Next {
  const isSameGeneration = object.version.generation === state.version.generation;
  if (!isSameGeneration || object.content.kind !== 'record') return gone(state);
  const seen = object.content.record;
  if (seen.leaseId !== state.record.leaseId || seen.counter === undefined) return gone(state);
  if (seen.state === 'free') return end(state, { kind: 'released', wasHeld: true });
  // Still held by us, at a version that we did not know: a new request, guarded by the version just read.
  return again({ ...state, version: object.version, request: state.request + 1 }, event);
}

function gone(state: ReleaseState): Next {
  return end(state, { kind: 'released', wasHeld: state.isUndecided && state.isInTime });
}

/**
 * The last of the time is not slept through: of what is left a pause takes half at the most, so that the record is left
 * to its ttl only once the ration allows no further attempt.
 */
function again(state: ReleaseState, event: ProtocolEvent): Next {
  const { untilMs, backoff: pauses } = state.settings;
  const nowMs = event.at.monotonicMs;
  const [delayMs, backoff] = nextPause(pauses, state.backoff, event.draw);
  const pauseMs = Math.min(delayMs, Math.max(pauses.minMs, (untilMs - nowMs) / 2));
  return pauseUntil({ ...state, backoff }, 'pausing', Math.max(nowMs + pauseMs, state.nextWriteMs));
}

function pauseUntil(state: ReleaseState, kind: 'pausing' | 'rereading', untilMs: Millis): Next {
  return [
    { ...state, phase: { kind, untilMs } },
    { kind: 'wait', untilMs },
  ];
}

function giveUpIfLate(state: ReleaseState, nowMs: Millis): Next {
  if (nowMs < state.settings.untilMs) return [state, CARRY_ON];
  return end(state, { kind: 'failed', failure: state.failure ?? NO_ANSWER });
}

/** What the record says decides: one with a counter is never deleted, since the counter must outlive it. */
function hasCounter(state: Unsent): boolean {
  return state.record.counter !== undefined;
}

function write(state: Unsent, at: Instant): Next {
  const { request, version } = state;
  const nextWriteMs = at.monotonicMs + state.settings.mutationIntervalMs;
  const next: ReleaseState = { ...state, nextWriteMs, phase: { kind: 'writing' } };
  if (!hasCounter(state)) {
    const limitMs = deletionLimit(state, at);
    return [next, { kind: 'delete', generation: version.generation, request, limitMs }];
  }
  const limitMs = attemptLimit(state, at);
  return [
    next,
    { kind: 'patch', expected: version, record: { ...state.record, state: 'free' }, request, limitMs },
  ];
}

function read(state: ReleaseState, at: Instant): Next {
  return [
    { ...state, phase: { kind: 'reading' } },
    { kind: 'get', limitMs: attemptLimit(state, at) },
  ];
}

/** The first attempts may not use up all the time, so that one without an answer leaves room for another. */
export function attemptLimit({ settings }: Pick<ReleaseState, 'settings'>, at: Instant): Millis {
  return Math.min(settings.requestTimeoutMs, (settings.untilMs - at.monotonicMs) / 2);
}

/** A delete without an answer is followed by another, which is not earlier for giving this one up before the ration allows it. */
function deletionLimit({ settings }: Pick<ReleaseState, 'settings'>, at: Instant): Millis {
  const { requestTimeoutMs, mutationIntervalMs, untilMs } = settings;
  const leftMs = untilMs - at.monotonicMs;
  return Math.min(requestTimeoutMs, Math.max(leftMs / 2, Math.min(mutationIntervalMs, leftMs)));
}

function end(state: ReleaseState, step: ReleaseStep): Next {
  return [{ ...state, phase: { kind: 'ended' } }, step];
}
