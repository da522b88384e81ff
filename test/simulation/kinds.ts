import { playEvent } from './event/world.ts';
import { playRate } from './rate/world.ts';
import { playPool } from './pool/world.ts';
import { playSemaphore } from './semaphore/world.ts';
import type { Run, RunOptions } from './stage.ts';
import { play as playLock } from './world.ts';

const PLAYS = {
  lock: playLock,
  semaphore: playSemaphore,
  pool: playPool,
  rate: playRate,
  event: playEvent,
} as const;

/** What a world may be about. */
export type Kind = keyof typeof PLAYS;

export const KINDS = Object.keys(PLAYS) as readonly Kind[];

/** A run of any kind: about a lock unless another is named. */
export interface AnyRunOptions extends RunOptions {
  readonly kind?: Kind;
}

/** Plays one run: everything that happens in it follows from the seed, and from the faults that are left out. */
export function play(seed: number, { kind = 'lock', ...options }: AnyRunOptions = {}): Promise<Run> {
  return PLAYS[kind](seed, options);
}
