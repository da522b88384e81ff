import {
  type AcquireOptions,
  type CallOptions,
  type GcsMutexOptions,
  GcsMutex,
  GcsResourcePool,
  GcsSemaphore,
  type LeaseTiming,
  type LockEvent,
  type LockStatus,
  type PooledResource,
  type PoolStatus,
  type SemaphoreLease,
  type SemaphoreStatus,
} from '../index.ts';
import { connectionOptions } from './connection.ts';
import { holderOf } from './describe.ts';
import { type Explanation, ignoreOwn } from './explaining.ts';
import type { RunLease } from './lease-watch.ts';
import type { RunOptions } from './run-options.ts';
import { hasAvailable, held, permitsHeld, resourcesHeld, type WaitReason } from './waiting.ts';

/** What happens while something is held: what a command is told of it by its environment comes with the lease. */
export type Work = (lease: RunLease, environment: Readonly<Record<string, string>>) => Promise<number>;

/** Why it was not had: what follows its name in a sentence, and the same for programs. */
export interface Refusal {
  readonly sentence: string;
  readonly fact: WaitReason['fact'];
}

/** What came of one try. */
export type Tried =
  | { readonly ran: true; readonly value: number }
  | { readonly ran: false; readonly refusal: Refusal };

/** What a command may be run under: a lock, a permit of a semaphore, a resource of a pool. */
export interface RunTarget {
  /** As `gs://bucket/name`. */
  readonly url: string;
  readonly timing: LeaseTiming;
  /** Waits for it, works, gives it back. */
  run(work: Work, options: AcquireOptions): Promise<number>;
  tryRun(work: Work, options: CallOptions): Promise<Tried>;
  /** Why a wait takes so long. */
  readonly explanation: Explanation;
  /** Why it was not had after a wait. */
  refusalAfter(holder: LockStatus | undefined): Promise<Refusal>;
}

/** What happens to a lease, and whom the wait for a lock is for. */
export interface RunListeners {
  readonly onReason: (reason: WaitReason) => void;
  readonly onEvent: (event: Exclude<LockEvent, { kind: 'waiting' }>) => void;
}

/** What the options ask for. Does no I/O. */
export function targetOf(url: string, options: RunOptions, listeners: RunListeners): RunTarget {
  if (options.permits !== undefined || options.take !== undefined)
    return semaphoreTarget(url, options, listeners);
  if (options.resources !== undefined || options.only !== undefined)
    return poolTarget(url, options, listeners);
  return lockTarget(url, options, listeners);
}

function lockTarget(url: string, options: RunOptions, { onReason, onEvent }: RunListeners): RunTarget {
  const logger = (event: LockEvent): void =>
    event.kind === 'waiting' ? onReason(held(event.holder)) : onEvent(event);
  const mutex = GcsMutex.fromUrl(url, leaseOptions(options), { logger });
  return {
    ...targetFrom(mutex, (lease) => [lease, { GCS_MUTEX_LEASE_ID: lease.leaseId }], heldBy),
    explanation: {
      looksAgain: false,
      async look(signal) {
        const status = await mutex.status({ signal });
        return status === undefined || status.isStale ? undefined : held(status);
      },
    },
    refusalAfter: (holder) => Promise.resolve(heldBy(holder)),
  };
}

function semaphoreTarget(url: string, options: RunOptions, listeners: RunListeners): RunTarget {
  const settings = { ...leaseOptions(options), permits: options.permits };
  const semaphore = GcsSemaphore.fromUrl(url, settings, { logger: groupLogger(listeners) });
  const { take = 1 } = options;
  const source: Source<SemaphoreLease, SemaphoreStatus> = {
    url: semaphore.url,
    timing: semaphore.timing,
    run: (work, how) => semaphore.run(work, { ...how, permits: take }),
    tryRun: (work, how) => semaphore.tryRun(work, { ...how, permits: take }),
  };
  return {
    ...targetFrom(
      source,
      (lease) => [lease, { GCS_MUTEX_LEASE_ID: lease.leaseIds.join(' ') }],
      (status) => refusalOf(permitsHeld(status, take)),
    ),
    explanation: {
      looksAgain: true,
      async look(signal) {
        const status = await semaphore.status({ signal });
        return status.available >= take ? undefined : permitsHeld(status, take);
      },
    },
    refusalAfter: (holder) => refusalBy(async () => permitsHeld(await semaphore.status(), take), holder),
  };
}

