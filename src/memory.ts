import type { ReadOutcome } from './protocol/outcome.ts';
import { type Observation, observe } from './protocol/stale.ts';
import type { Millis } from './protocol/timing.ts';

/** How many locks, and how many ended lease ids of each, one process remembers. */
const MAX_LOCKS = 10_000;
const MAX_ENDED = 256;

/** What one process remembers of one lock, as plain data. */
export interface Remembered {
  readonly observation: Observation | undefined;
  /** Lease ids, oldest first. */
  readonly ended: readonly string[];
}

/**
 * What one process remembers of one lock, across calls: since when it has seen the record unchanged, and
 * which of its own acquisitions are over though their record may still be there.
 */
export class LockMemory {
  #observation: Observation | undefined;
  readonly #ended: Set<string>;

  /** @param from - what another one remembered: a world that is explored goes on from any of its states. */
  constructor(from?: Remembered) {
    this.#observation = from?.observation;
    this.#ended = new Set(from?.ended);
  }

  get remembered(): Remembered {
    return { observation: this.#observation, ended: [...this.#ended] };
  }

  /** Adds a reading. Gives what the acquire reducer wants to know of the record that it shows. */
  see(
    outcome: ReadOutcome,
    arrivedMs: Millis,
  ): { readonly observedSinceMs?: Millis; readonly isOwnOrphan?: boolean } {
    if (outcome.kind !== 'absent' && outcome.kind !== 'found') return {};
    const object = outcome.kind === 'found' ? outcome.object : undefined;
    // What was something else in between has not been unchanged.
    this.#observation = object && observe(this.#observation, object, arrivedMs);
    if (object?.content.kind !== 'record') return {};
    const isOwnOrphan = this.#ended.has(object.content.record.leaseId);
    return this.#observation === undefined
      ? { isOwnOrphan }
      : { isOwnOrphan, observedSinceMs: this.#observation.sinceMs };
  }

  /** An acquisition of this process is over: its record, should it show up, may be replaced at once. */
  noteEnded(leaseId: string): void {
    this.#ended.add(leaseId);
    forgetOldest(this.#ended, MAX_ENDED);
  }
}

/** What one process remembers of all its locks. A test that plays several processes gives each its own. */
export class ProcessMemory {
  readonly #locks = new Map<string, LockMemory>();

  /** @param key - the lock's endpoint, bucket and name. */
  of(key: string): LockMemory {
    const known = this.#locks.get(key) ?? new LockMemory();
    this.#locks.delete(key);
    this.#locks.set(key, known);
    forgetOldest(this.#locks, MAX_LOCKS);
    return known;
  }
}

/** The memory of this process. */
export const processMemory = new ProcessMemory();

function forgetOldest(entries: Set<string> | Map<string, unknown>, most: number): void {
  if (entries.size <= most) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
