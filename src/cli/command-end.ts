import { EXIT } from './exit-codes.ts';
import type { Notes } from './notes.ts';

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
