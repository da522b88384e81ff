import type {
  AcquireOptions,
  CallOptions,
  GcsMutexOptions,
  LeaseTiming,
  LockEvent,
  LockStatus,
} from '../index.ts';
import { connectionOptions } from './connection.ts';
import { holderOf } from './describe.ts';
import type { Explanation } from './explaining.ts';
import type { RunLease } from './lease-watch.ts';
import type { RunOptions } from './run-options.ts';
import type { WaitReason } from './waiting.ts';

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

/** What a lock, a semaphore and a pool have in common. */
export interface Source<Got, Status> {
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

/** The lease of what was got, and what the command is told of it. */
export type PartsOf<Got> = (got: Got) => readonly [RunLease, Readonly<Record<string, string>>];

export function targetFrom<Got, Status>(
  source: Source<Got, Status>,
  partsOf: PartsOf<Got>,
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

export function heldBy(status: LockStatus | undefined): Refusal {
  const since = status === undefined ? '' : ` since ${status.since.toISOString()}`;
  const holder = status === undefined ? 'others, as far as the store said' : holderOf(status);
  return {
    sentence: `is held by ${holder}${since}`,
    fact: { holder: status?.holder, since: status?.since },
  };
}

/** What the options say of a lease and of the way to the store. */
export function leaseOptions(options: RunOptions): GcsMutexOptions {
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
