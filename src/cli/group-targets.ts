import type {
  CallOptions,
  LockEvent,
  LockStatus,
  PooledResource,
  PoolStatus,
  SemaphoreLease,
  SemaphoreStatus,
} from '../index.ts';
import { GcsResourcePool } from '../pool/pool.ts';
import { GcsSemaphore } from '../semaphore/semaphore.ts';
import { ignoreOwn } from './explaining.ts';
import type { RunOptions } from './run-options.ts';
import {
  heldBy,
  leaseOptions,
  type PartsOf,
  type Refusal,
  type RunListeners,
  type RunTarget,
  type Source,
  targetFrom,
} from './run-target.ts';
import { hasAvailable, permitsHeld, resourcesHeld, type WaitReason } from './waiting.ts';

/** A permit of a semaphore, or several. */
export function semaphoreTarget(url: string, options: RunOptions, listeners: RunListeners): RunTarget {
  const settings = { ...leaseOptions(options), permits: options.permits };
  const semaphore = GcsSemaphore.fromUrl(url, settings, { logger: groupLogger(listeners) });
  const { take = 1 } = options;
  const source: GroupSource<SemaphoreLease, SemaphoreStatus> = {
    url: semaphore.url,
    timing: semaphore.timing,
    run: (work, how) => semaphore.run(work, { ...how, permits: take }),
    tryRun: (work, how) => semaphore.tryRun(work, { ...how, permits: take }),
    status: (how) => semaphore.status(how),
    hasRoom: ({ available }) => available >= take,
    reason: (status) => permitsHeld(status, take),
  };
  return groupTarget(source, (lease) => [lease, { GCS_MUTEX_LEASE_ID: lease.leaseIds.join(' ') }]);
}

/** A resource of a pool. */
export function poolTarget(url: string, options: RunOptions, listeners: RunListeners): RunTarget {
  const { resources, only } = options;
  const settings = { ...leaseOptions(options), resources };
  const pool = GcsResourcePool.fromUrl(url, settings, { logger: groupLogger(listeners) });
  const source: GroupSource<PooledResource<undefined>, PoolStatus> = {
    url: pool.url,
    timing: pool.timing,
    run: (work, how) => pool.run(work, { ...how, only }),
    tryRun: (work, how) => pool.tryRun(work, { ...how, only }),
    status: (how) => pool.status(how),
    hasRoom: (status) => hasAvailable(status, only),
    reason: (status) => resourcesHeld(status, only),
  };
  return groupTarget(source, ({ lease, resource }) => [
    lease,
    { GCS_MUTEX_LEASE_ID: lease.leaseId, GCS_MUTEX_RESOURCE: resource },
  ]);
}

/** What a semaphore and a pool have in common beyond a lock: how they stand, and whether that is in the way. */
interface GroupSource<Got, Status> extends Source<Got, Status> {
  status(options?: CallOptions): Promise<Status>;
  hasRoom(status: Status): boolean;
  reason(status: Status): WaitReason;
}

function groupTarget<Got, Status>(source: GroupSource<Got, Status>, partsOf: PartsOf<Got>): RunTarget {
  return {
    ...targetFrom(source, partsOf, (status) => refusalOf(source.reason(status))),
    explanation: {
      looksAgain: true,
      async look(signal) {
        const status = await source.status({ signal });
        return source.hasRoom(status) ? undefined : source.reason(status);
      },
    },
    refusalAfter: (holder) => refusalBy(async () => source.reason(await source.status()), holder),
  };
}

/** That a permit or a resource was lost to a rival says nothing of how long the wait will be. */
function groupLogger({ onEvent }: RunListeners): (event: LockEvent) => void {
  return (event) => {
    if (event.kind !== 'waiting') onEvent(event);
  };
}

/** A store that does not answer any more makes no failure of a wait that is over. */
async function refusalBy(look: () => Promise<WaitReason>, holder: LockStatus | undefined): Promise<Refusal> {
  const reason = await look().catch(ignoreOwn);
  return reason === undefined ? heldBy(holder) : refusalOf(reason);
}

function refusalOf({ sentence, fact }: WaitReason): Refusal {
  return { sentence: `has ${sentence()}`, fact };
}
