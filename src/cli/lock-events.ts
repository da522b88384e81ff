import type { LockEvent } from '../index.ts';
import { tellDuration } from './duration.ts';
import type { Notes } from './notes.ts';

/** Says what happens to a lease. */
export function tellEvent(notes: Notes, event: Exclude<LockEvent, { kind: 'waiting' }>): void {
  const { kind, ...data } = event;
  const fact = { event: kind, ...data };
  switch (event.kind) {
    case 'acquired':
      return notes.detail(`acquired ${event.lock} after ${tellDuration(event.waitedMs)}`, fact);
    case 'refreshed':
      return notes.detail(
        `refreshed; lasts ${tellDuration(event.remainingMs)} without another refresh`,
        fact,
      );
    case 'in-doubt':
      return notes.detail('in doubt whether the lock is still held, after a sleep', fact);
    case 'released':
      return notes.detail(
        event.wasHeld ? `released ${event.lock}` : `${event.lock} was no longer held`,
        fact,
      );
    case 'refresh-failed':
      return notes.warn(`a refresh failed and is tried again: ${event.error.message}`, {
        ...fact,
        error: event.error.message,
      });
    case 'release-failed':
      return notes.warn(
        `the release could not be confirmed, the lock ends with its ttl: ${event.error.message}`,
        { ...fact, error: event.error.message },
      );
    case 'lost':
      return notes.detail(`lost ${event.lock}: ${event.reason}`, fact);
    default:
      return event satisfies never;
  }
}
