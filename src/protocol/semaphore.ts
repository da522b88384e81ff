import { boundedInteger } from './codec.ts';
import type { DocumentKind } from './document-record.ts';

/** The most permits that a semaphore has: a slot's number has four digits, and a list shows 250 slots a request. */
export const MAX_PERMITS = 4096;

/** What a semaphore's document says. */
export interface Permits {
  readonly permits: number;
}

/** The name of a semaphore's document, below its own. */
export const PERMITS_NAME = 'permits';

/** How a semaphore's document is kept. */
export const PERMITS: DocumentKind<Permits> = {
  schema: 'gcs-mutex-semaphore/1',
  kind: 'semaphore',
  encode: ({ permits }) => ({ permits: String(permits) }),
  decode(key) {
    const permits = boundedInteger(key('permits'), 1, MAX_PERMITS);
    return permits === undefined ? 'its permits do not parse' : { permits };
  },
};

/** The name of a slot, below the semaphore's: a lock that gives one permit to whoever holds it. */
export function slotName(index: number): string {
  return `slot-${String(index).padStart(4, '0')}`;
}

/** Which slot a name is of, or undefined. */
export function slotIndex(name: string): number | undefined {
  const digits = /^slot-([0-9]{4})$/.exec(name)?.[1];
  const index = digits === undefined ? MAX_PERMITS : Number(digits);
  return index < MAX_PERMITS ? index : undefined;
}

/** How one of several locks stands, by one look at its object. `unusable`: it is not of this library. */
export type Standing = 'held' | 'stale' | 'free' | 'unusable';

/** How many slots stand in which way. */
export interface Counts {
  /** Slots that somebody holds, those beyond the number of permits among them: it may have been lowered. */
  readonly held: number;
  /** Slots within the number of permits that nobody holds any more. */
  readonly stale: number;
  readonly free: number;
  /** Slots within the number of permits whose objects are not of this library: nobody can hold them. */
  readonly unusable: number;
  /** How many more may be held now. */
  readonly available: number;
}

/**
 * Counts the slots of a semaphore.
 *
 * Whoever holds a slot beyond the number of permits, since it was lowered, keeps it, and takes the place of one within.
 *
 * @param standings - of the slots that have an object; the others are free.
 */
export function countSlots(permits: number, standings: ReadonlyMap<number, Standing>): Counts {
  let held = 0;
  let stale = 0;
  let unusable = 0;
  let free = permits;
  for (const [index, standing] of standings) {
    const isWithin = index < permits;
    if (standing === 'held') held += 1;
    if (!isWithin) continue;
    if (standing !== 'free') free -= 1;
    if (standing === 'stale') stale += 1;
    if (standing === 'unusable') unusable += 1;
  }
  const available = Math.max(0, Math.min(free + stale, permits - held));
  return { held, stale, free, unusable, available };
}
