import type { ListedLock } from '../index.ts';

/** What has changed about a lock from one look to the next. */
export interface Change {
  readonly change: 'held' | 'refreshed' | 'stale' | 'free' | 'newer';
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
    .filter((lock) => lock.kind !== 'free' && !current.has(lock.url))
    .map(({ url }): Change => ({ change: 'free', url, lock: undefined }));
  return [...changes, ...gone].toSorted((left, right) => (left.url < right.url ? -1 : 1));
}

function changeOf(before: ListedLock | undefined, now: ListedLock): Change['change'] | undefined {
  if (now.kind !== 'held') return before?.kind === now.kind ? undefined : now.kind;
  if (before?.kind !== 'held' || before.status.leaseId !== now.status.leaseId) return 'held';
  if (now.status.isStale && !before.status.isStale) return 'stale';
  return now.status.refreshedAt > before.status.refreshedAt ? 'refreshed' : undefined;
}
