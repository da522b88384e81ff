import { GcsRateLimiter, type Rate, StoreUnavailableError, TakeTimeoutError } from '../index.ts';
import { checkCommand } from './command-checks.ts';
import { endAtOnce, tellConflict, tellEnd } from './command-end.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { tellDuration } from './duration.ts';
import { EXIT } from './exit-codes.ts';
import { explain, ignoreOwn } from './explaining.ts';
import type { WaitFlags } from './flags.ts';
import { type NoteOptions, Notes } from './notes.ts';
import { ProcessGroup } from './process-group.ts';
import { Interrupted, SignalDesk } from './signal-desk.ts';
import { inUse, type WaitReason, warnOfSilence, WaitTeller } from './waiting.ts';

/** What `gcs-mutex rate` can be told; durations in milliseconds. */
export interface RateOptions extends ConnectionOptions, NoteOptions, WaitFlags {
  readonly limit: Rate;
  /** How many permits it takes. */
  readonly count: number;
}

/**
 * How long after its write a permit may be begun with, should the answer come late: so much longer it counts. The
 * least that the library takes against Google, since nearly every answer comes at once.
 */
const USE_WITHIN_MS = 5_000;

/** How long the place in line of a wait that is over may take to be given up. */
const LEAVE_MS = 2_000;

/** What came of asking for permits. */
type Taken =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly waitedMs: number;
      /** Why nobody can say whether there was one. */
      readonly cause?: unknown;
    };

/**
 * Waits for permits, then starts a command, if there is one. A permit is taken and not held: nothing has to be kept or
 * given back while the command runs.
 *
 * @returns what the process ends with.
 */
export async function rateCommand(
  url: string,
  command: readonly string[] | undefined,
  options: RateOptions,
): Promise<number> {
  const notes = new Notes(options);
  const limiter = GcsRateLimiter.fromUrl(url, {
    ...connectionOptions(options),
    ...options.limit,
    once: true,
    ttlMs: USE_WITHIN_MS,
  });
  if (command !== undefined) checkCommand(command, 'rate');
  using desk = new SignalDesk(() => void giveUp(limiter.url, notes));
  try {
    const signal = desk.interruption;
    const taken = await takePermits(limiter, options, notes, signal);
    if (!taken.ok) return await tellNotTaken(limiter, options, notes, { ...taken, signal });
    signal.throwIfAborted();
    return command === undefined ? EXIT.ok : await start(command, desk, notes);
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    throw error;
  }
}

async function takePermits(
  limiter: GcsRateLimiter,
  { count, wait }: RateOptions,
  notes: Notes,
  signal: AbortSignal,
): Promise<Taken> {
  const startedAt = performance.now();
  const tell = (): void => {
    const waitedMs = Math.round(performance.now() - startedAt);
    const times = `${count} of ${limiter.url} after ${tellDuration(waitedMs)}`;
    notes.detail(`took ${times}`, { event: 'taken', lock: limiter.url, count, waitedMs });
  };
  // A wait of nothing is one look, as with -n.
  if (wait === false || wait === 0) {
    const { ok } = await limiter.tryTake(count, { signal });
    if (ok) tell();
    return ok ? { ok } : { ok, waitedMs: 0 };
  }
  const teller = new WaitTeller(limiter.url, notes);
  await notes.prepareLive();
  teller.start();
  const end = new AbortController();
  const look = async (looking: AbortSignal): Promise<WaitReason | undefined> => {
    const status = await limiter.status({ signal: looking });
    return status && inUse(status);
  };
  void explain({ look, looksAgain: true }, teller, AbortSignal.any([signal, end.signal]));
  try {
    await limiter.take(count, { timeoutMs: wait === true ? Infinity : wait, signal });
    tell();
    return { ok: true };
  } catch (error) {
    teller.stop();
    // Whoever waits no longer must not stand in the way of those behind.
    await limiter.release({ timeoutMs: LEAVE_MS }).catch(() => undefined);
    if (!(error instanceof TakeTimeoutError)) throw error;
    return { ok: false, waitedMs: error.waitedMs, cause: error.cause };
  } finally {
    end.abort();
    teller.stop();
  }
}

async function start(command: readonly string[], desk: SignalDesk, notes: Notes): Promise<number> {
  // From its first moment on signals are its own: nothing is awaited in between.
  const group = new ProcessGroup(command, {});
  desk.attach(group);
  await group.started;
  const exitCode = await group.ended;
  tellEnd(exitCode, notes);
  return exitCode;
}

/** Ends the process before its place in the line is given up. */
function giveUp(url: string, notes: Notes): Promise<void> {
  return endAtOnce(notes, url, `leaving the line for ${url}: the place there runs out by itself`);
}

async function tellNotTaken(
  limiter: GcsRateLimiter,
  { conflictExitCode, count }: RateOptions,
  notes: Notes,
  { waitedMs, cause, signal }: Taken & { readonly ok: false; readonly signal: AbortSignal },
): Promise<number> {
  const waited = waitedMs > 0 ? ` after ${tellDuration(waitedMs)}` : '';
  const fact = { event: 'not-taken', lock: limiter.url, count, waitedMs: Math.round(waitedMs) };
  if (cause instanceof StoreUnavailableError) {
    // Whoever was not told must not say that all permits are in use.
    warnOfSilence(notes, `not taken${waited}, ${count} of ${limiter.url}`, cause, fact);
    return conflictExitCode;
  }
  const status = await limiter.status({ signal }).catch(ignoreOwn);
  const why = status === undefined ? 'there was not enough left' : inUse(status).sentence();
  const text = `not taken${waited}: ${count} of ${limiter.url}, ${why}`;
  return tellConflict(conflictExitCode, notes, text, { ...fact, ...(status && inUse(status).fact) });
}
