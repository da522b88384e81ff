import { createInterface } from 'node:readline/promises';
import type { BreakableLock, FoundLock } from '../index.ts';
import { leavingsOf } from '../leavings.ts';
import type { ConnectionOptions } from './connection.ts';
import { isInUse, tellLimit } from './describe.ts';
import { tellFound } from './describe-found.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';
import { Interruption } from './interruption.ts';
import { type Place, placeOf } from './place.ts';
import { printJson, print } from './print.ts';

export interface BreakOptions extends ConnectionOptions {
  readonly yes?: boolean;
  readonly ifStale?: boolean;
  readonly json?: boolean;
}

const LEFT_ALONE = 1;

type Result = 'free' | 'not-stale' | 'not-confirmed' | 'changed' | 'broken';

/** Ends a lock by force, or removes an event or a rate limiter, after it was looked at. */
export async function breakCommand(url: string, options: BreakOptions): Promise<number> {
  const place = placeOf(url, options);
  if (options.yes !== true && !process.stdin.isTTY) {
    throw new Failure('there is no terminal to ask on: say --yes to break the lock without being asked');
  }
  const found = breakable(place.url, await place.find());
  const result = found === undefined ? 'free' : await breakFound(place, found, options);
  if (options.json === true) printJson({ lock: place.url, result, ...(found && describeBroken(found)) });
  else print(`${place.url}: ${sentenceFor(result, found)}\n`);
  return result === 'broken' ? EXIT.ok : LEFT_ALONE;
}

async function breakFound(place: Place, found: BreakableLock, options: BreakOptions): Promise<Result> {
  if (options.json !== true) print(tellFound(place.url, found, process.stdout));
  const warning = warningFor(found);
  if (options.ifStale === true && warning !== undefined) return 'not-stale';
  if (options.yes !== true && !(await isConfirmed(warning))) return 'not-confirmed';
  return (await place.locks.break(found)) ? 'broken' : 'changed';
}

/** @throws Failure for what consists of several locks: who should lose which, only its user knows. */
function breakable(url: string, found: FoundLock | undefined): BreakableLock | undefined {
  if (found === undefined || found.kind === 'free') return undefined;
  if (found.kind !== 'semaphore' && found.kind !== 'pool') return found;
  const [first] = leavingsOf(found).left;
  const example = first === undefined ? 'nobody holds any of it now' : `such as ${url}/${first.below}`;
  const what = found.kind === 'semaphore' ? 'the permit of one holder' : 'one resource';
  throw new Failure(`${url} is a ${found.kind} and is not broken as a whole: break ${what}, ${example}`);
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

async function isConfirmed(warning: string | undefined): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  using interruption = new Interruption();
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const question = ['Break it?', ...(warning === undefined ? [] : [warning]), '[y/N] '].join(' ');
    const answer = await terminal.question(question, { signal: interruption.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
