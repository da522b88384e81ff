import { readFileSync, writeFileSync } from 'node:fs';
import type { LossReason } from '../../src/index.ts';

/*
 * The record of a chaos run: one JSON file for each store. The checker, the judge and the page with the timeline
 * read it, and nothing else.
 *
 * All processes run on one machine and read one clock, the system's monotonic one (`process.hrtime`). Every moment
 * is in milliseconds on that clock since the run began. Jumps of the wall clock do not move it.
 */

/** What goes up whenever a reader of older files would misunderstand newer ones. */
const HISTORY_FORMAT = 1;

export type StoreName = 'emulator' | 'gcsemulator';

/** How a run was set up. */
export interface RunFacts {
  readonly store: StoreName;
  readonly lock: string;
  readonly ttlMs: number;
  readonly marginMs: number;
  readonly clockSkewMs: number;
  readonly takeover: 'server-clock' | 'observation';
  /** The longest pause of a waiting worker between two looks at the lock: one poll. */
  readonly pollMs: number;
  readonly seed: number;
  /** The workers' names: a lane each. Who is killed starts again under its name, as the next incarnation. */
  readonly workers: readonly string[];
  /** From the first event to the end of the last worker. */
  readonly durationMs: number;
  /** By the wall clock, ISO 8601. */
  readonly startedAt: string;
  /** Of the code that ran; `dirty` behind it where files differed from it, undefined outside of git. */
  readonly commit: string | undefined;
  /** The command that plays it again. */
  readonly command: string;
  /** Whether wall clocks jumped: that takes libfaketime. */
  readonly hasClockJumps: boolean;
}

/** What every event of a worker says. */
interface OfWorker {
  readonly atMs: number;
  readonly worker: string;
  /** 1 for the first process of that name, one more with each restart. */
  readonly incarnation: number;
}

interface OfLease extends OfWorker {
  readonly leaseId: string;
}

/** One look of a worker at its lease, as in `src/cli/demo/overlap.ts`: what beliefs are computed from. */
interface LookFacts {
  readonly isHeld: boolean;
  /** What `lease.remainingMs` said: until then the process goes on believing though it does not look again. */
  readonly remainingMs: number;
}

/** The life of a worker's process, as far as it can tell itself. */
export type LifeEvent =
  /** The process runs and is connected: a lane comes to life. */
  | (OfWorker & { readonly kind: 'started'; readonly pid: number })
  /** It calls `acquire`. */
  | (OfWorker & { readonly kind: 'waiting' })
  /** `acquire` gave it a lease. */
  | (OfLease & {
      readonly kind: 'believes';
      readonly waitedMs: number;
      /** Whether it replaced the stale record of another. */
      readonly wasTakenOver: boolean;
    })
  /**
   * A look at `lease.isHeld`. Looks that say true between two others that say true are left out: a lease that is
   * held before and after is held in between.
   */
  | (OfLease & LookFacts & { readonly kind: 'look' })
  /** It has done with the lease. */
  | (OfLease & {
      readonly kind: 'left';
      /** `released`: it let go by itself, after work that went well or `threw`; `lost`: the lease was over before. */
      readonly how: 'released' | 'threw' | 'lost';
      readonly reason: LossReason | undefined;
      /** What `release` gave; undefined where it could not be confirmed. */
      readonly wasHeld: boolean | undefined;
    });

/** A step inside the critical section, as the counter's server saw it; `atMs` is when it arrived there. */
export type SectionEvent = OfLease &
  LookFacts & {
    /** When the worker looked at its lease, right before it sent this. */
    readonly lookedAtMs: number;
  } & (
    | { readonly kind: 'enter' }
    | { readonly kind: 'leave' }
    | { readonly kind: 'read'; readonly value: number }
    | {
        readonly kind: 'write';
        /** What the worker had read, to which it adds 1. */
        readonly basedOn: number;
        /** What was there. The server takes every write, as a resource without fencing does. */
        readonly found: number;
        readonly value: number;
      }
  );

/** What was done to workers. Between the two events of a pair the worker is disturbed. */
export type FaultEvent =
  /** SIGKILL was sent; the process does nothing from here on. */
  | (OfWorker & { readonly kind: 'killed' })
  /** The process is gone, and is not by itself `killed`: at the end of a run each exits by itself. */
  | (OfWorker & { readonly kind: 'exited'; readonly code: number | undefined })
  /** SIGSTOP is about to be sent; SIGCONT has been sent. */
  | (OfWorker & { readonly kind: 'paused' })
  | (OfWorker & { readonly kind: 'resumed' })
  /** Its event loop stands still, by the worker's own word; the second is missing where it was killed meanwhile. */
  | (OfWorker & {
      readonly kind: 'blocked';
      /** `anywhere`, or at the worst place: between the look at the lease and the write that relies on it. */
      readonly place: 'anywhere' | 'before-write';
    })
  | (OfWorker & { readonly kind: 'unblocked' })
  | (OfWorker & {
      readonly kind: 'clock-jumped';
      /** How far its wall clock is ahead of the machine's from then on. */
      readonly byMs: number;
    })
  /** Its way to the store is cut, in one direction or in both. */
  | (OfWorker & { readonly kind: 'partition-begins'; readonly direction: Direction })
  | (OfWorker & { readonly kind: 'partition-ends' })
  /** The same for all workers at once. */
  | { readonly atMs: number; readonly kind: 'outage-begins'; readonly direction: Direction }
  | { readonly atMs: number; readonly kind: 'outage-ends' };

