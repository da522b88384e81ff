import type { ListedLock } from '../index.ts';
import { stateOf } from './describe.ts';

/** What has changed about a lock from one look to the next. */
export interface Change {
  readonly change:
    | 'held'
    | 'refreshed'
    | 'stale'
    | 'free'
    | 'newer'
    | 'set'
    | 'cleared'
    | 'semaphore'
    | 'pool'
    | 'rate-limiter';
  readonly url: string;
  /** How it stands now; undefined where its object is gone. */
  readonly lock: ListedLock | undefined;
}

/** Finds what has changed between two looks at the same folder, by name. */
export function changesBetween(before: readonly ListedLock[], now: readonly ListedLock[]): Change[] {
  const old = new Map(before.map((lock) => [lock.url, lock]));
  const current = new Set(now.map(({ url }) => url));
  const changes = now.flatMap((lock): Change[] => {
    const change = changeOf(old.get(lock.url), lock);
    return change === undefined ? [] : [{ change, url: lock.url, lock }];
  });
  const gone = before
    .filter((lock) => !['free', 'cleared'].includes(stateOf(lock)) && !current.has(lock.url))
    .map(({ url, kind }): Change => ({
      change: kind === 'event' ? 'cleared' : 'free',
      url,
      lock: undefined,
    }));
  return [...changes, ...gone].toSorted((left, right) => (left.url < right.url ? -1 : 1));
}

function changeOf(before: ListedLock | undefined, now: ListedLock): Change['change'] | undefined {
  if (now.kind === 'event') return eventChange(before, now);
  if (now.kind === 'semaphore' || now.kind === 'pool' || now.kind === 'rate-limiter')
    return before !== undefined && standing(before) === standing(now) ? undefined : now.kind;
  if (now.kind !== 'held') return before?.kind === now.kind ? undefined : now.kind;
  if (before?.kind !== 'held' || before.status.leaseId !== now.status.leaseId) return 'held';
  if (now.status.isStale && !before.status.isStale) return 'stale';
  return now.status.refreshedAt > before.status.refreshedAt ? 'refreshed' : undefined;
}

/** An event that was set and cleared between two looks has only been set, as far as whoever waits is concerned. */
function eventChange(
  before: ListedLock | undefined,
  { status }: ListedLock & { kind: 'event' },
): Change['change'] | undefined {
  const { setCount, isSet } = before?.kind === 'event' ? before.status : { setCount: 0, isSet: false };
  if (status.setCount !== setCount) return 'set';
  return isSet && !status.isSet ? 'cleared' : undefined;
}

/** How a semaphore, a pool or a rate limiter stands: by which leases or processes, refreshed or not. */
function standing(lock: ListedLock): string {
  switch (lock.kind) {
    case 'semaphore': {
      const { permits, holders } = lock.status;
      return [permits, ...holders.map(({ leaseId, isStale }) => `${leaseId} ${isStale}`)].join();
    }
    case 'pool':
      return lock.status.resources
        .map(({ resource, state, holder }) => JSON.stringify([resource, state, holder?.leaseId]))
        .join();
    case 'rate-limiter': {
      const { limit, windowMs, spent, processes } = lock.status;
      return JSON.stringify([
        [limit, windowMs, spent],
        processes.map(({ id, count, isStale }) => [id, count, isStale]),
      ]);
    }
    default:
      return lock.kind;
  }
}
