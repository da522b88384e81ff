import { resourceOf } from '../protocol/pool.ts';
import { slotIndex } from '../protocol/semaphore.ts';
import type { Fact } from './notes.ts';

/** The name of a semaphore or a pool, and which part of it, in place of the name of that part's own lock. */
export function namePart(fact: Fact, url: string): Fact {
  const { lock } = fact;
  if (typeof lock !== 'string' || !lock.startsWith(`${url}/`)) return fact;
  const below = lock.slice(url.length + 1);
  return { ...fact, lock: url, slot: slotIndex(below), resource: resourceOf(below) };
}
