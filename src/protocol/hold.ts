import { nextPause, NO_BACKOFF } from './backoff.ts';
import {
  endOf,
  type Grant,
  type HoldSettings,
  type HoldState,
  type LossReason,
  type RefreshRequest,
  startHolding,
} from './hold-state.ts';
import type { SeenObject } from './outcome.ts';
import { CARRY_ON, type CarryOnStep, type ProtocolEvent, type StoreStep, type WaitStep } from './step.ts';
import { type Instant, laterOf, leaseDeadline, type Millis, sleptBetween } from './timing.ts';

export interface LostStep {
  readonly kind: 'lost';
  readonly reason: LossReason;
}

export type HoldStep = StoreStep | WaitStep | CarryOnStep | LostStep;
type Next = readonly [HoldState, HoldStep];

/** Remembered refreshes beyond this many are known by their count alone and credit nothing. */
const MAX_UNDECIDED = 256;

/**
 * The state of a record that is ours but may be too old to count: a refresh must be applied first. It has
 * no deadline of its own; whoever asked for it gives up when the acquisition's time is over.
 */
export function startConfirming(grant: Grant, settings: HoldSettings, at: Instant): Next {
  const state = { ...startHolding(grant, settings, at), deadlineMs: Infinity, maxHoldUntilMs: Infinity };
  return rebuild({ ...state, doubtedCount: state.lastCount }, at, 0);
}

/** What the holder does next, given what happened. */
export function hold(state: HoldState, event: ProtocolEvent): Next {
  if (state.lost !== undefined) return [state, CARRY_ON];
  if (event.at.monotonicMs >= state.deadlineMs) return lose(state, 'expired');
  if (event.at.monotonicMs >= state.maxHoldUntilMs) return lose(state, 'max-hold');
  if (event.kind === 'resumed') return doubt(state, event.at);
  if (event.kind === 'wrote') return onWrote(state, event);
  if (event.kind === 'read') return onRead(state, event);
  const slept = sleptBetween(state.creditedAt, event.at, state.settings.timing);
  if (slept && state.doubtedCount === undefined) return doubt(state, event.at);
  if (event.kind === 'refresh-asked' && state.phase.kind === 'resting') return rebuild(state, event.at, 0);
  return onTick(state, event.at);
}

/** The first step of a lease that was just granted, or of one whose driver has nothing under way. */
export function onTick(state: HoldState, at: Instant): Next {
  const { phase } = state;
  const nowMs = at.monotonicMs;
  switch (phase.kind) {
    case 'resting': {
      const dueMs = state.creditedAt.monotonicMs + state.settings.refreshIntervalMs;
      return nowMs >= dueMs ? rebuild(state, at, 0) : wait(state, dueMs);
    }
    case 'resending':
      return nowMs >= phase.untilMs ? send(state, phase.refresh, at) : wait(state, phase.untilMs);
    case 'rebuilding':
      return nowMs >= phase.untilMs ? sendRefresh(state, at) : wait(state, phase.untilMs);
    case 'rereading':
      return nowMs >= phase.untilMs ? read(state, at) : wait(state, phase.untilMs);
    case 'patching':
    case 'reading':
      return [state, CARRY_ON];
    default:
      return phase satisfies never;
  }
}

function onWrote(state: HoldState, event: ProtocolEvent & { kind: 'wrote' }): Next {
  if (state.phase.kind !== 'patching') return [state, CARRY_ON];
  const { refresh } = state.phase;
  const { outcome } = event;
  switch (outcome.kind) {
    case 'applied': {
      const version = 'version' in outcome ? outcome.version : state.version;
      return credit({ ...state, version }, refresh.count, refresh.sentAt, event);
    }
    case 'not-applied':
    case 'failed':
      // After an unknown outcome there is always a read and a new request, so no earlier attempt of this one
      // can have been applied: the very same request may go out again.
      return resend(state, refresh, event);
    case 'refused':
    case 'unknown':
      return read(noteUndecided(state, refresh), event.at);
    default:
      return outcome satisfies never;
  }
}

function onRead(state: HoldState, event: ProtocolEvent & { kind: 'read' }): Next {
  if (state.phase.kind !== 'reading') return [state, CARRY_ON];
  const { outcome } = event;
  switch (outcome.kind) {
    case 'absent':
      return lose(state, 'deleted');
    case 'found':
      return onFound(state, outcome.object, event);
    case 'unreadable':
    case 'failed': {
      const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
      const untilMs = event.at.monotonicMs + delayMs;
      return wait({ ...state, backoff, phase: { kind: 'rereading', untilMs } }, untilMs);
    }
    default:
      return outcome satisfies never;
  }
}

/** A refresh was refused or got no answer, and this is what the object says now. */
function onFound(state: HoldState, object: SeenObject, event: ProtocolEvent): Next {
  if (object.content.kind !== 'record') return lose(state, 'edited');
  const seen = object.content.record;
  if (seen.leaseId !== state.record.leaseId) return lose(state, 'taken-over');
  const isAsWritten =
    object.version.generation === state.version.generation &&
    seen.state === 'held' &&
    seen.ttlMs === state.record.ttlMs &&
    seen.counter === state.record.counter &&
    seen.refreshCount <= state.lastCount;
  if (!isAsWritten) return lose(state, 'edited');
  const asRead = { ...state, version: object.version };
  if (seen.refreshCount > state.creditedCount) {
    // Only we write counts under our lease id: this refresh was applied, and nothing but its own first send
    // counts. One that is no longer remembered credits nothing.
    const applied = state.undecided.find((refresh) => refresh.count === seen.refreshCount);
    return credit(asRead, seen.refreshCount, applied?.sentAt ?? state.creditedAt, event);
  }
  const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
  return rebuild({ ...asRead, backoff }, event.at, delayMs);
}

