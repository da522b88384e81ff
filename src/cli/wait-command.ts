import { setTimeout as pause } from 'node:timers/promises';
import { type FoundLock, StoreUnavailableError } from '../index.ts';
import type { ConnectionOptions } from './connection.ts';
import { tellLimit } from './describe.ts';
import { tellDuration } from './duration.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';
import { Interruption } from './interruption.ts';
import { type NoteOptions, Notes } from './notes.ts';
import { REQUEST_TIMEOUT_MS } from '../settings.ts';
import { type Place, placeOf } from './place.ts';
import { printJson } from './print.ts';
import {
  hasAvailable,
  held,
  permitsHeld,
  resourcesHeld,
  unanswered,
  type WaitReason,
  warnOfSilence,
  WaitTeller,
} from './waiting.ts';

export interface WaitOptions extends ConnectionOptions, NoteOptions {
  /** Milliseconds; for ever where nothing is said. */
  readonly wait?: number;
}

/** What a look found: the error of a store that does not answer for a while says nothing of the lock. */
type Seen = WaitReason | StoreUnavailableError | 'free';

const POLL_MS = 2_000;

/** How long a look may take, however little of the wait is left: the first one fetches a token, and connects. */
const LEAST_LOOK_MS = 5_000;

/** Waits until nobody holds a lock, or somebody could have a permit or a resource. */
export async function waitCommand(url: string, options: WaitOptions): Promise<number> {
  const place = placeOf(url, options);
  const notes = new Notes(options);
  using interruption = new Interruption();
  const teller = new WaitTeller(place.url, notes);
  const startedAt = performance.now();
  const until = startedAt + (options.wait ?? Infinity);
  await notes.prepareLive();
  teller.start();
  try {
    for (;;) {
      const seen = await look(placeWithin(place, until - performance.now(), options), interruption.signal);
      const waitedMs = Math.round(performance.now() - startedAt);
      const leftMs = until - performance.now();
      // A wait of nothing is one look: there was no time to run out.
      if (options.wait === 0 && seen instanceof StoreUnavailableError) throw seen;
      if (seen === 'free' || leftMs <= 0) {
        if (options.json === true) printJson(resultOf(place.url, seen, waitedMs));
        return seen === 'free' ? EXIT.ok : tellTimeout(place.url, seen, options, { teller, notes });
      }
      teller.on(seen instanceof StoreUnavailableError ? unanswered(seen) : seen);
      await pause(Math.min(POLL_MS, leftMs), undefined, { signal: interruption.signal });
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return interruption.exitCode;
  } finally {
    teller.stop();
  }
}

/** The place for a look that is not to last much longer than the wait. */
function placeWithin(place: Place, leftMs: number, options: WaitOptions): Place {
  const { wait, requestTimeout: most = REQUEST_TIMEOUT_MS } = options;
  const requestTimeout = Math.max(LEAST_LOOK_MS, Math.round(leftMs));
  // A wait of nothing is one look, which has its own time.
  return wait === 0 || requestTimeout >= most ? place : placeOf(place.url, { ...options, requestTimeout });
}

async function look(place: Place, signal: AbortSignal): Promise<Seen> {
  try {
    return reasonToWait(place.url, await place.find(signal));
  } catch (error) {
    if (error instanceof StoreUnavailableError) return error;
    throw error;
  }
}

function reasonToWait(url: string, found: FoundLock | undefined): WaitReason | 'free' {
  switch (found?.kind) {
    case undefined:
    case 'free':
      return 'free';
    case 'held':
      return found.status.isStale ? 'free' : held(found.status);
    case 'semaphore':
      return found.status.available > 0 ? 'free' : permitsHeld(found.status, 1);
    case 'pool':
      return hasAvailable(found.status, undefined) ? 'free' : resourcesHeld(found.status, undefined);
    case 'event':
      throw new Failure(`${url} is an event: wait until it is set with gcs-mutex event wait ${url}`);
    case 'rate-limiter':
      throw new Failure(
        `${url} is a rate limiter: wait for a permit, and take it, with ` +
          `gcs-mutex rate --limit ${tellLimit(found.status)} ${url}`,
      );
    default:
      return found satisfies never;
  }
}

/** What came of the wait, for programs. */
function resultOf(lock: string, seen: Seen, waitedMs: number): object {
  if (seen === 'free') return { lock, state: seen, waitedMs };
  if (seen instanceof StoreUnavailableError)
    return { lock, state: 'unknown', waitedMs, code: seen.code, message: seen.message };
  return { lock, state: 'held', waitedMs, ...seen.fact };
}

function tellTimeout(
  url: string,
  seen: Exclude<Seen, 'free'>,
  { wait = 0 }: WaitOptions,
  { teller, notes }: { readonly teller: WaitTeller; readonly notes: Notes },
): number {
  if (!(seen instanceof StoreUnavailableError)) teller.on(seen);
  teller.stop();
  const waited = `after ${tellDuration(wait)}`;
  const fact = { event: 'not-free', lock: url, waitedMs: wait };
  // Whoever was not told must not say that the lock is held.
  if (seen instanceof StoreUnavailableError)
    warnOfSilence(notes, `${url} was not seen to be free ${waited}`, seen, fact);
  else notes.info(`${url} is still held ${waited}`, { ...fact, ...seen.fact });
  return EXIT.notAcquired;
}
