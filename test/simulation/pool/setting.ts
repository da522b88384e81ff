import type { Changes } from '../changes.ts';
import type { Dice } from '../dice.ts';
import type { PoolJudge } from './judge.ts';

/** The name of the pool of a simulated world. */
export const NAME = 'pools/one';

/** All resources that there may be; the first of them is never removed, so that there always is something to be had. */
export const RESOURCES = ['anna', 'b/n', 'çarl', 'dora'] as const;

/** What the programs of one world have in common. */
export interface Setting {
  /** The names that are given, where they are. */
  readonly given: readonly string[];
  /** Whether they are stored before anybody acquires: else everybody has to give them. */
  readonly isStored: boolean;
  /** Whether anybody adds and removes any. */
  readonly mayChange: boolean;
  readonly judge: PoolJudge;
  readonly changes: Changes;
}

/** How a program makes its pool: with the names, unless it goes by those that are stored. */
export function givenResources(
  dice: Dice,
  { given, isStored, mayChange }: Setting,
): { readonly resources?: readonly string[] } {
  return mayChange || (isStored && dice.chance(0.2)) ? {} : { resources: given };
}
