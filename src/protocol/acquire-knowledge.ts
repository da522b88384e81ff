import type { AcquireState, PendingWrite } from './acquire-state.ts';
import { nextPause } from './backoff.ts';
import type { SeenObject } from './outcome.ts';
import type { LockRecord } from './record.ts';
import type { ProtocolEvent } from './step.ts';
import type { Instant } from './timing.ts';
import { isSameVersion, type Version } from './version.ts';

/** How many versions are remembered as replaced. */
const MAX_REPLACED = 64;

/** Keeps what a refused write proves: the version that it was to replace is gone. */
export function noteRefused(state: AcquireState, write: PendingWrite, at: Instant): AcquireState {
  const refused: AcquireState = {
    ...state,
    isObjectForbidden: state.isReadForbidden,
    refusalCount: state.refusalCount + 1,
  };
  if (write.expected === undefined) return refused;
  return {
    ...refused,
    current: undefined,
    refusedTakeover: { version: write.expected, atMs: at.monotonicMs },
    replaced: [...state.replaced, write.expected].slice(-MAX_REPLACED),
  };
}

/**
 * Doubles the pause before the next write: the store, or others, asked for patience. From a millisecond at
 * least, since nothing doubled stays nothing, and a store that keeps saying no would be asked without a pause.
 */
export function rationed(state: AcquireState, event: ProtocolEvent): AcquireState {
  const minMs = Math.max(1, state.settings.hold.mutationIntervalMs);
  const settings = { minMs, maxMs: Math.max(2 * minMs, state.settings.backoff.maxMs), factor: 2 };
  const [pauseMs, writePause] = nextPause(settings, state.writePause, event.draw);
  return { ...state, writePause, nextWriteMs: Math.max(state.nextWriteMs, event.at.monotonicMs + pauseMs) };
}

/** The lease id that an object shows, if it is a record. */
export function holderOf(object: SeenObject | undefined): string | undefined {
  return object?.content.kind === 'record' ? object.content.record.leaseId : undefined;
}

/** Keeps what an answer proves: another version than before means that the one before was replaced. */
export function noteCurrent(state: AcquireState, shown: Version | undefined): AcquireState {
  const { current } = state;
  if (current !== undefined && shown !== undefined && isSameVersion(current, shown)) return state;
  const replaced = current === undefined ? state.replaced : [...state.replaced, current].slice(-MAX_REPLACED);
  const isOld = shown !== undefined && replaced.some((version) => isSameVersion(version, shown));
  return {
    ...state,
    current: shown,
    replaced,
    readsMayBeOld: state.readsMayBeOld || isOld,
  };
}

/** Whether a record is the one that a write of this acquisition made, untouched. */
export function isOurs(state: AcquireState, record: LockRecord): boolean {
  return (
    state.firstWriteAt !== undefined &&
    record.leaseId === state.leaseId &&
    record.state === 'held' &&
    record.ttlMs === state.settings.record.ttlMs &&
    record.refreshCount === 0
  );
}
