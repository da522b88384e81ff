import { EXIT } from './exit-codes.ts';
import type { Fact, Notes } from './notes.ts';

const OWN: ReadonlySet<number> = new Set([EXIT.lost, EXIT.notAcquired, EXIT.failed]);

/**
 * Says what a command ended with. Where that could be taken for an exit code of ours it is said unasked, as each of
 * ours is: one that comes without a word leaves everybody guessing.
 */
export function tellEnd(exitCode: number, notes: Notes): void {
  const fact = { event: 'command-ended', exitCode };
  if (OWN.has(exitCode)) notes.info(`exit code ${exitCode} is the command's own`, fact);
  else notes.detail(`the command ended with exit code ${exitCode}`, fact);
}

/**
 * Says that what was asked for is in use. With `-E 0` that is as it should be, and cron sends a mail for every word.
 *
 * @returns what the process ends with.
 */
export function tellConflict(exitCode: number, notes: Notes, text: string, fact: Fact): number {
  if (exitCode === 0) notes.detail(text, fact);
  else notes.info(text, fact);
  return exitCode;
}

/**
 * Ends the process at a second Ctrl-C, before the store has heard that it is done.
 *
 * @param what - what was given up, and what becomes of it.
 */
export function endAtOnce(
  notes: Notes,
  url: string,
  what: string,
  exitCode: number = EXIT.interrupted,
): Promise<void> {
  const fact = { event: 'release-failed', lock: url, error: 'given up at a second Ctrl-C' };
  return notes.exitAfter(exitCode, `a second Ctrl-C gave up ${what}`, fact);
}
