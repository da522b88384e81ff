import type { GcsMutexOptions } from '../../../src/options.ts';
import type { Call, CallFault } from '../calls.ts';
import type { Detour } from '../line.ts';
import { type SideOf, sidesOf } from './sides.ts';
import type { Story } from './stories.ts';

/** The five calls, in the order of the columns. */
export const CALLS = ['C', 'G', 'R', 'T', 'D'] as const satisfies readonly Call[];

/** What a network does to bytes: only over HTTP. */
export interface WireFault {
  readonly kind: 'wire';
  readonly what: 'hints' | 'close' | 'drip';
}

/** What an admin has made of the bucket or the object. */
export interface AdminFault {
  readonly kind: 'admin';
  readonly made: 'retention' | 'temporary hold' | 'event-based hold' | 'no bucket';
}

/** What meets a call. */
export type Fault =
  /** Something on the way to the store or back, or in its place. */
  | CallFault['do']
  /** Another destination than the store. */
  | { readonly kind: 'detour'; readonly to: Detour }
  | WireFault
  /** A token that is accepted no more, of a client that can get another: only over HTTP. */
  | { readonly kind: 'old-token' }
  | AdminFault
  /** Several processes, in an order that matters. */
  | { readonly kind: 'story'; readonly play: Story };

/** What comes out: for the user, on the line, and in the bucket. */
export interface Seen {
  /** `held`, what a release says, or the code of an error. */
  readonly result: string;
  /**
   * The calls of the process, in order, reads that follow on each other as one; `!` marks those that the fault
   * met, `…` that it went on like this.
   */
  readonly path: string;
  /**
   * Whose record is in the bucket when all is at rest: one's own, nobody's, or that of somebody else; or, of a change of
   * something else than a lock, whether it is made.
   */
  readonly left: 'own' | 'none' | "other's" | 'done' | 'not done';
}

/** One way in which a cell is played. */
export interface Case {
  /** Which of the row's faults it is, where a cell has several that come to different ends. */
  readonly what?: string;
  readonly fault: Fault;
  /** How often it strikes. Default 1. */
  readonly times?: number;
  readonly options?: GcsMutexOptions;
  /** Whether it waits for a time limit: too long, in real time, for every run of the tests. */
  readonly isLong?: boolean;
  readonly seen: Seen;
  /** What the message of the error says. */
  readonly says?: string;
}

/** How a cell is played, or why it makes no sense. */
export type Cell = readonly Case[] | string;

/** Something for each of the calls. */
export type Side<Each = Cell> = SideOf<Call, Each>;

/** One row of the list of faults that the lock must survive. */
export interface MatrixRow<Key extends string = Call> {
  readonly row: number;
  readonly fault: string;
  /** Struck before the store carries the call out, and after. */
  readonly before: SideOf<Key, Cell>;
  readonly after: SideOf<Key, Cell>;
}

export const held = (path: string): Seen => ({ result: 'held', path, left: 'own' });
export const released = (path: string): Seen => ({ result: 'true', path, left: 'none' });
export const failed = (result: string, path: string, left: Seen['left']): Seen => ({ result, path, left });

/** A lease whose refreshes come to nothing until its deadline. */
export const EXPIRED = failed('ERR_LEASE_LOST (expired)', 'R! …', 'own');

/** The store did nothing, and nobody can know: read, then send anew; a release is sent again. */
export const UNKNOWN: Side<Seen> = {
  C: held('C! G C'),
  G: held('C G! T'),
  R: held('R! G R'),
  T: held('C G T! G T'),
  D: released('D! D'),
};
/** The store did its work, and nobody can know: a read shows it; a release finds nothing more. */
export const LOST: Side<Seen> = {
  ...UNKNOWN,
  C: held('C! G'),
  R: held('R! G'),
  T: held('C G T! G'),
};
/** The store did nothing, and that is known. */
export const NOT_APPLIED: Side<Seen> = { ...UNKNOWN, R: held('R! R') };
/** As if there had been no fault. */
export const NORMAL: Side<Seen> = {
  C: held('C!'),
  G: held('C G! T'),
  R: held('R!'),
  T: held('C G T!'),
  D: released('D!'),
};

/** An error at once; but a lease that is held tries again. */
export function refusing(code: string): Side<Seen> {
  return {
    C: failed(code, 'C!', 'none'),
    G: failed(code, 'C G!', "other's"),
    R: held('R! R'),
    T: failed(code, 'C G T!', "other's"),
    D: failed(code, 'D!', 'own'),
  };
}

export const { each, faced, outwaited, endedBy, none, both, once } = sidesOf(CALLS);

export function story(play: Story, seen: Seen): readonly Case[] {
  return [{ fault: { kind: 'story', play }, seen }];
}

/** A ttl that ends within a test. */
const SHORT = { ttlMs: 4_000, refreshIntervalMs: 200 };
const BRIEF = { acquireTimeoutMs: 3_000 };

/** What is answered again and again, for as long as the call may take. */
export function always(fault: Fault, seen: Side<Seen>): Side<readonly Case[]> {
  return each((call) => {
    const options = call === 'R' ? SHORT : BRIEF;
    return [{ what: 'always', fault, times: Infinity, seen: seen[call], options, isLong: true }];
  });
}
