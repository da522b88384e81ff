import type { Dice } from '../dice.ts';
import type { Judge } from './judge.ts';

/** The name of the semaphore of a simulated world. */
export const NAME = 'limits/one';

/** What the programs of one world have in common. */
export interface Setting {
  /** The number that is given, where one is. */
  readonly permits: number;
  /** Whether it is stored before anybody acquires: else everybody has to give it. */
  readonly isStored: boolean;
  /** Whether anybody changes the number. */
  readonly mayChange: boolean;
  readonly judge: Judge;
}

/** How a program makes its semaphore: with the number, unless it goes by the one that is stored. */
export function givenPermits(
  dice: Dice,
  { permits, isStored, mayChange }: Setting,
): { readonly permits?: number } {
  return mayChange || (isStored && dice.chance(0.2)) ? {} : { permits };
}
