import type { DeleteOutcome, ReadOutcome, WriteOutcome } from './outcome.ts';
import type { LockRecord } from './record.ts';
import type { Instant, Millis } from './timing.ts';
import type { Version } from './version.ts';

/**
 * What a reducer wants done. A driver does exactly this, one thing at a time, and reports back with a
 * {@link ProtocolEvent}; a new step replaces one that is still under way, which the driver then cuts off.
 *
 * `request` numbers the requests of one acquisition: the same number again means the same request, sent
 * again with the same idempotency token. `limitMs` is how long this attempt may take.
 */
export type StoreStep<Body = LockRecord> = StoreCall<Body> & {
  /** Whether the connections in the pool may be dead: time has passed, or may have, without anybody knowing. */
  readonly freshConnection?: boolean;
};

type StoreCall<Body> =
  | {
      readonly kind: 'create';
      readonly record: Body;
      readonly request: number;
      readonly limitMs: Millis;
    }
  | {
      readonly kind: 'overwrite' | 'patch';
      readonly expected: Version;
      readonly record: Body;
      readonly request: number;
      readonly limitMs: Millis;
    }
  | {
      readonly kind: 'delete';
      readonly generation: string;
      readonly request: number;
      readonly limitMs: Millis;
    }
  | { readonly kind: 'get'; readonly limitMs: Millis };

/** Do nothing until a point on the monotonic clock, then report a tick. */
export interface WaitStep {
  readonly kind: 'wait';
  readonly untilMs: Millis;
}

/** Nothing new: what is under way goes on. */
export interface CarryOnStep {
  readonly kind: 'carry-on';
}

export const CARRY_ON: CarryOnStep = { kind: 'carry-on' };

/**
 * What happened. The driver reads the clocks when it reports an event, and carries the resulting step out
 * before anything else: the moment of an event is therefore the send time of the step that it leads to.
 */
export type ProtocolEvent<Body = LockRecord> = {
  readonly at: Instant;
  /** Chance, in [0, 1). */
  readonly draw: number;
} & (
  | { readonly kind: 'tick' }
  | { readonly kind: 'wrote'; readonly outcome: WriteOutcome | DeleteOutcome }
  | {
      readonly kind: 'read';
      readonly outcome: ReadOutcome<Body>;
      /** Since when, on the monotonic clock, this process has seen the record unchanged. */
      readonly observedSinceMs?: Millis;
      /** Whether the record's lease id is of an acquisition that this process has ended or lost. */
      readonly isOwnOrphan?: boolean;
    }
  /** The process was stopped and goes on (SIGCONT): how long it was away, no clock may tell. */
  | { readonly kind: 'resumed' }
  /** The user asks for a refresh now. */
  | { readonly kind: 'refresh-asked' }
);
