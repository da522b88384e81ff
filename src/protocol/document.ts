import { nextPause, NO_BACKOFF } from './backoff.ts';
import type { OtherContent } from './codec.ts';
import { type DocumentRecord, fateOf, written } from './document-record.ts';
import type { ChangeSettings, DocumentState, PendingWrite, SeenDocument } from './document-state.ts';
import { type Failure, NO_ANSWER, type ReadOutcome, type SeenObject } from './outcome.ts';
import { attemptLimit } from './release.ts';
import { CARRY_ON, type CarryOnStep, type ProtocolEvent, type StoreStep, type WaitStep } from './step.ts';
import type { Instant, Millis } from './timing.ts';
import { isSameVersion } from './version.ts';

/** How a change ends. */
export type DocumentEnd<Value, Why> =
  | { readonly kind: 'written'; readonly value: Value }
  | { readonly kind: 'left'; readonly why: Why }
  /** The object is no document of this kind, or of a later version of this library. */
  | {
      readonly kind: 'other';
      readonly object: SeenObject<DocumentRecord<Value>>;
      readonly content: OtherContent;
    }
  /** `mayBeApplied`: a write of ours may have been applied, or may yet be. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly mayBeApplied: boolean };

export type DocumentStep<Value, Why> =
  | StoreStep<DocumentRecord<Value>>
  | WaitStep
  | CarryOnStep
  | DocumentEnd<Value, Why>;

type Next<Value, Why> = readonly [DocumentState<Value, Why>, DocumentStep<Value, Why>];
type Event<Value> = ProtocolEvent<DocumentRecord<Value>>;

/** @param seen - a reading of just now, which saves the first one. */
export function startChange<Value, Why>(
  settings: ChangeSettings<Value, Why>,
  changeId: string,
  at: Instant,
  seen?: ReadOutcome<DocumentRecord<Value>>,
): Next<Value, Why> {
  const state: DocumentState<Value, Why> = {
    settings,
    changeId,
    phase: { kind: 'reading' },
    lastRequest: 0,
    nextWriteMs: -Infinity,
    backoff: NO_BACKOFF,
  };
  // Chance is asked only after a failure.
  return seen === undefined ? read(state, at) : onRead(state, { kind: 'read', outcome: seen, at, draw: 0 });
}

/** What a change does next, given what happened. */
export function changeDocument<Value, Why>(
  state: DocumentState<Value, Why>,
  event: Event<Value>,
): Next<Value, Why> {
  const { phase } = state;
  const nowMs = event.at.monotonicMs;
  switch (phase.kind) {
    case 'reading':
      return event.kind === 'read' ? onRead(state, event) : giveUpIfLate(state, nowMs);
    case 'writing':
      return event.kind === 'wrote' ? onWrote(state, event) : giveUpIfLate(state, nowMs);
    case 'pausing':
      if (nowMs >= state.settings.untilMs) return giveUpIfLate(state, nowMs);
      if (nowMs < phase.untilMs) return [state, { kind: 'wait', untilMs: phase.untilMs }];
      return phase.goOn === 'read' || state.pending === undefined
        ? read(state, event.at)
        : write(state, state.pending, event.at);
    case 'ended':
      return [state, CARRY_ON];
    default:
      return phase satisfies never;
  }
}

function onRead<Value, Why>(
  state: DocumentState<Value, Why>,
  event: Event<Value> & { kind: 'read' },
): Next<Value, Why> {
  const { outcome } = event;
  switch (outcome.kind) {
    case 'absent':
    case 'found': {
      const { readForbidden: _mended, ...readable } = state;
      return onShown(readable, outcome.kind === 'found' ? outcome.object : undefined, event);
    }
    case 'unreadable':
      return pause({ ...state, failure: outcome.failure }, 'read', event);
    case 'failed': {
      // Without permission to list, the store says 403 for an object that is not there.
      // One guarded create tells, once.
      const isTold = state.pending !== undefined;
      if (outcome.failure.kind !== 'permission-denied' || isTold) return fail(state, outcome.failure);
      return onShown({ ...state, readForbidden: outcome.failure }, undefined, event);
    }
    default:
      return outcome satisfies never;
  }
}

/** What is there is known: undefined is nothing. */
function onShown<Value, Why>(
  state: DocumentState<Value, Why>,
  object: SeenObject<DocumentRecord<Value>> | undefined,
  event: Event<Value>,
): Next<Value, Why> {
  if (object === undefined) return onKnown(state, undefined, event);
  const { content, ...seen } = object;
  if (content.kind !== 'record') return end(state, { kind: 'other', object, content });
  return onKnown(state, { ...seen, record: content.record }, event);
}

/** A document that was read. */
interface Known<Value> extends Omit<SeenDocument<Value>, 'value'> {
  readonly record: DocumentRecord<Value>;
}

function onKnown<Value, Why>(
  { pending, ...rest }: DocumentState<Value, Why>,
  known: Known<Value> | undefined,
  event: Event<Value>,
): Next<Value, Why> {
  if (pending === undefined) return decide(rest, known, event.at);
  // Also after an answer that it was not applied: a network may have doubled it, and answered for the second copy.
  const fate = fateShown(pending, known);
  switch (fate) {
    case 'applied':
      return end(rest, { kind: 'written', value: pending.record.value });
    case 'open':
      // The same once more: of two that carry one guard at most one is applied, whichever comes first.
      return pending.isUndecided
        ? pause({ ...rest, pending }, 'write', event)
        : writeAfresh(rest, pending, event.at);
    case 'not-applied':
      return decide(rest, known, event.at);
    case 'unclear':
      if (!pending.isUndecided || rest.settings.whenUnclear === 'decide-anew')
        return decide(rest, known, event.at);
      return fail({ ...rest, pending }, UNCLEAR);
    default:
      return fate satisfies never;
  }
}

