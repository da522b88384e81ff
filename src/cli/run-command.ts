import { AcquireTimeoutError, LeaseLostError, StoreUnavailableError } from '../errors.ts';
import { checkCommand } from './command-checks.ts';
import { endAtOnce, tellConflict, tellEnd } from './command-end.ts';
import { tellDuration } from './duration.ts';
import { EXIT } from './exit-codes.ts';
import { explain } from './explaining.ts';
import { Failure } from './failures.ts';
import { namePart } from './group-part.ts';
import type { RunLease } from './lease-watch.ts';
import { targetOf } from './lock-target.ts';
import { tellEvent } from './lock-events.ts';
import { Notes } from './notes.ts';
import { ProcessGroup } from './process-group.ts';
import type { RunOptions } from './run-options.ts';
import { heldBy, type Refusal, type RunTarget, type Work } from './run-target.ts';
import { Interrupted, SignalDesk } from './signal-desk.ts';
import { Supervision } from './supervision.ts';
import { warnOfSilence, WaitTeller } from './waiting.ts';

/** What a run works with. */
interface Run {
  readonly command: readonly string[];
  readonly options: SupervisedOptions;
  readonly notes: Notes;
  readonly desk: SignalDesk;
  /** What the process will end with, once the command has ended. */
  exitCode: number | undefined;
  /** Whether the lease was held to the end of the command, so that its exit code is known without the release. */
  isSettled?: boolean;
  /** Whether it was said that the lease is lost. */
  hasWarned?: boolean;
}

type SupervisedOptions = RunOptions & { readonly killAfter: number };

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
  const notes = new Notes(options, (fact) => namePart(fact, url));
  const wait = new WaitTeller(url, notes);
  const target = await targetOf(url, options, {
    onReason: (reason) => {
      if (!isOneLook(options)) wait.on(reason);
    },
    onEvent: (event) => tellEvent(notes, event),
  });
  const killAfter = killAfterOf(target, options);
  checkCommand(command, 'run');
  return runOn(target, command, { ...options, killAfter }, { notes, wait });
}

/** A wait of nothing is one look, as with -n. */
function isOneLook({ wait }: RunOptions): boolean {
  return wait === false || wait === 0;
}

/** Does the same with what was made of the arguments. */
export async function runOn(
  target: RunTarget,
  command: readonly string[],
  options: SupervisedOptions,
  { notes, wait }: { readonly notes: Notes; readonly wait: WaitTeller },
): Promise<number> {
  using desk = new SignalDesk(() => void giveUp(target, run));
  const run: Run = { command, options, notes, desk, exitCode: undefined };
  await notes.prepareLive();
  wait.start();
  try {
    return await acquireAndRun(target, run, wait);
  } catch (error) {
    wait.stop();
    if (error instanceof Interrupted) return error.exitCode;
    if (error instanceof LeaseLostError) return tellLost(error, run);
    if (!(error instanceof AcquireTimeoutError)) throw error;
    if (error.cause instanceof StoreUnavailableError) return tellUnknown(target.url, run, error, error.cause);
    return tellRefused(target.url, run, await target.refusalAfter(error.holder), error.waitedMs);
  }
}

async function acquireAndRun(target: RunTarget, run: Run, wait: WaitTeller): Promise<number> {
  const { options, desk } = run;
  const signal = desk.interruption;
  const waiting = new AbortController();
  const work: Work = (lease, environment) => {
    waiting.abort();
    wait.stop();
    return runUnder(lease, environment, run);
  };
  try {
    if (!isOneLook(options)) {
      void explain(target.explanation, wait, AbortSignal.any([signal, waiting.signal]));
      const timeoutMs = typeof options.wait === 'number' ? options.wait : Infinity;
      return await target.run(work, { timeoutMs, signal });
    }
    const result = await target.tryRun(work, { signal });
    wait.stop();
    return result.ran ? result.value : tellRefused(target.url, run, result.refusal, 0);
  } finally {
    waiting.abort();
  }
}