function poolTarget(url: string, options: RunOptions, listeners: RunListeners): RunTarget {
  const { resources, only } = options;
  const settings = { ...leaseOptions(options), resources };
  const pool = GcsResourcePool.fromUrl(url, settings, { logger: groupLogger(listeners) });
  const source: Source<PooledResource<undefined>, PoolStatus> = {
    url: pool.url,
    timing: pool.timing,
    run: (work, how) => pool.run(work, { ...how, only }),
    tryRun: (work, how) => pool.tryRun(work, { ...how, only }),
  };
  return {
    ...targetFrom(
      source,
      ({ lease, resource }) => [lease, { GCS_MUTEX_LEASE_ID: lease.leaseId, GCS_MUTEX_RESOURCE: resource }],
      (status) => refusalOf(resourcesHeld(status, only)),
    ),
    explanation: {
      looksAgain: true,
      async look(signal) {
        const status = await pool.status({ signal });
        return hasAvailable(status, only) ? undefined : resourcesHeld(status, only);
      },
    },
    refusalAfter: (holder) => refusalBy(async () => resourcesHeld(await pool.status(), only), holder),
  };
}

/** What a lock, a semaphore and a pool have in common. */
interface Source<Got, Status> {
  readonly url: string;
  readonly timing: LeaseTiming;
  run(work: (got: Got) => Promise<number>, options: AcquireOptions): Promise<number>;
  tryRun(
    work: (got: Got) => Promise<number>,
    options: CallOptions,
  ): Promise<
    { readonly ran: true; readonly value: number } | { readonly ran: false; readonly status: Status }
  >;
}

/** @param partsOf - the lease of what was got, and what the command is told of it. */
function targetFrom<Got, Status>(
  source: Source<Got, Status>,
  partsOf: (got: Got) => readonly [RunLease, Readonly<Record<string, string>>],
  refusal: (status: Status) => Refusal,
): Pick<RunTarget, 'url' | 'timing' | 'run' | 'tryRun'> {
  const { url, timing } = source;
  const under = (work: Work) => (got: Got) => {
    const [lease, environment] = partsOf(got);
    return work(lease, { GCS_MUTEX_URL: url, ...environment });
  };
  return {
    url,
    timing,
    run: (work, options) => source.run(under(work), options),
    async tryRun(work, options) {
      const result = await source.tryRun(under(work), options);
      return result.ran ? result : { ran: false, refusal: refusal(result.status) };
    },
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

function heldBy(status: LockStatus | undefined): Refusal {
  const since = status === undefined ? '' : ` since ${status.since.toISOString()}`;
  const holder = status === undefined ? 'others, as far as the store said' : holderOf(status);
  return {
    sentence: `is held by ${holder}${since}`,
    fact: { holder: status?.holder, since: status?.since },
  };
}

function refusalOf({ sentence, fact }: WaitReason): Refusal {
  return { sentence: `has ${sentence()}`, fact };
}

function leaseOptions(options: RunOptions): GcsMutexOptions {
  return {
    ...connectionOptions(options),
    ttlMs: options.ttl,
    refreshIntervalMs: options.refreshInterval,
    marginMs: options.margin,
    clockSkewMs: options.clockSkew,
    takeover: options.takeover,
    maxHoldMs: options.maxHold,
    holder: options.holder,
    metadata: options.metadata,
  };
}
