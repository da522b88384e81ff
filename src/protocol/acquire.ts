import { holderOf, isOurs, noteCurrent, noteRefused, rationed } from './acquire-knowledge.ts';
import type { AcquireState, PendingWrite } from './acquire-state.ts';
import { nextPause, NO_BACKOFF } from './backoff.ts';
import { hold, startConfirming } from './hold.ts';
import { type Grant, type HoldState, startHolding } from './hold-state.ts';
import type { Failure, SeenObject } from './outcome.ts';
import { type LockRecord, nextCounter } from './record.ts';
import { timeUntilReplaceable, timeUntilStale } from './stale.ts';
import { CARRY_ON, type CarryOnStep, type ProtocolEvent, type StoreStep, type WaitStep } from './step.ts';
import { type Instant, laterOf, leaseDeadline, type Millis, sleptBetween } from './timing.ts';
import { isSameVersion, type Version } from './version.ts';

/** How an acquisition ends. */
export type AcquireEnd =
  | {
      readonly kind: 'granted';
      readonly hold: HoldState /** Whether it replaced a record that somebody held. */;
      readonly wasTakenOver: boolean;
    }
  /** Somebody else holds it, or the store is too busy to say (`try` only). */
  | { readonly kind: 'held'; readonly object?: SeenObject }
  /** The object under the name is not a lock record. */
  | { readonly kind: 'foreign'; readonly object: SeenObject; readonly why: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type AcquireStep =
  | StoreStep
  | WaitStep
  | CarryOnStep
  | AcquireEnd
  /** The lease id is of no more use: go on with `startAnew` and a new one. */
  | { readonly kind: 'anew' };

/** What a read that was answered says of those that were forbidden. */
const READABLE = { isReadForbidden: false, isObjectForbidden: false };

type Next = readonly [AcquireState, AcquireStep];
type Read = ProtocolEvent & { kind: 'read' };

/** What an acquisition does next, given what happened. */
export function acquire(state: AcquireState, event: ProtocolEvent): Next {
  const { phase } = state;
  if (event.kind === 'resumed' && phase.kind !== 'confirming') {
    return [{ ...state, wasStopped: state.firstWriteAt !== undefined }, CARRY_ON];
  }
  switch (phase.kind) {
    case 'starting':
      if (phase.seen !== undefined) {
        const { sentAt, read: seen } = phase.seen;
        return onRead(state, sentAt, { kind: 'read', at: event.at, draw: event.draw, ...seen });
      }
      return event.at.monotonicMs >= state.nextWriteMs ? create(state, event.at) : read(state, event.at);
    case 'waiting':
      return event.at.monotonicMs >= phase.untilMs
        ? read(state, event.at)
        : [state, { kind: 'wait', untilMs: phase.untilMs }];
    case 'writing':
      return event.kind === 'wrote' ? onWrote(state, phase.write, event) : [state, CARRY_ON];
    case 'reading':
      return event.kind === 'read' ? onRead(state, phase.sentAt, event) : [state, CARRY_ON];
    case 'confirming':
      return confirm(state, hold(phase.hold, event));
    case 'ended':
      return [state, CARRY_ON];
    default:
      return phase satisfies never;
  }
}

function onWrote(state: AcquireState, write: PendingWrite, event: ProtocolEvent & { kind: 'wrote' }): Next {
  const { outcome } = event;
  switch (outcome.kind) {
    case 'applied':
      return 'version' in outcome
        ? grant(state, write.record, outcome.version, write.sentAt, event.at)
        : [state, CARRY_ON];
    case 'failed':
      return end(state, { kind: 'failed', failure: outcome.failure });
    case 'refused':
      if (isTriedOnce(state)) return end(state, { kind: 'held' });
      return read(rationed(noteRefused(state, write, event.at), event), event.at);
    case 'unknown':
      return read(
        rationed({ ...state, undecidedCount: state.undecidedCount + 1, failure: outcome.failure }, event),
        event.at,
      );
    case 'not-applied': {
      // 409 and 429 say that others are at work on the object, which for `try` is an answer once a read
      // shows nobody; anything else never reached the store.
      const isBusy = outcome.failure.kind === 'busy';
      if (isBusy && isTriedOnce(state)) return end(state, { kind: 'held' });
      const next = isBusy ? rationed(state, event) : state;
      return read({ ...next, failure: outcome.failure }, event.at);
    }
    default:
      return outcome satisfies never;
  }
}

function isImpatient({ settings }: AcquireState): boolean {
  return settings.mode !== 'wait';
}

/** Whether a write that surely did nothing is the end of it: no earlier one may yet be applied. */
function isTriedOnce({ settings, undecidedCount }: AcquireState): boolean {
  return settings.mode === 'once' && undecidedCount === 0;
}

function onRead(state: AcquireState, sentAt: Instant, event: Read): Next {
  const { outcome } = event;
  switch (outcome.kind) {
    case 'absent': {
      const { sighting: _gone, failure, ...rest } = noteCurrent(state, undefined);
      return onAbsent({ ...rest, ...READABLE, otherSeenAt: sentAt }, failure, event);
    }
    case 'found': {
      const { failure, ...rest } = noteCurrent(state, outcome.object.version);
      const isSameHolder = holderOf(state.sighting) === holderOf(outcome.object);
      const backoff = isSameHolder ? state.backoff : NO_BACKOFF;
      const known: AcquireState = { ...rest, ...READABLE, backoff, sighting: outcome.object };
      // 409 or 429 on a takeover: others are at work on the object, which is all that `try` asks.
      const isTakeoverBusy = state.hasTakenOver && failure?.kind === 'busy';
      if (isTakeoverBusy && isImpatient(state)) {
        return end(known, { kind: 'held', object: outcome.object });
      }
      return onFound(known, outcome.object, sentAt, event);
    }
    case 'unreadable':
      return pause({ ...state, failure: outcome.failure }, Infinity, event);
    case 'failed': {
      // Without permission to list, the store says 403 for an object that is not there, which is what every
      // waiter sees once the holder has gone. Only a create that is refused tells that the object is there.
      const mayBeAbsent = outcome.failure.kind === 'permission-denied' && !state.isObjectForbidden;
      if (!mayBeAbsent) return end(state, { kind: 'failed', failure: outcome.failure });
      return writeWhenRationed({ ...state, isReadForbidden: true }, event, create);
    }
    default:
      return outcome satisfies never;
  }
}

function onAbsent(state: AcquireState, failure: Failure | undefined, event: Read): Next {
  const isContended = failure?.kind === 'busy' || state.refusalCount > 1;
  if (isImpatient(state) && isContended) return end(state, { kind: 'held' });
  if (state.refusalCount === 1 && !state.usedCreateAtOnce && state.undecidedCount === 0) {
    return create({ ...state, usedCreateAtOnce: true }, event.at);
  }
  return writeWhenRationed(state, event, create);
}

function onFound(state: AcquireState, object: SeenObject, sentAt: Instant, event: Read): Next {
  const { content } = object;
  if (content.kind === 'foreign') return end(state, { kind: 'foreign', object, why: content.why });
  if (content.kind === 'record') {
    if (isOurs(state, content.record)) return recognise(state, content.record, object.version, event.at);
    // Our id in a record that somebody edited proves nothing about when our write was applied.
    const isOurId = content.record.leaseId === state.leaseId;
    const seen = isOurId ? state : { ...state, otherSeenAt: sentAt };
    const waitMs = timeUntilFree(seen, object, event);
    if (waitMs > 0) return heldByOther(seen, object, waitMs, event);
    return writeWhenRationed(seen, event, (ready, at) => takeOver(ready, content.record, object.version, at));
  }
  return heldByOther({ ...state, otherSeenAt: sentAt }, object, Infinity, event);
}

/**
 * The record is ours, though no answer said so. It counts from the first write of this acquisition; or, since
 * reads are current, from the latest read that did not show it yet.
 */
function recognise(state: AcquireState, record: LockRecord, version: Version, at: Instant): Next {
  const first = state.firstWriteAt ?? at;
  const { otherSeenAt } = state;
  const base = otherSeenAt === undefined || state.readsMayBeOld ? first : laterOf(first, otherSeenAt);
  // One of the undecided writes is decided by that; the others may yet be applied, once this record is gone.
  const undecidedCount = Math.max(0, state.undecidedCount - 1);
  return grant({ ...state, undecidedCount }, record, version, base, at);
}

function grant(state: AcquireState, record: LockRecord, version: Version, base: Instant, at: Instant): Next {
  const settings = state.settings.hold;
  const won: Grant = {
    // The label and the user's strings as we wrote them; the counter as the same answer showed it.
    record: { ...record, ...state.settings.record },
    version,
    base,
    lastRequest: state.lastRequest,
    lastWriteAt: state.lastWriteAt ?? base,
  };
  const isTooOld =
    sleptBetween(base, at, settings.timing) || at.monotonicMs >= leaseDeadline(base, settings.timing);
  if (isTooOld || state.wasStopped) return confirm(state, startConfirming(won, settings, at));
  return granted(state, startHolding(won, settings, at));
}

function granted(state: AcquireState, held: HoldState): Next {
  return end(state, { kind: 'granted', hold: held, wasTakenOver: state.hasTakenOver });
}

/** Carries on with the refresh that must be applied before a record of ours counts. */
function confirm(state: AcquireState, [held, step]: ReturnType<typeof hold>): Next {
  const lastRequest = Math.max(state.lastRequest, held.lastRequest);
  if (step.kind === 'lost') {
    const nextWriteMs = held.lastWriteAt.monotonicMs + state.settings.hold.mutationIntervalMs;
    return [{ ...state, lastRequest, nextWriteMs, phase: { kind: 'ended' } }, { kind: 'anew' }];
  }
  if (held.deadlineMs !== Infinity) return granted({ ...state, lastRequest }, held);
  return [{ ...state, lastRequest, phase: { kind: 'confirming', hold: held } }, step];
}

/** How long until the record may be replaced: 0 for now. */
function timeUntilFree(state: AcquireState, object: SeenObject, event: Read): Millis {
  const refused = state.refusedTakeover;
  const isOldReading = refused !== undefined && isSameVersion(refused.version, object.version);
  const nowMs = event.at.monotonicMs;
  if (!isOldReading) return timeUntilReplaceable(object, event, state.settings.rules, nowMs);
  const observedMs = Math.max(event.observedSinceMs ?? nowMs, refused.atMs);
  return timeUntilStale(object, state.settings.rules, observedMs, nowMs, true);
}

function heldByOther(state: AcquireState, object: SeenObject, waitMs: Millis, event: Read): Next {
  if (isImpatient(state)) return end(state, { kind: 'held', object });
  return pause(state, waitMs, event);
}

/** Waits and reads again, no later than the record may become stale. */
function pause(state: AcquireState, atMostMs: Millis, event: ProtocolEvent): Next {
  const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
  const { minMs } = state.settings.backoff;
  // Jitter here too: everybody who waits for a record to become stale knows the same moment.
  const forMs = Math.min(delayMs, Math.max(atMostMs, minMs) + event.draw * minMs);
  return wait({ ...state, backoff }, event.at.monotonicMs + forMs);
}

/** Writes now if the ration of writes allows; else waits until it does, and looks again before writing. */
function writeWhenRationed(
  state: AcquireState,
  event: ProtocolEvent,
  write: (state: AcquireState, at: Instant) => Next,
): Next {
  if (event.at.monotonicMs >= state.nextWriteMs) return write(state, event.at);
  return wait(state, state.nextWriteMs);
}

function create(state: AcquireState, at: Instant): Next {
  const record: LockRecord = {
    ...state.settings.record,
    state: 'held',
    leaseId: state.leaseId,
    refreshCount: 0,
  };
  const [next, request] = sending({ ...state, hasTakenOver: false }, { record, sentAt: at });
  return [next, { kind: 'create', record, request, limitMs: state.settings.hold.requestTimeoutMs }];
}

function takeOver(state: AcquireState, seen: LockRecord, expected: Version, at: Instant): Next {
  const counter = nextCounter(seen, expected.generation);
  const record: LockRecord = {
    ...state.settings.record,
    state: 'held',
    leaseId: state.leaseId,
    refreshCount: 0,
    ...(counter === undefined ? {} : { counter }),
  };
  const hasTakenOver = seen.state === 'held';
  const [next, request] = sending({ ...state, hasTakenOver }, { record, sentAt: at, expected });
  const limitMs = state.settings.hold.requestTimeoutMs;
  return [next, { kind: 'overwrite', expected, record, request, limitMs }];
}

function sending(state: AcquireState, write: PendingWrite): readonly [AcquireState, number] {
  const request = state.lastRequest + 1;
  const next: AcquireState = {
    ...state,
    lastRequest: request,
    firstWriteAt: state.firstWriteAt ?? write.sentAt,
    lastWriteAt: write.sentAt,
    nextWriteMs: write.sentAt.monotonicMs + state.settings.hold.mutationIntervalMs,
    phase: { kind: 'writing', write },
  };
  return [next, request];
}

function read(state: AcquireState, at: Instant): Next {
  const limitMs = state.settings.hold.requestTimeoutMs;
  return [
    { ...state, phase: { kind: 'reading', sentAt: at } },
    { kind: 'get', limitMs },
  ];
}

function wait(state: AcquireState, untilMs: Millis): Next {
  return [
    { ...state, phase: { kind: 'waiting', untilMs } },
    { kind: 'wait', untilMs },
  ];
}

function end(state: AcquireState, how: AcquireEnd): Next {
  return [{ ...state, phase: { kind: 'ended' } }, how];
}
