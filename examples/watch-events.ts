/**
 * Seeing what locks do, without touching the code that uses them: every lock of the process tells what happens
 * on one `node:diagnostics_channel`.
 *
 * Try it against the embedded emulator:
 *
 *     npm run emulator -- --bucket my-bucket        # in another terminal
 *     STORAGE_EMULATOR_HOST=http://127.0.0.1:4443 node dist/examples/watch-events.js
 */
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import { EVENTS_CHANNEL, GcsMutex, type LockEvent } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

/** Nothing else is published on this channel. */
const isLockEvent = (message: unknown): message is LockEvent =>
  typeof message === 'object' && message !== null && 'kind' in message && 'lock' in message;

function describe(event: LockEvent): string {
  switch (event.kind) {
    case 'waiting':
      return `waits: held by ${event.holder.holder} since ${event.holder.since.toISOString()}`;
    case 'acquired': {
      const how = event.wasTakenOver ? ' from a holder that was gone' : '';
      return `acquired${how} after ${Math.round(event.waitedMs)} ms and ${event.requestCount} requests`;
    }
    case 'refreshed':
      return `refreshed, good for ${Math.round(event.remainingMs)} ms`;
    case 'refresh-failed':
    case 'release-failed':
      return `${event.kind}: ${event.error.message}`;
    case 'in-doubt':
      return 'in doubt after a sleep; a refresh decides';
    case 'lost':
      return `lost: ${event.reason}`;
    case 'released':
      return event.wasHeld ? 'released' : 'released, though it was no longer held';
    default:
      return event satisfies never;
  }
}

subscribe(EVENTS_CHANNEL, (message) => {
  if (!isLockEvent(message)) return;
  console.log(`${message.lock} ${message.leaseId.slice(0, 8)} ${describe(message)}`);
});

// Short times, so that there is something to see; the defaults are meant for real work.
const mutex = new GcsMutex(process.env['LOCK_BUCKET'] ?? 'my-bucket', 'locks/watched', {
  ttlMs: 6_000,
  refreshIntervalMs: 1_500,
});
await Promise.all([mutex.run(() => pause(4_000)), mutex.run(() => pause(1_000))]);
