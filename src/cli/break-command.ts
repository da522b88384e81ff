import { createInterface } from 'node:readline/promises';
import type { BreakableLock } from '../index.ts';
import { type BreakChoice, targetsIn } from './break-targets.ts';
import type { ConnectionOptions } from './connection.ts';
import { isInUse, tellLimit } from './describe.ts';
import { tellFound } from './describe-found.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';
import { Interruption } from './interruption.ts';
import { type Place, placeOf } from './place.ts';
import { printJson, print } from './print.ts';

export interface BreakOptions extends ConnectionOptions, BreakChoice {
  readonly yes?: boolean;
  readonly json?: boolean;
}

const LEFT_ALONE = 1;

type Result = 'free' | 'not-meant' | 'not-stale' | 'not-confirmed' | 'changed' | 'broken';

/** Ends a lock by force, or some of a semaphore or a pool, or removes an event or a rate limiter, after it was looked at. */
export async function breakCommand(url: string, options: BreakOptions): Promise<number> {
  const place = placeOf(url, options);
  // The question is put on standard error: whoever has sent that elsewhere would not see it, and wait.
  if (options.yes !== true && !(process.stdin.isTTY && process.stderr.isTTY)) {
    throw new Failure('there is no terminal to ask on: say --yes to break the lock without being asked');
  }
  const found = await place.find();
  const targets = found === undefined ? [] : targetsIn(found, options);
  if (targets.length === 0) {
    const isAnybodys = options.leaseId === undefined && options.holder === undefined;
    tell(place.url, isAnybodys ? 'free' : 'not-meant', undefined, options);
    return LEFT_ALONE;
  }
  const results = await breakAll(place, targets, options);
  for (const [target, result] of results) tell(target.url, result, target, options);
  // What is alive was not meant by --if-stale, as long as anything was.
  const meant = [...results.values()].filter((result) => result !== 'not-stale');
  return meant.length > 0 && meant.every((result) => result === 'broken') ? EXIT.ok : LEFT_ALONE;
}

/** Shows what is meant, asks once for all of it, and breaks each by itself. */
async function breakAll(
  { locks }: Place,
  targets: readonly BreakableLock[],
  options: BreakOptions,
): Promise<ReadonlyMap<BreakableLock, Result>> {
  showAll(targets, options);
  const isSpared = (target: BreakableLock): boolean =>
    options.ifStale === true && warningFor(target) !== undefined;
  const wanted = targets.filter((target) => !isSpared(target));
  const isGo = wanted.length > 0 && (options.yes === true || (await isConfirmed(wanted)));
  const results = new Map<BreakableLock, Result>();
  for (const target of targets) {
    if (isSpared(target)) results.set(target, 'not-stale');
    else if (!isGo) results.set(target, 'not-confirmed');
    else results.set(target, (await locks.break(target)) ? 'broken' : 'changed');
  }
  return results;
}

/** Nobody is asked about what was not shown; with `--json`, standard output belongs to programs. */
function showAll(targets: readonly BreakableLock[], { json, yes }: BreakOptions): void {
  if (json === true && yes === true) return;
  const target = json === true ? process.stderr : process.stdout;
  for (const each of targets) target.write(tellFound(each.url, each, target));
}

function tell(url: string, result: Result, target: BreakableLock | undefined, { json }: BreakOptions): void {
  if (json === true) printJson({ lock: url, result, ...(target && describeBroken(target)) });
  else print(`${url}: ${sentenceFor(result, target)}\n`);
}

function describeBroken(found: BreakableLock): object {
  if (found.kind !== 'held') return { kind: found.kind };
  const { holder, leaseId } = found.status;
  return { holder, leaseId };
}

/** What may go wrong where it is removed; undefined where nobody may need it. */
function warningFor(found: BreakableLock): string | undefined {
  switch (found.kind) {
    case 'held':
      return found.status.isStale ? undefined : 'Its holder seems to be alive: two may work at once then.';
    case 'event':
      return found.status.isSet ? 'It is set: whoever has not heard of it yet never will.' : undefined;
    case 'rate-limiter':
      return isInUse(found)
        ? `Some of it is in use: more than ${tellLimit(found.status)} may be taken then.`
        : undefined;
    default:
      return found satisfies never;
  }
}

const NOT_STALE: Readonly<Record<BreakableLock['kind'], string>> = {
  held: 'its holder is alive',
  event: 'it is set',
  'rate-limiter': 'some of it is in use',
};

function sentenceFor(result: Result, found: BreakableLock | undefined): string {
  switch (result) {
    case 'free':
      return 'free already, nothing to break';
    case 'not-meant':
      return 'nobody holds it whom --lease-id or --holder fits, left alone';
    case 'not-stale':
      return `${NOT_STALE[found?.kind ?? 'held']}, left alone (--if-stale)`;
    case 'not-confirmed':
      return 'left alone';
    case 'changed': {
      const how = found?.kind === 'held' ? ' (refreshed, released or taken over)' : '';
      return `changed while it was looked at${how}, left alone; look again`;
    }
    case 'broken':
      return 'broken';
    default:
      return result satisfies never;
  }
}

async function isConfirmed(targets: readonly BreakableLock[]): Promise<boolean> {
  const what = targets.length === 1 ? 'it' : `all ${targets.length}`;
  const [warning] = targets.flatMap((target) => warningFor(target) ?? []);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  using interruption = new Interruption();
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  // It stays paused after a Ctrl-Z, and with nothing to wait for the process would end without a word.
  terminal.on('SIGCONT', () => terminal.resume());
  try {
    const question = [`Break ${what}?`, ...(warning === undefined ? [] : [warning]), '[y/N] '].join(' ');
    const answer = await terminal.question(question, { signal: interruption.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    // After a Ctrl-D the cursor is still behind the question.
    if (!interruption.signal.aborted) process.stderr.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
