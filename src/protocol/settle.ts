import { type Backoff, nextPause, NO_BACKOFF } from './backoff.ts';
import { release, type ReleaseSettings, type ReleaseState, startRelease } from './release.ts';
import { CARRY_ON, type CarryOnStep, type ProtocolEvent, type StoreStep, type WaitStep } from './step.ts';
import type { Instant, Millis } from './timing.ts';

type Phase =
  | { readonly kind: 'reading' }
  | { readonly kind: 'pausing'; readonly untilMs: Millis }
  | { readonly kind: 'ending'; readonly release: ReleaseState }
  | { readonly kind: 'ended' };

/** The clearing away, for a bounded time, of a record that a write of an ended acquisition may leave behind. */
export interface SettleState {
  readonly settings: ReleaseSettings;
  readonly leaseId: string;
  readonly lastRequest: number;
  readonly backoff: Backoff;
  readonly phase: Phase;
}

export type SettleStep =
  | StoreStep
  | WaitStep
  | CarryOnStep
  /** `isClear`: our record was found and ended; otherwise none showed up in time. */
  | { readonly kind: 'settled'; readonly isClear: boolean };

type Next = readonly [SettleState, SettleStep];

/** Nobody asks a settlement whether the lock was held until its end. */
const NOT_OURS_TO_CLAIM = { isInTime: false, isUndecided: false };

/** Begins to look for a record under the lease id of an acquisition that is over. */
export function startSettling(
  leaseId: string,
  lastRequest: number,
  settings: ReleaseSettings,
  at: Instant,
): Next {
  return look({ settings, leaseId, lastRequest, backoff: NO_BACKOFF }, at);
}

/** What the clearing away does next, given what happened. */
export function settle(state: SettleState, event: ProtocolEvent): Next {
  const { phase } = state;
  switch (phase.kind) {
    case 'reading':
      return event.kind === 'read' ? onRead(state, event) : giveUpIfLate(state, event.at);
    case 'pausing':
      if (event.at.monotonicMs >= state.settings.untilMs) return giveUpIfLate(state, event.at);
      if (event.at.monotonicMs < phase.untilMs) return [state, { kind: 'wait', untilMs: phase.untilMs }];
      return look(state, event.at);
    case 'ending':
      return ending(state, release(phase.release, event));
    case 'ended':
      return [state, CARRY_ON];
    default:
      return phase satisfies never;
  }
}

function onRead(state: SettleState, event: ProtocolEvent & { kind: 'read' }): Next {
  const { outcome } = event;
  if (outcome.kind === 'found' && outcome.object.content.kind === 'record') {
    const { record } = outcome.object.content;
    if (record.leaseId === state.leaseId && record.state === 'held') {
      const holding = { record, version: outcome.object.version, lastRequest: state.lastRequest };
      return ending(state, startRelease(holding, NOT_OURS_TO_CLAIM, state.settings, event.at));
    }
  }
  if (outcome.kind === 'failed') return end(state, false);
  const [delayMs, backoff] = nextPause(state.settings.backoff, state.backoff, event.draw);
  const untilMs = event.at.monotonicMs + delayMs;
  return [
    { ...state, backoff, phase: { kind: 'pausing', untilMs } },
    { kind: 'wait', untilMs },
  ];
}

function ending(state: SettleState, [next, step]: ReturnType<typeof release>): Next {
  if (step.kind === 'released') return end(state, true);
  if (step.kind === 'failed') return end(state, false);
  return [{ ...state, phase: { kind: 'ending', release: next } }, step];
}

function giveUpIfLate(state: SettleState, at: Instant): Next {
  return at.monotonicMs < state.settings.untilMs ? [state, CARRY_ON] : end(state, false);
}

function look(state: Omit<SettleState, 'phase'>, at: Instant): Next {
  const limitMs = Math.min(state.settings.requestTimeoutMs, state.settings.untilMs - at.monotonicMs);
  return [
    { ...state, phase: { kind: 'reading' } },
    { kind: 'get', limitMs },
  ];
}

function end(state: SettleState, isClear: boolean): Next {
  return [
    { ...state, phase: { kind: 'ended' } },
    { kind: 'settled', isClear },
  ];
}
