import { channel } from 'node:diagnostics_channel';
import type { GcsMutexError } from './errors.ts';
import type { LossReason } from './protocol/hold-state.ts';
import type { LockStatus } from './status.ts';

/** What happens to a lock, for whoever watches; durations in milliseconds. */
export type LockEvent = {
  /** The lock, as `gs://bucket/name`. */
  readonly lock: string;
  /** The acquisition that it happened to: 32 hexadecimal digits. */
  readonly leaseId: string;
} &
  /** Somebody holds the lock: at the first sight of each holder. */
  (
    | { readonly kind: 'waiting'; readonly holder: LockStatus }
    | {
        readonly kind: 'acquired';
        readonly waitedMs: number;
        readonly requestCount: number;
        /** Whether it replaced the stale record of another holder. */
        readonly wasTakenOver: boolean;
        /** How long it lasts without a refresh. */
        readonly remainingMs: number;
      }
    | { readonly kind: 'refreshed'; readonly remainingMs: number }
    /** A refresh failed and will be tried again. */
    | { readonly kind: 'refresh-failed'; readonly error: GcsMutexError }
    /** The machine slept or the process was stopped: a refresh decides whether the lease is still held. */
    | { readonly kind: 'in-doubt' }
    | { readonly kind: 'lost'; readonly reason: LossReason }
    | { readonly kind: 'released'; readonly wasHeld: boolean }
    | { readonly kind: 'release-failed'; readonly error: GcsMutexError }
  );

/** An event without what is the same for all events of a lease. */
export type EventBody = LockEvent extends infer Each
  ? Each extends LockEvent
    ? Omit<Each, 'lock' | 'leaseId'>
    : never
  : never;

/** Gets every event; what it throws is ignored. */
export type Logger = (event: LockEvent) => void;

/**
 * The name of the `node:diagnostics_channel` that carries every {@link LockEvent}. Node itself turns what a
 * subscriber throws into an uncaught exception, so a subscriber must not throw; a `logger` may.
 */
export const EVENTS_CHANNEL = 'gcs-mutex:events';

const events = channel(EVENTS_CHANNEL);

/** Makes an event known to the logger, where there is one, and to the channel's subscribers. */
export function publish(logger: Logger | undefined, event: LockEvent): void {
  callSafely(logger, event);
  if (events.hasSubscribers) events.publish(event);
}

/** Calls a user's callback; an error in it must not stop a lease from being refreshed. */
export function callSafely<T>(callback: ((argument: T) => unknown) | undefined, argument: T): void {
  try {
    const result: unknown = callback?.(argument);
    if (result instanceof Promise) result.catch(() => undefined);
  } catch {
    // The callback's own trouble: there is nobody to tell.
  }
}
