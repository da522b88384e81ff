import type { Remembered } from '../../../src/memory.ts';
import type { AcquireState } from '../../../src/protocol/acquire-state.ts';
import type { HoldState } from '../../../src/protocol/hold-state.ts';
import type { SeenObject } from '../../../src/protocol/outcome.ts';
import type { ReleaseState } from '../../../src/protocol/release.ts';
import type { SettleState } from '../../../src/protocol/settle.ts';
import type { Instant, Millis } from '../../../src/protocol/timing.ts';
import type { Outcome, Request } from './request.ts';

/** The object of the bucket, as the next answer would show it. */
export type Stored = Omit<SeenObject, 'serverTime'> & {
  /** When a client last wrote it: known to the checks only. Edits of other keys move `updated` and not this. */
  readonly writtenAt: Millis;
};

/** What a reducer has under way: nothing, a pause, or a call with its time limit. */
export type Pending =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'pause'; readonly untilMs: Millis }
  | {
      readonly kind: 'call';
      readonly request: Request;
      readonly limitAtMs: Millis;
      /** Paid for as a fault: time may pass while it is on its way. */
      readonly isLate: boolean;
      /** What came back and was not heard yet; without it the request has not reached the bucket. */
      readonly answer?: Outcome;
    };

interface Running {
  readonly pending: Pending;
  /** On the monotonic clock: when the user's patience with it is over. */
  readonly alarmAtMs: Millis;
}

export type AcquireRun = Running & { readonly role: 'acquire'; readonly state: AcquireState };
export type HoldRun = Running & {
  readonly role: 'hold';
  readonly state: HoldState;
  /** A write of the acquisition may yet be applied. */
  readonly isUndecided: boolean;
};
/** A lease that is lost, and that its user has not ended yet. */
export type LostRun = Running & {
  readonly role: 'lost';
  readonly state: HoldState;
  readonly isUndecided: boolean;
};
export type ReleaseRun = Running & {
  readonly role: 'release';
  readonly state: ReleaseState;
  readonly isUndecided: boolean;
};
export type SettleRun = Running & { readonly role: 'settle'; readonly state: SettleState };

/** One reducer at work for a client. */
export type Run = AcquireRun | HoldRun | LostRun | ReleaseRun | SettleRun;

/**
 * A time in which a process does nothing. `stop`: its clocks go on. `sleep`: its monotonic clock stands still.
 * `freeze`: both stand still, and it is told afterwards. `nap`, `doze`: for one tick that clock falls behind, by as much as the margin has room for or by all of it.
 */
export interface Gap {
  readonly kind: 'stop' | 'sleep' | 'freeze' | 'nap' | 'doze';
  readonly ticksLeft: number;
}

/** One client: a process on a machine of its own. After a crash the next process takes its place. */
export interface Client {
  readonly index: number;
  /** What its clocks show now. */
  readonly at: Instant;
  readonly acquisitionsLeft: number;
  /** How many lease ids it has used. */
  readonly leaseCount: number;
  readonly memory: Remembered;
  /** What it does for its user: it acquires, holds or releases. */
  readonly main: Exclude<Run, SettleRun> | undefined;
  /** What it clears away in the background. */
  readonly settling: readonly SettleRun[];
  readonly gap: Gap | undefined;
  /** Kept by `canon.ts`; every client that differs is a new object, without it. */
  fingerprint?: { readonly high: number; readonly low: number } | undefined;
}

/** A request that nobody waits for any more. */
export interface Stray {
  readonly request: Request;
  /** Paid for as a fault: it may arrive at any later time. Otherwise it is gone with the tick. */
  readonly isLate: boolean;
}

/** Everything that there is at one moment. Immutable. */
export interface World {
  /** Real time. */
  readonly nowMs: Millis;
  readonly object: Stored | undefined;
  readonly clients: readonly Client[];
  readonly strays: readonly Stray[];
  /** The highest fencing counter of any grant so far. */
  readonly highestToken: number;
}

/** The runs of a client by slot: 0 is what it does for its user, the others are in the background. */
export function runAt(client: Client, slot: number): Run | undefined {
  return slot === 0 ? client.main : client.settling[slot - 1];
}

/** Whether something is under way in a client. */
export function isActive(client: Client): boolean {
  return client.main !== undefined || client.settling.length > 0;
}

/** The client with some of it changed: the only way in which a client comes from another. */
export function changed(client: Client, changes: Partial<Client>): Client {
  return { ...client, ...changes, fingerprint: undefined };
}

/** The client with something else under way in a slot. */
export function withPending(client: Client, slot: number, pending: Pending): Client {
  if (slot === 0)
    return client.main === undefined ? client : changed(client, { main: { ...client.main, pending } });
  const settling = client.settling.map((run, at) => (at === slot - 1 ? { ...run, pending } : run));
  return changed(client, { settling });
}
