import {
  AcquireTimeoutError,
  GcsMutex,
  type Lease,
  LeaseLostError,
  type LockEvent,
  type LockStatus,
} from '../index.ts';
import { checkCommand } from './command-checks.ts';
import { connectionOptions } from './connection.ts';
import { holderOf } from './describe.ts';
import { tellDuration } from './duration.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';
import { Notes } from './notes.ts';
import { ProcessGroup } from './process-group.ts';
import type { RunOptions } from './run-options.ts';
import { Interrupted, SignalDesk } from './signal-desk.ts';
import { Supervision } from './supervision.ts';
import { held, WaitTeller } from './waiting.ts';

/** What a run works with. */
interface Run {
  readonly command: readonly string[];
  readonly options: RunOptions & { readonly killAfter: number };
  readonly notes: Notes;
  readonly desk: SignalDesk;
  /** What the process will end with, once the command has ended. */
  exitCode: number | undefined;
  /** Whether it was said that the lease is lost. */
  hasWarned?: boolean;
}

/**
 * Acquires, runs a command, releases however that ended.
 *
 * @returns what the process ends with.
 */
export async function runCommand(
  url: string,
  command: readonly string[],
  options: RunOptions,
): Promise<number> {
  const notes = new Notes(options);
  const wait = new WaitTeller(url, notes);
  const mutex = mutexAt(url, options, (event) => {
    if (event.kind === 'waiting') wait.on(held(event.holder));
    else tellEvent(notes, event);
  });
  const killAfter = killAfterOf(mutex, options);
  checkCommand(command, 'run');
  using desk = new SignalDesk();
  const run: Run = { command, options: { ...options, killAfter }, notes, desk, exitCode: undefined };
  await notes.prepareLive();
  wait.start();
  try {
    return await acquireAndRun(mutex, run, wait);
  } catch (error) {
    wait.stop();
    if (error instanceof Interrupted) return error.exitCode;
    if (error instanceof AcquireTimeoutError) return tellHeld(mutex.url, run, error.holder, error.waitedMs);
    if (error instanceof LeaseLostError) return tellLost(error, run);
    throw error;
  }
}

async function acquireAndRun(mutex: GcsMutex, run: Run, wait: WaitTeller): Promise<number> {
  const { options, desk } = run;
  const work = (lease: Lease): Promise<number> => {
    wait.stop();
    return runUnder(lease, run);
  };
  const signal = desk.interruption;
  // A wait of nothing is one look, as with -n.
  if (options.wait !== false && options.wait !== 0) {
    const timeoutMs = options.wait === true ? Infinity : options.wait;
    return mutex.run(work, { timeoutMs, signal });
  }
  const result = await mutex.tryRun(work, { signal });
  wait.stop();
  return result.ran ? result.value : tellHeld(mutex.url, run, result.status, 0);
}

async function runUnder(lease: Lease, run: Run): Promise<number> {
  const { command, options, notes, desk } = run;
  // This process may have been stopped since it got the lock.
  if (!lease.isHeld) await lease.refresh();
  desk.interruption.throwIfAborted();
  const environment = { GCS_MUTEX_URL: lease.lock, GCS_MUTEX_LEASE_ID: lease.leaseId };
  // From its first moment on the command is looked after: nothing is awaited in between.
  const group = new ProcessGroup(command, environment);
  const supervision = new Supervision(group, lease, options, notes);
  desk.attach(group, () => supervision.isResumable());
  try {
    await group.started;
    const exitCode = await group.ended;
    await supervision.finish();
    run.exitCode = supervision.hasEndedIt ? EXIT.lost : exitCode;
    return run.exitCode;
  } finally {
    supervision.stop();
    run.hasWarned = supervision.hasWarned;
  }
}

function mutexAt(url: string, options: RunOptions, logger: (event: LockEvent) => void): GcsMutex {
  return GcsMutex.fromUrl(
    url,
    {
      ...connectionOptions(options),
      ttlMs: options.ttl,
      refreshIntervalMs: options.refreshInterval,
      marginMs: options.margin,
      clockSkewMs: options.clockSkew,
      takeover: options.takeover,
      maxHoldMs: options.maxHold,
      holder: options.holder,
      metadata: options.metadata,
    },
    { logger },
  );
}

const DEFAULT_KILL_AFTER_MS = 5_000;

/**
 * Finds settings that do not go together before anything is sent.
 *
 * @returns how long before the end of the lease the command is asked to end.
 */
function killAfterOf(mutex: GcsMutex, options: RunOptions): number {
  const { ttlMs, refreshIntervalMs, marginMs } = mutex.timing;
  const room = ttlMs - marginMs - refreshIntervalMs;
  // Half of the room at most, so that a single late refresh ends no command.
  const killAfter = options.killAfter ?? Math.min(DEFAULT_KILL_AFTER_MS, room / 2);
  if (options.onLost === 'kill' && killAfter >= room) {
    throw new Failure(
      `--kill-after must be below --ttl - --margin - --refresh-interval, which is ${tellDuration(room)}, got ` +
        `${tellDuration(killAfter)}: else a command would be ended though its lease is healthy; raise --ttl, or lower --kill-after`,
    );
  }
  return killAfter;
}

function tellLost({ message, lock, reason }: LeaseLostError, run: Run): number {
  const { exitCode, hasWarned, options, notes } = run;
  if (hasWarned !== true) {
    const command =
      exitCode === undefined ? 'was not started' : 'has ended, nobody knows whether before that';
    notes.warn(`${message} The command ${command}.`, { event: 'lease-lost', lock, reason, action: 'none' });
  }
  return options.onLost === 'warn' && exitCode !== undefined ? exitCode : EXIT.lost;
}

function tellHeld(
  url: string,
  { notes, options }: Run,
  status: LockStatus | undefined,
  waitedMs: number,
): number {
  const since = status === undefined ? '' : ` since ${status.since.toISOString()}`;
  const holder = status === undefined ? 'others, as far as the store said' : holderOf(status);
  const waited = waitedMs > 0 ? ` after ${tellDuration(waitedMs)}` : '';
  notes.info(`not acquired${waited}: ${url} is held by ${holder}${since}; the command was not started`, {
    event: 'not-acquired',
    lock: url,
    holder: status?.holder,
    since: status?.since,
    waitedMs: Math.round(waitedMs),
  });
  return options.conflictExitCode;
}

function tellEvent(notes: Notes, event: Exclude<LockEvent, { kind: 'waiting' }>): void {
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
