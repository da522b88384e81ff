import type { Content } from './codec.ts';
import type { LockRecord } from './record.ts';
import type { Millis } from './timing.ts';
import type { Version } from './version.ts';

/**
 * Why a request did not do its work, as data. The client makes its error classes from it; the reducers only
 * look at `kind`. It never holds a foreign error object, which may show a token.
 */
export interface Failure {
  readonly kind:
    | 'unauthenticated'
    | 'permission-denied'
    | 'bucket-not-found'
    /** A retention policy or a hold forbids replacing or deleting the object. */
    | 'retention'
    /** 429 or 409: the store asks for patience, or another write was in the way. */
    | 'busy'
    /** No answer, a server error, or an answer that cannot be trusted. */
    | 'unavailable'
    /** The store will never take this request: a bad request, a redirect, a bad certificate. */
    | 'rejected';
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** The first `reason` of Google's error body, where it has one. */
  readonly reason?: string;
  /** One sentence for people, without secrets. */
  readonly detail: string;
}

/** What went wrong where nothing ever came. */
export const NO_ANSWER: Failure = { kind: 'unavailable', detail: 'There was no answer in time.' };

/**
 * What became of a write. `unknown` is never guessed: the write may have been applied, may be applied later,
 * or never; only reading and recognising our own record tells.
 */
export type WriteOutcome =
  | { readonly kind: 'applied'; readonly version: Version }
  /** The precondition did not hold: the version that was expected is gone. */
  | { readonly kind: 'refused' }
  /** This attempt surely did nothing: it never left, or the store said so (429, 409). */
  | { readonly kind: 'not-applied'; readonly failure: Failure }
  | { readonly kind: 'unknown'; readonly failure: Failure }
  /** Refused for a reason that trying again does not mend. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What became of a delete: as for a write, but an applied one leaves no version. */
export type DeleteOutcome =
  | { readonly kind: 'applied' }
  | Exclude<WriteOutcome, { readonly kind: 'applied' }>;

/** A live object as one answer showed it. All times are the server's, milliseconds since 1970. */
export interface SeenObject<Body = LockRecord> {
  readonly version: Version;
  readonly content: Content<Body>;
  /** The object's `updated`: when its metadata last changed. */
  readonly updatedAt: Millis;
  /** The object's `timeCreated`: when this generation came to be. */
  readonly createdAt: Millis;
  /** The answer's `Date` header, cut to whole seconds by the server; absent where it does not parse. */
  readonly serverTime?: Millis;
  /** Size of the body in bytes. */
  readonly size?: number;
  readonly contentType?: string;
}

/** What became of a read. Only `absent` and `found` say anything about the object. */
export type ReadOutcome<Body = LockRecord> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'found'; readonly object: SeenObject<Body> }
  /** Nothing is known; reading again may help. */
  | { readonly kind: 'unreadable'; readonly failure: Failure }
  /** Refused for a reason that trying again does not mend. */
  | { readonly kind: 'failed'; readonly failure: Failure };
