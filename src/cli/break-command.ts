import { createInterface } from 'node:readline/promises';
import { GcsMutex, type LockStatus } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { tellStatus } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';
import { Interruption } from './interruption.ts';
import { printJson, print } from './print.ts';

export interface BreakOptions extends ConnectionOptions {
  readonly yes?: boolean;
  readonly ifStale?: boolean;
  readonly json?: boolean;
}

const LEFT_ALONE = 1;

/** Ends a lock by force, after it was looked at. */
export async function breakCommand(url: string, options: BreakOptions): Promise<number> {
  const mutex = GcsMutex.fromUrl(url, connectionOptions(options));
  if (options.yes !== true && !process.stdin.isTTY) {
    throw new Failure('there is no terminal to ask on: say --yes to break the lock without being asked');
  }
  const end = (result: string, status: LockStatus | undefined): number => {
    const isBroken = result === 'broken';
    if (options.json === true)
      printJson({ lock: mutex.url, result, holder: status?.holder, leaseId: status?.leaseId });
    else print(`${mutex.url}: ${SENTENCES[result] ?? result}\n`);
    return isBroken ? EXIT.ok : LEFT_ALONE;
  };
  const status = await mutex.status();
  if (status === undefined) return end('free', status);
  if (options.json !== true) print(tellStatus(mutex.url, status));
  if (options.ifStale === true && !status.isStale) return end('not-stale', status);
  if (options.yes !== true && !(await isConfirmed(status))) return end('not-confirmed', status);
  const isBroken = await mutex.breakLock({ ifVersion: status.version });
  return end(isBroken ? 'broken' : 'changed', status);
}

const SENTENCES: Readonly<Record<string, string>> = {
  free: 'free already, nothing to break',
  'not-stale': 'its holder is alive, left alone (--if-stale)',
  'not-confirmed': 'left alone',
  changed: 'changed while it was looked at (refreshed, released or taken over), left alone; look again',
  broken: 'broken',
};

async function isConfirmed(status: LockStatus): Promise<boolean> {
  const warning = status.isStale ? '' : ' Its holder seems to be alive: two may work at once then.';
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  using interruption = new Interruption();
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question(`Break it?${warning} [y/N] `, { signal: interruption.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
