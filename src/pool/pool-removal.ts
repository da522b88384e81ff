import { breakRecord } from '../breaking.ts';
import type { Group, GroupView } from '../group/group.ts';
import { staleRules } from '../lock.ts';
import { poolStatus, type ResourceStatus } from './pool-status.ts';
import { lockNameOf, type Resources } from '../protocol/pool.ts';

/**
 * Which of the resources that were removed are still in use, by a look after the removal.
 *
 * What a holder left behind that seems to be dead is removed: nobody takes it over any more, so that a holder whose
 * machine only slept would find it as it was, refresh it, and hold a resource that was said to be out of use.
 *
 * @throws an error of the store, or the signal's reason.
 */
export async function stillInUse(
  group: Group<Resources>,
  removed: readonly string[],
  view: GroupView<Resources>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { resources } = poolStatus({ names: removed }, view, staleRules(group));
  const mayBeUsed = await Promise.all(
    resources
      .filter(({ resource }) => removed.includes(resource))
      .map(async (status) => status.state === 'held' || !(await isOver(group, status, signal))),
  );
  return removed.filter((_resource, index) => mayBeUsed[index]);
}

/** Ends what is left of a use. False where it was changed since the look: its holder may live. */
async function isOver(
  group: Group<Resources>,
  { resource, state, holder }: ResourceStatus,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (state !== 'stale') return true;
  return breakRecord(group.lock(lockNameOf(resource)), { ifVersion: holder?.version, signal });
}