/** A refresh of ours was applied. The lease may go on, counted from when that refresh was first sent. */
function credit(state: HoldState, count: number, base: Instant, event: ProtocolEvent): Next {
  const { timing } = state.settings;
  const known: HoldState = {
    ...state,
    creditedCount: count,
    undecided: state.undecided.filter((refresh) => refresh.count > count),
  };
  const isBeforeDoubt = state.doubtedCount !== undefined && count <= state.doubtedCount;
  if (sleptBetween(base, event.at, timing)) return doubt(known, event.at);
  const deadlineMs = leaseDeadline(base, timing);
  const isConfirming = state.deadlineMs === Infinity;
  if (isBeforeDoubt || (isConfirming && deadlineMs <= event.at.monotonicMs)) {
    return rebuild(known, event.at, 0);
  }
  const { doubtedCount: _settled, ...settled } = known;
  const held: HoldState = {
    ...settled,
    creditedAt: isConfirming ? base : laterOf(state.creditedAt, base),
    deadlineMs: isConfirming ? deadlineMs : Math.max(state.deadlineMs, deadlineMs),
    maxHoldUntilMs: isConfirming ? event.at.monotonicMs + state.settings.maxHoldMs : state.maxHoldUntilMs,
    backoff: NO_BACKOFF,
    phase: { kind: 'resting' },
  };
  // Whoever waits for a first refresh takes the lease over as it is, with nothing under way.
  return isConfirming ? [held, CARRY_ON] : onTick(held, event.at);
}

/** Time may have passed that no deadline knows of: what is under way is cut off, and a new refresh decides. */
function doubt(state: HoldState, at: Instant): Next {
  return rebuild({ ...state, doubtedCount: state.lastCount, hadDoubt: true }, at, 0);
}

function noteUndecided(state: HoldState, refresh: RefreshRequest): HoldState {
  return { ...state, undecided: [...state.undecided, refresh].slice(-MAX_UNDECIDED) };
}

/** Pauses, as long as the store's ration of writes asks for, before a new request is built. */
function rebuild(state: HoldState, at: Instant, pauseMs: Millis): Next {
  const untilMs = at.monotonicMs + Math.max(pauseMs, rationLeft(state, at));
  if (untilMs <= at.monotonicMs) return sendRefresh(state, at);
  return wait({ ...state, phase: { kind: 'rebuilding', untilMs } }, untilMs);
}

/** Pauses before the same request, which surely did nothing yet, is sent again. */
function resend(state: HoldState, refresh: RefreshRequest, event: ProtocolEvent): Next {
  const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
  const untilMs = event.at.monotonicMs + Math.max(delayMs, rationLeft(state, event.at));
  return wait({ ...state, backoff, phase: { kind: 'resending', refresh, untilMs } }, untilMs);
}

/** How long until the store's ration allows another write; time that the machine slept through counts. */
function rationLeft(state: HoldState, at: Instant): Millis {
  const { lastWriteAt } = state;
  const passedMs = Math.max(at.monotonicMs - lastWriteAt.monotonicMs, at.elapsedMs - lastWriteAt.elapsedMs);
  return state.settings.mutationIntervalMs - passedMs;
}

/** Builds a refresh under a count never sent before, and sends it. */
function sendRefresh(state: HoldState, at: Instant): Next {
  const refresh: RefreshRequest = {
    request: state.lastRequest + 1,
    count: state.lastCount + 1,
    expected: state.version,
    sentAt: at,
  };
  return send({ ...state, lastRequest: refresh.request, lastCount: refresh.count }, refresh, at);
}

function send(state: HoldState, refresh: RefreshRequest, at: Instant): Next {
  return [
    { ...state, lastWriteAt: at, phase: { kind: 'patching', refresh } },
    {
      kind: 'patch',
      expected: refresh.expected,
      record: { ...state.record, refreshCount: refresh.count },
      request: refresh.request,
      limitMs: attemptLimit(state, at),
      freshConnection: state.doubtedCount !== undefined,
    },
  ];
}

function read(state: HoldState, at: Instant): Next {
  return [
    { ...state, phase: { kind: 'reading' } },
    { kind: 'get', limitMs: attemptLimit(state, at) },
  ];
}

/** Half of what is left, so that an attempt without an answer leaves time for another. */
function attemptLimit(state: HoldState, at: Instant): Millis {
  return Math.min(state.settings.requestTimeoutMs, (endOf(state) - at.monotonicMs) / 2);
}

function wait(state: HoldState, untilMs: Millis): Next {
  return [state, { kind: 'wait', untilMs }];
}

function lose(state: HoldState, reason: LossReason): Next {
  return [
    { ...state, lost: reason, phase: { kind: 'resting' } },
    { kind: 'lost', reason },
  ];
}