export type Direction = 'both' | 'to-store' | 'from-store';

export type ChaosEvent = LifeEvent | SectionEvent | FaultEvent;

/** The kinds of events that count as a fault. */
export const FAULT_KINDS = [
  'killed',
  'paused',
  'blocked',
  'partition-begins',
  'outage-begins',
  'clock-jumped',
] as const satisfies readonly FaultEvent['kind'][];

export type FaultKind = (typeof FAULT_KINDS)[number];

/** A time during which a worker believed that it holds the lock: from `fromMs` up to, not including, `untilMs`. */
export interface ChaosBelief {
  readonly worker: string;
  readonly incarnation: number;
  readonly leaseId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Two beliefs at once: what must never be. */
export interface ChaosOverlap {
  readonly workers: readonly [string, string];
  readonly fromMs: number;
  readonly forMs: number;
}

/** A write that its worker sent while it believed, and that overwrote what others had written since its read. */
export interface LostUpdate {
  readonly worker: string;
  readonly leaseId: string;
  readonly atMs: number;
  readonly basedOn: number;
  readonly found: number;
}

/** A write that arrived when its sender's lease was over by the sender's own clock: what only fencing excludes. */
export interface LateWrite {
  readonly worker: string;
  readonly leaseId: string;
  readonly atMs: number;
  /** How long after the end of the belief it arrived. */
  readonly lateByMs: number;
  /** What the process did between its look and the arrival. */
  readonly cause: 'paused' | 'blocked' | 'slow';
  /** Whether another lease had entered by then: what a resource that knows fencing would have refused. */
  readonly hasSuccessor: boolean;
}

/** How long it took until another process was given the lock, from when its holder was struck. */
export interface Recovery {
  readonly worker: string;
  readonly leaseId: string;
  readonly cause: 'killed' | 'paused' | 'blocked' | 'partition-begins';
  /** When the fault struck, and when the next `acquire` gave a lease. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Whether the store could not be reached by anybody for a part of the time: not counted then. */
  readonly hadOutage: boolean;
}

/** The times of those recoveries that count. */
export interface RecoveryTimes {
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** What is promised on a machine that is never late. */
  readonly boundMs: number;
  readonly beyondBoundCount: number;
}

/** What the checker found. */
export interface ChaosVerdict {
  readonly overlaps: readonly ChaosOverlap[];
  readonly lostUpdates: readonly LostUpdate[];
  /** Workers that ended by themselves, or records that make no sense: a run that proves nothing. */
  readonly troubles: readonly string[];
  readonly lateWrites: readonly LateWrite[];
  readonly leaseCount: number;
  readonly takeoverCount: number;
  readonly entryCount: number;
  readonly writeCount: number;
  /** The shortest time between the end of a belief and the beginning of the next one. */
  readonly closestMs: number | undefined;
  readonly faultCounts: Readonly<Record<FaultKind, number>>;
  readonly recoveries: readonly Recovery[];
  /** Undefined where nothing had to recover. */
  readonly recoveryTimes: RecoveryTimes | undefined;
}

export interface ChaosHistory {
  readonly format: typeof HISTORY_FORMAT;
  readonly facts: RunFacts;
  /** In order of `atMs`. */
  readonly events: readonly ChaosEvent[];
  /** What the looks among the events come to; by the checker. */
  readonly beliefs: readonly ChaosBelief[];
  readonly verdict: ChaosVerdict;
}

export function writeHistory(path: string, history: Omit<ChaosHistory, 'format'>): void {
  // An event a line: a file that tools for text can be used on.
  const { events, ...rest } = history;
  const head = JSON.stringify({ format: HISTORY_FORMAT, ...rest }).slice(0, -1);
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  writeFileSync(path, `${head},"events":[\n${lines}\n]}\n`);
}

/** @throws Error where the file is none of this format. */
export function readHistory(path: string): ChaosHistory {
  const history: Partial<ChaosHistory> = JSON.parse(readFileSync(path, 'utf8'));
  if (history.format !== HISTORY_FORMAT || !Array.isArray(history.events)) {
    throw new Error(`${path} is no history of a chaos run in format ${HISTORY_FORMAT}`);
  }
  return history as ChaosHistory;
}