async function runUnder(
  lease: RunLease,
  environment: Readonly<Record<string, string>>,
  run: Run,
): Promise<number> {
  const { command, options, notes, desk } = run;
  // This process may have been stopped since it got the lock.
  if (!lease.isHeld) await lease.refresh();
  desk.interruption.throwIfAborted();
  // It shares standard error with the command, and must refresh and watch the lease though nobody reads that.
  notes.writeInBackground();
  // From its first moment on the command is looked after: nothing is awaited in between.
  const group = new ProcessGroup(command, environment);
  const supervision = new Supervision(group, lease, options, notes);
  desk.attach(group, () => supervision.isResumable());
  try {
    await group.started;
    const exitCode = await group.ended;
    await supervision.finish();
    run.exitCode = supervision.hasEndedIt ? EXIT.lost : exitCode;
    run.isSettled = supervision.hasEndedIt || lease.isHeld;
    if (!supervision.hasEndedIt) tellEnd(exitCode, notes);
    return run.exitCode;
  } finally {
    desk.detach();
    supervision.stop();
    run.hasWarned = supervision.hasWarned;
  }
}

const DEFAULT_KILL_AFTER_MS = 5_000;

/**
 * Finds settings that do not go together before anything is sent.
 *
 * @returns how long before the end of the lease the command is asked to end.
 */
function killAfterOf({ timing }: RunTarget, options: RunOptions): number {
  const { ttlMs, refreshIntervalMs, marginMs } = timing;
  const room = ttlMs - marginMs - refreshIntervalMs;
  const { maxHold = Infinity } = options;
  // Half of the room at most, so that a single late refresh ends no command.
  const killAfter = options.killAfter ?? Math.min(DEFAULT_KILL_AFTER_MS, room / 2, maxHold / 2);
  if (options.onLost === 'kill' && killAfter >= maxHold) {
    throw new Failure(
      `--kill-after must be below --max-hold, which is ${tellDuration(maxHold)}, got ${tellDuration(killAfter)}: ` +
        'else the command would be ended as soon as it is started; raise --max-hold, or lower --kill-after',
    );
  }
  if (killAfter >= room) {
    throw new Failure(
      `--kill-after must be below --ttl - --margin - --refresh-interval, which is ${tellDuration(room)}, got ` +
        `${tellDuration(killAfter)}: else a lease that is healthy would count as ending; raise --ttl, or lower --kill-after`,
    );
  }
  return killAfter;
}

/** Ends the process, and leaves to its ttl what is not given back yet. What a command that is done ended with stays. */
function giveUp({ url, timing }: RunTarget, { exitCode, isSettled, notes }: Run): Promise<void> {
  const left = `unless it is free by now, it ends with its ttl, in ${tellDuration(timing.ttlMs)} at most`;
  return endAtOnce(notes, url, `freeing ${url}: ${left}`, isSettled === true ? exitCode : undefined);
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

function tellUnknown(
  url: string,
  { notes, options }: Run,
  { holder, waitedMs }: AcquireTimeoutError,
  cause: StoreUnavailableError,
): number {
  const seen = heldBy(holder);
  const before = holder === undefined ? '' : `; ${url} ${seen.sentence}, by the last answer of the store`;
  const text = `not acquired after ${tellDuration(waitedMs)}, and the command was not started${before}`;
  const fact = { event: 'not-acquired', lock: url, ...seen.fact, waitedMs: Math.round(waitedMs) };
  warnOfSilence(notes, text, cause, fact);
  return options.conflictExitCode;
}

function tellRefused(url: string, { notes, options }: Run, refusal: Refusal, waitedMs: number): number {
  const waited = waitedMs > 0 ? ` after ${tellDuration(waitedMs)}` : '';
  const text = `not acquired${waited}: ${url} ${refusal.sentence}; the command was not started`;
  const fact = { event: 'not-acquired', lock: url, ...refusal.fact, waitedMs: Math.round(waitedMs) };
  return tellConflict(options.conflictExitCode, notes, text, fact);
}
