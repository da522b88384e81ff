import { type Backoff, type BackoffSettings, nextPause, NO_BACKOFF } from './backoff.ts';
import type { OtherContent } from './codec.ts';
import type { DocumentRecord } from './document-record.ts';
import type { SeenDocument } from './document-state.ts';
import type { EventState } from './event-record.ts';
import type { Failure, SeenObject } from './outcome.ts';
import { CARRY_ON, type CarryOnStep, type ProtocolEvent, type StoreStep, type WaitStep } from './step.ts';
import type { Instant, Millis } from './timing.ts';

type Body = DocumentRecord<EventState>;
type Seen = SeenObject<Body>;

/** What is waited for, and for how long. */
export interface EventWaitSettings {
  /** Whether it is enough that the event is set, whenever that was. */
  readonly takesOld: boolean;
  /** Waits for a later `set` than the one with this number. Default: than what the first reading shows. */
  readonly after?: number | undefined;
  readonly requestTimeoutMs: Millis;
  readonly backoff: BackoffSettings;
  /** When to give up, on the monotonic clock. */
  readonly untilMs: Millis;
}

/** One wait, from its first reading on. */
export interface EventWaitState {
  readonly settings: EventWaitSettings;
  readonly phase: { readonly kind: 'reading' | 'pausing' | 'ended'; readonly untilMs: Millis };
  /** A `set` with another number than this is a later one; undefined until the first reading says which there was. */
  readonly after: number | undefined;
  readonly backoff: Backoff;
}

/** How a wait ends. */
export type EventWaitEnd =
  | { readonly kind: 'met'; readonly seen: SeenDocument<EventState> }
  | { readonly kind: 'timed-out' }
  /** The object is no event, or of a later version of this library. */
  | { readonly kind: 'other'; readonly object: Seen; readonly content: OtherContent }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type EventWaitStep = StoreStep<Body> | WaitStep | CarryOnStep | EventWaitEnd;

type Next = readonly [EventWaitState, EventWaitStep];
type Event = ProtocolEvent<Body>;

export function startEventWait(settings: EventWaitSettings, at: Instant): Next {
  const phase = { kind: 'reading', untilMs: settings.untilMs } as const;
  return read({ settings, phase, after: settings.after, backoff: NO_BACKOFF }, at);
}

/** What a wait does next, given what happened. */
export function waitForEvent(state: EventWaitState, event: Event): Next {
  const { kind, untilMs } = state.phase;
  const nowMs = event.at.monotonicMs;
  if (kind === 'ended') return [state, CARRY_ON];
  if (kind === 'reading' && event.kind === 'read') return onRead(state, event);
  if (nowMs >= state.settings.untilMs) return timedOut(state);
  if (kind !== 'pausing') return [state, CARRY_ON];
  return nowMs >= untilMs ? read(state, event.at) : [state, { kind: 'wait', untilMs }];
}

function onRead(state: EventWaitState, event: Event & { kind: 'read' }): Next {
  const { outcome } = event;
  switch (outcome.kind) {
    case 'absent':
      // Whatever number comes next: it is of an event that was set anew.
      return pause({ ...state, after: 0 }, event);
    case 'found':
      return onFound(state, outcome.object, event);
    case 'unreadable':
      return pause(state, event);
    case 'failed':
      return end(state, { kind: 'failed', failure: outcome.failure });
    default:
      return outcome satisfies never;
  }
}

function onFound(state: EventWaitState, object: Seen, event: Event): Next {
  const { content, ...seen } = object;
  if (content.kind !== 'record') return end(state, { kind: 'other', object, content });
  const { value } = content.record;
  const { isSet, setCount } = value;
  const after = state.after ?? setCount;
  // The count only grows; a smaller one is of an event that was removed and set anew.
  const isLater = setCount !== after && setCount > 0;
  if (isLater || (isSet && state.settings.takesOld))
    return end(state, { kind: 'met', seen: { ...seen, value } });
  return pause({ ...state, after }, event);
}

function pause(state: EventWaitState, event: Event): Next {
  const nowMs = event.at.monotonicMs;
  if (nowMs >= state.settings.untilMs) return timedOut(state);
  const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
  const untilMs = nowMs + delayMs;
  return [
    { ...state, backoff, phase: { kind: 'pausing', untilMs } },
    { kind: 'wait', untilMs },
  ];
}

function read(state: EventWaitState, at: Instant): Next {
  const { requestTimeoutMs, untilMs } = state.settings;
  const limitMs = Math.min(requestTimeoutMs, untilMs - at.monotonicMs);
  return [
    { ...state, phase: { kind: 'reading', untilMs } },
    { kind: 'get', limitMs },
  ];
}

function timedOut(state: EventWaitState): Next {
  return end(state, { kind: 'timed-out' });
}

function end(state: EventWaitState, how: EventWaitEnd): Next {
  return [{ ...state, phase: { kind: 'ended', untilMs: 0 } }, how];
}
