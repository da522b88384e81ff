import type { GroupView, SeenLock } from '../group/group.ts';
import type { InVain } from '../group/group-acquisition.ts';
import { countSlots, type Counts, slotIndex, type Standing } from '../protocol/semaphore.ts';
import { type StaleRules, standingOf } from '../protocol/stale.ts';
import { firstToEnd, type LockStatus, staleForMs, statusOf } from '../status.ts';

/** Who holds one permit, or left it behind. */
export interface PermitStatus extends LockStatus {
  /** Which slot it is: the lock `NAME/slot-0003`, from 0 on. */
  readonly slot: number;
  /** How long it has been stale by the server's clocks, milliseconds; 0 where it is not. */
  readonly staleForMs: number;
}

/** How a semaphore stands, by one list. All times are the server's. */
export interface SemaphoreStatus {
  /** How many may hold at once. */
  readonly permits: number;
  /** How many permits are held now. After the number was lowered, it may be more than `permits` for a while. */
  readonly held: number;
  /** How many permits nobody holds. */
  readonly free: number;
  /** How many were left behind by holders that are dead: whoever acquires takes them over. */
  readonly stale: number;
  /** How many more could be acquired now. */
  readonly available: number;
  /** How many slots cannot be used, since objects that are not of this library stand in their place. */
  readonly unusable: number;
  /** Who holds them or left them behind, by slot. */
  readonly holders: readonly PermitStatus[];
}

/** What a look at a semaphore of so many permits shows. */
export function semaphoreStatus(
  permits: number,
  locks: ReadonlyMap<string, Pick<SeenLock, 'object'>>,
  rules: StaleRules,
): SemaphoreStatus {
  const holders: PermitStatus[] = [];
  for (const [name, { object }] of locks) {
    const slot = slotIndex(name);
    const status = slot === undefined ? undefined : statusOf(object, rules);
    if (slot === undefined || status === undefined) continue;
    holders.push({ ...status, slot, staleForMs: staleForMs(object, status, rules) });
  }
  holders.sort((one, other) => one.slot - other.slot);
  return { permits, ...countsOf(permits, locks, rules), holders };
}

/** How many slots stand in which way, by the server's clocks. */
export function countsOf(
  permits: number,
  locks: GroupView<unknown>['locks'] | ReadonlyMap<string, Pick<SeenLock, 'object'>>,
  rules: StaleRules,
): Counts {
  const standings = new Map<number, Standing>();
  for (const [name, { object }] of locks) {
    const slot = slotIndex(name);
    if (slot !== undefined) standings.set(slot, standingOf(object, rules));
  }
  return countSlots(permits, standings);
}

/** What is said of a wait for so many permits that ran out. */
export function permitsInVain(
  status: SemaphoreStatus | undefined,
  count: number,
  given: number | undefined,
): InVain {
  const permits = status?.permits ?? given;
  const among = permits === undefined ? 'permits' : `of the ${permits} permits`;
  const isFree = status === undefined || status.free >= count;
  return {
    holder: isFree ? undefined : firstToEnd(status.holders),
    several: { what: `${count} ${among}`, breaking: 'break the lock of a slot' },
  };
}
