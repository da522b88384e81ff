import { expect } from 'vitest';
import type { LockEvent } from '../../src/events.ts';
import type { Lease } from '../../src/lease.ts';
import type { GcsMutex } from '../../src/mutex.ts';

type Work<T> = (lease: Lease) => T | PromiseLike<T>;

/** One lease, and whether the process that has it does anything at all at this moment. */
interface Watched {
  readonly lease: Lease;
  readonly isRunning: () => boolean;
}

/**
 * Every lease of a world. Whenever one is granted or refreshed, nobody else may believe in another lease on the
 * same lock: that is looked at in that very moment, by each holder's own `isHeld`.
 */
export class BeliefWatch {
  readonly #watched: Watched[] = [];
  readonly #overlaps: string[] = [];

  /** Has the leases of a mutex watched. A process that is stopped does nothing, so that it believes nothing. */
  over(mutex: GcsMutex, isRunning: () => boolean): GcsMutex {
    const note = (lease: Lease): Lease => {
      this.#watched.push({ lease, isRunning });
      return lease;
    };
    // What is no function stays what it is, for the mutex to say so.
    const noting = <T>(work: Work<T>): Work<T> =>
      typeof work === 'function' ? (lease) => work(note(lease)) : work;
    const acquire = mutex.acquire.bind(mutex);
    const tryAcquire = mutex.tryAcquire.bind(mutex);
    const run = mutex.run.bind(mutex);
    const tryRun = mutex.tryRun.bind(mutex);
    return Object.assign(mutex, {
      acquire: async (...args: Parameters<typeof acquire>) => note(await acquire(...args)),
      tryAcquire: async (...args: Parameters<typeof tryAcquire>) => {
        const lease = await tryAcquire(...args);
        return lease && note(lease);
      },
      run: <T>(work: Work<T>, ...rest: [Parameters<typeof run>[1]?]) => run(noting(work), ...rest),
      tryRun: <T>(work: Work<T>, ...rest: [Parameters<typeof tryRun>[1]?]) => tryRun(noting(work), ...rest),
    });
  }

  /** To be told of every event of every process. */
  see({ kind, lock, leaseId }: LockEvent): void {
    if (kind !== 'acquired' && kind !== 'refreshed') return;
    for (const { lease, isRunning } of this.#watched) {
      if (lease.lock !== lock || lease.leaseId === leaseId || !isRunning() || !lease.isHeld) continue;
      this.#overlaps.push(`${lease.leaseId} was believed in while ${leaseId} was ${kind}`);
    }
  }

  /** Takes the overlaps so far, for a test that expects some. */
  take(): readonly string[] {
    return this.#overlaps.splice(0);
  }

  expectNoOverlap(): void {
    expect(this.#overlaps, 'nobody believes while somebody else does').toEqual([]);
  }
}