/** `open`: the version that our write was to replace is still there, so that it may yet be applied. */
function fateShown<Value>(
  { record, before }: PendingWrite<Value>,
  known: Known<Value> | undefined,
): ReturnType<typeof fateOf> | 'open' {
  if (known === undefined) return before === undefined ? 'open' : 'unclear';
  const fate = fateOf(record.writeIds[0] ?? '', before?.record, known.record);
  // The id comes first: there are stores whose metageneration stands still.
  if (fate === 'applied' || before === undefined) return fate;
  return isSameVersion(known.version, before.version) ? 'open' : fate;
}

const UNCLEAR: Failure = {
  kind: 'unavailable',
  detail:
    'There was no answer to a change, and so much was changed since that nobody can tell whether it was made.',
};

function decide<Value, Why>(
  state: DocumentState<Value, Why>,
  known: Known<Value> | undefined,
  at: Instant,
): Next<Value, Why> {
  const decision = state.settings.decide(known && seenDocument(known));
  if (decision.kind === 'leave') {
    // What may not be read may be there.
    if (state.readForbidden !== undefined) return fail(state, state.readForbidden);
    return end(state, { kind: 'left', why: decision.why });
  }
  const request = state.lastRequest + 1;
  const writeId = state.changeId.slice(0, -4) + request.toString(16).padStart(4, '0');
  const pending: PendingWrite<Value> = {
    record: written(decision.value, writeId, known?.record),
    request,
    before: known,
    isUndecided: false,
  };
  return write({ ...state, lastRequest: request }, pending, at);
}

function seenDocument<Value>({ record, ...seen }: Known<Value>): SeenDocument<Value> {
  return { ...seen, value: record.value };
}

function onWrote<Value, Why>(
  state: DocumentState<Value, Why>,
  event: Event<Value> & { kind: 'wrote' },
): Next<Value, Why> {
  const { outcome } = event;
  const { pending } = state;
  if (pending === undefined) return [state, CARRY_ON];
  switch (outcome.kind) {
    case 'applied':
      return end(state, { kind: 'written', value: pending.record.value });
    case 'refused':
      if (state.readForbidden !== undefined) return fail(state, state.readForbidden);
      // Only reading tells by whom. Where every attempt was answered it was somebody else, but for a doubled one.
      return pending.isUndecided ? read(state, event.at) : pause(state, 'read', event);
    case 'not-applied':
      return pause({ ...state, failure: outcome.failure }, 'read', event);
    case 'unknown':
      return read(
        { ...state, failure: outcome.failure, pending: { ...pending, isUndecided: true } },
        event.at,
      );
    case 'failed':
      return fail(state, outcome.failure);
    default:
      return outcome satisfies never;
  }
}

/** Goes on after a pause that grows, and, to write, not before the ration of writes allows it. */
function pause<Value, Why>(
  state: DocumentState<Value, Why>,
  goOn: 'read' | 'write',
  event: Event<Value>,
): Next<Value, Why> {
  const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
  const untilMs = Math.max(event.at.monotonicMs + delayMs, state.nextWriteMs);
  return [
    { ...state, backoff, phase: { kind: 'pausing', untilMs, goOn } },
    { kind: 'wait', untilMs },
  ];
}

function write<Value, Why>(
  state: DocumentState<Value, Why>,
  pending: PendingWrite<Value>,
  at: Instant,
): Next<Value, Why> {
  const { record, request, before } = pending;
  const { mutationIntervalMs } = state.settings;
  const next: DocumentState<Value, Why> = {
    ...state,
    pending,
    phase: { kind: 'writing' },
    nextWriteMs: at.monotonicMs + mutationIntervalMs,
  };
  const limitMs = attemptLimit(state, at);
  if (before === undefined) return [next, { kind: 'create', record, request, limitMs }];
  return [next, { kind: 'patch', expected: before.version, record, request, limitMs }];
}

/** Sends a write again that the store was too busy for: as another request, since an answer may be replayed. */
function writeAfresh<Value, Why>(
  state: DocumentState<Value, Why>,
  pending: PendingWrite<Value>,
  at: Instant,
): Next<Value, Why> {
  const request = state.lastRequest + 1;
  return write({ ...state, lastRequest: request }, { ...pending, request }, at);
}

function read<Value, Why>(state: DocumentState<Value, Why>, at: Instant): Next<Value, Why> {
  return [
    { ...state, phase: { kind: 'reading' } },
    { kind: 'get', limitMs: attemptLimit(state, at) },
  ];
}

function giveUpIfLate<Value, Why>(state: DocumentState<Value, Why>, nowMs: Millis): Next<Value, Why> {
  if (nowMs < state.settings.untilMs) return [state, CARRY_ON];
  return fail(state, state.failure ?? NO_ANSWER, state.phase.kind === 'writing');
}

/** @param isUnderWay - whether a write is, which its sender then hears no more of. */
function fail<Value, Why>(
  state: DocumentState<Value, Why>,
  failure: Failure,
  isUnderWay = false,
): Next<Value, Why> {
  const mayBeApplied = isUnderWay || state.pending?.isUndecided === true;
  return end(state, { kind: 'failed', failure, mayBeApplied });
}

function end<Value, Why>(state: DocumentState<Value, Why>, how: DocumentEnd<Value, Why>): Next<Value, Why> {
  return [{ ...state, phase: { kind: 'ended' } }, how];
}
