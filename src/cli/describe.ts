import type { ListedLock, LockStatus, PoolStatus, Rate, RateStatus, SemaphoreStatus } from '../index.ts';
import { exactDuration, tellDuration } from './duration.ts';

export function holderOf(status: Pick<LockStatus, 'holder'>): string {
  return status.holder === '' ? 'an unnamed holder' : status.holder;
}

/** How long ago something was. Two machines' clocks differ: what seems to lie ahead was just now. */
export function ago(moment: Date, now: number = Date.now()): string {
  return `${tellDuration(Math.max(0, now - moment.getTime()))} ago`;
}

/** A moment as the reader's clock shows it, with the day where it is not today. */
export function clockTime(moment: Date): string {
  const isToday = moment.toDateString() === new Date().toDateString();
  return isToday ? moment.toTimeString().slice(0, 8) : moment.toISOString();
}

/** How long a record lasts without another refresh. */
export function ttlLeftMs(status: LockStatus, now: number): number {
  return Math.max(0, status.refreshedAt.getTime() + status.ttlMs - now);
}

export function tellStale(status: LockStatus, now: number): string {
  if (status.isStale) return 'over, its holder is dead or cut off, and anybody may take it over';
  return `${tellDuration(ttlLeftMs(status, now))} left without another refresh`;
}

/** How many permits of a semaphore are held, and by whom. */
export function tellPermits({ permits, held, stale }: SemaphoreStatus): string {
  return `${held} of ${permits} held${stale === 0 ? '' : `, ${stale} stale`}`;
}

/** How many resources of a pool are held, and beside them those that it has no more when their holders end. */
export function tellResources({ resources }: PoolStatus): string {
  const members = resources.filter(({ isMember }) => isMember);
  const [held, stale] = (['held', 'stale'] as const).map(
    (state) => members.filter((member) => member.state === state).length,
  );
  const removed = resources.length - members.length;
  const told = [`${held} of ${members.length} held`];
  if (stale !== 0) told.push(`${stale} stale`);
  if (removed !== 0) told.push(`${removed} removed`);
  return told.join(', ');
}

/** How many permits of a rate limiter cannot be had now. */
export function tellRate(status: RateStatus): string {
  const { shared, spent, processes } = status;
  const stale = processes.filter(({ isStale }) => isStale).length;
  return `${shared + spent} of ${tellLimit(status)} in use${stale === 0 ? '' : `, ${stale} stale`}`;
}

/** A rate as `--limit` takes it. */
export function tellLimit({ limit, windowMs }: Rate): string {
  return `${limit}/${exactDuration(windowMs)}`;
}

/** One word for how a lock stands. */
export function stateOf(lock: ListedLock): string {
  if (lock.kind === 'event') return lock.status.isSet ? 'set' : 'cleared';
  if (lock.kind === 'rate-limiter') return 'limiter';
  if (lock.kind !== 'held') return lock.kind;
  return lock.status.isStale ? 'stale' : 'held';
}

/** Whether anybody holds it or has some of it, dead or alive, or it is set. */
export function isInUse(lock: ListedLock): boolean {
  switch (lock.kind) {
    case 'held':
      return true;
    case 'semaphore':
      return lock.status.held + lock.status.stale > 0;
    case 'pool':
      return lock.status.counts.held + lock.status.counts.stale > 0;
    case 'rate-limiter':
      return lock.status.shared + lock.status.spent > 0;
    case 'event':
      return lock.status.isSet;
    case 'free':
    case 'newer':
      return false;
    default:
      return lock satisfies never;
  }
}
