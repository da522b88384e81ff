import { RATE_BUGS } from './rate-bugs.ts';
import { REDUCER_BUGS } from './reducer-bugs.ts';
import { EVENT_BUGS } from './event-bugs.ts';
import type { Kind } from '../kinds.ts';
import { POOL_BUGS } from './pool-bugs.ts';
import { SEMAPHORE_BUGS } from './semaphore-bugs.ts';
import { SHELL_BUGS } from './shell-bugs.ts';

/** A change of the compiled text of one module. */
export interface Change {
  /** Below `src`, without its ending. */
  readonly module: string;
  /** What stands there, exactly once. */
  readonly text: string;
  readonly instead: string;
}

/** A mistake that somebody could make in the shipped code. */
export interface Bug extends Change {
  readonly name: string;
  /** What the worlds are about that find it. Default: a lock. */
  readonly kind?: Kind;
  /** Another change that belongs to it: what would otherwise make up for the first. */
  readonly also?: Change;
  /** Why nothing follows from it; absent where something must. A bug with both guards gone stands beside it. */
  readonly coveredBy?: string;
}

/** The mistakes that explorer and simulator must find: one for each guard, and for each rule that a timing rests on. */
export const BUGS: readonly Bug[] = [
  ...SHELL_BUGS,
  ...REDUCER_BUGS,
  ...SEMAPHORE_BUGS,
  ...POOL_BUGS,
  ...RATE_BUGS,
  ...EVENT_BUGS,
];

/** Everything that a bug changes. */
export function changesOf({ module, text, instead, also }: Bug): readonly Change[] {
  const first = { module, text, instead };
  return also === undefined ? [first] : [first, also];
}
