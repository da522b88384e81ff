/*
 * What the page draws, as data: made from a history of a chaos run, put into the page, and read by its script.
 * Moments are milliseconds since the run began. Rows are tuples, since there are very many of them.
 */

/** What a worker did or suffered for a time. A worker can be in several of these at once. */
export type BarKind = 'waiting' | 'believing' | 'paused' | 'blocked' | 'dead' | 'partition';

/** What struck a worker, or went wrong, at one moment. The first five are faults. */
export type MarkKind = 'killed' | 'paused' | 'blocked' | 'partition' | 'clock' | 'lost' | 'late' | 'update';

/** Kind, from, until, the number of the worker's process, and more to say of it, such as its lease id. */
export type Bar = readonly [
  kind: BarKind,
  fromMs: number,
  untilMs: number,
  incarnation: number,
  detail: string,
];

export type Mark = readonly [kind: MarkKind, atMs: number, incarnation: number, detail: string];

/** What one worker went through, each in order of time. */
export interface Lane {
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
}

/** A time that concerns all lanes, and what to say of it. */
export type Span = readonly [fromMs: number, untilMs: number, detail: string];

/** When a lock was held again, how long that took, what had happened, and whether it counts. */
export type Recovery = readonly [
  atMs: number,
  tookMs: number,
  cause: 'killed' | 'paused' | 'blocked' | 'partition',
  counts: boolean,
  worker: string,
];

export interface Timeline {
  readonly durationMs: number;
  readonly lanes: readonly Lane[];
  /** When nobody could reach the store. */
  readonly outages: readonly Span[];
  /** When two believed at once. */
  readonly overlaps: readonly Span[];
  readonly recoveries: readonly Recovery[];
  /** How long a recovery may take; undefined where there was none to judge. */
  readonly boundMs: number | undefined;
}
