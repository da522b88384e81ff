import { setTimeout as pause } from 'node:timers/promises';
import { GcsMutex, type LockStatus, StoreUnavailableError } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { tellDuration } from './duration.ts';
import { EXIT } from './exit-codes.ts';
import { Interruption } from './interruption.ts';
import { Notes } from './notes.ts';
import { held, WaitTeller } from './waiting.ts';

export interface WaitOptions extends ConnectionOptions {
  /** Milliseconds; for ever where nothing is said. */
  readonly wait?: number;
  readonly quiet?: boolean;
}

const POLL_MS = 2_000;

/** Waits until nobody holds a lock. */
export async function waitCommand(url: string, options: WaitOptions): Promise<number> {
  const mutex = GcsMutex.fromUrl(url, connectionOptions(options));
  const notes = new Notes(options);
  using interruption = new Interruption();
  const teller = new WaitTeller(mutex.url, notes);
  const until = performance.now() + (options.wait ?? Infinity);
  await notes.prepareLive();
  teller.start();
  try {
    for (;;) {
      const seen = await look(mutex, interruption.signal);
      if (seen === 'free') return EXIT.ok;
      const isUnknown = seen instanceof StoreUnavailableError;
      if (isUnknown) notes.detail(seen.message);
      else teller.on(held(seen));
      const leftMs = until - performance.now();
      // Whoever was not told must not say that the lock is held.
      if (leftMs <= 0 && isUnknown) throw seen;
      if (leftMs <= 0) return tellTimeout(mutex.url, options.wait ?? 0, teller, notes);
      await pause(Math.min(POLL_MS, leftMs), undefined, { signal: interruption.signal });
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return interruption.exitCode;
  } finally {
    teller.stop();
  }
}

/** @returns the error of a store that does not answer for a while: that says nothing of the lock, and waiting goes on. */
async function look(
  mutex: GcsMutex,
  signal: AbortSignal,
): Promise<LockStatus | StoreUnavailableError | 'free'> {
  try {
    const status = await mutex.status({ signal });
    return status === undefined || status.isStale ? 'free' : status;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return error;
    throw error;
  }
}

function tellTimeout(url: string, waitedMs: number, teller: WaitTeller, notes: Notes): number {
  teller.stop();
  notes.info(`${url} is still held after ${tellDuration(waitedMs)}`);
  return EXIT.notAcquired;
}
