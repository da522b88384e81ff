import type { SeenLock } from '../group/group.ts';
import type { InVain } from '../group/group-acquisition.ts';
import { lockNameOf, resourceOf, type Resources } from '../protocol/pool.ts';
import type { Standing } from '../protocol/semaphore.ts';
import { type StaleRules, standingOf } from '../protocol/stale.ts';
import { firstToEnd, type LockStatus, staleForMs, statusOf } from '../status.ts';

/** How one resource of a pool stands. All times are the server's. */
export interface ResourceStatus {
  /** Its name. */
  readonly resource: string;
  /**
   * `free`: nobody holds it. `held`: somebody does. `stale`: a holder that is dead left it behind, and whoever acquires
   * takes it over. `unusable`: an object that is not of this library stands in its place.
   */
  readonly state: Standing;
  /** Who holds it, or left it behind. */
  readonly holder: LockStatus | undefined;
  /** How long it has been stale by the server's clocks, milliseconds; 0 where it is not. */
  readonly staleForMs: number;
  /** False where it was removed while somebody held it: it is gone when that ends. */
  readonly isMember: boolean;
}

/** How a pool stands, by one list. */
export interface PoolStatus {
  /** How many resources are free, how many held, those that were removed meanwhile among them, and so on. */
  readonly counts: Readonly<Record<Standing, number>>;
  /** In the order in which they were added, and then those that were removed while somebody held them. */
  readonly resources: readonly ResourceStatus[];
}

/** What a look at a pool of such resources shows. */
export function poolStatus(
  { names }: Resources,
  { locks }: { readonly locks: ReadonlyMap<string, Pick<SeenLock, 'object'>> },
  rules: StaleRules,
): PoolStatus {
  const members = names.map((resource) => ({ resource, isMember: true }));
  const removed = [...locks.keys()].flatMap((lockName) => {
    const resource = resourceOf(lockName);
    return resource === undefined || names.includes(resource) ? [] : [{ resource, isMember: false }];
  });
  const counts = { free: 0, held: 0, stale: 0, unusable: 0 };
  const resources: ResourceStatus[] = [];
  for (const { resource, isMember } of [...members, ...removed]) {
    const object = locks.get(lockNameOf(resource))?.object;
    const state = object === undefined ? 'free' : standingOf(object, rules);
    if (!isMember && (state === 'free' || state === 'unusable')) continue;
    counts[state] += 1;
    const holder = object && statusOf(object, rules);
    const forMs = object === undefined || holder === undefined ? 0 : staleForMs(object, holder, rules);
    resources.push({ resource, state, holder, staleForMs: forMs, isMember });
  }
  return { counts, resources };
}

/** What is said of a wait for one of some resources that ran out. */
export function resourcesInVain(status: PoolStatus | undefined, only: readonly string[] | undefined): InVain {
  const breaking = 'break the lock of a resource';
  if (status === undefined) return { holder: undefined, several: { what: 'any resource', breaking } };
  const among = status.resources.filter(
    ({ resource, isMember }) => isMember && (only?.includes(resource) ?? true),
  );
  const isFree = among.some(({ state }) => state === 'free');
  return {
    holder: isFree ? undefined : firstToEnd(among.flatMap(({ holder }) => holder ?? [])),
    several: { what: `any of ${among.length} resources`, breaking },
  };
}
