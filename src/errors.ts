import type { LossReason } from './protocol/hold-state.ts';
import type { Failure, SeenObject } from './protocol/outcome.ts';
import type { LockStatus } from './status.ts';

/** What every error of this library carries besides its own data. */
export interface ErrorContext {
  /** The lock, as `gs://bucket/name`. */
  readonly lock: string;
  readonly cause?: unknown;
  /** What the object is to be. Default: a lock. */
  readonly kind?: string;
}

/** The root of all errors of this library but wrong arguments; told apart by `code`. */
export abstract class GcsMutexError extends Error {
  abstract override readonly name: string;
  abstract readonly code: string;
  /** The lock, as `gs://bucket/name`. */
  readonly lock: string;

  constructor(message: string, context: ErrorContext) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.lock = context.lock;
  }
}

/**
 * The lock could not be had in the time given. Where the store did not answer in the end, or failed, its `cause` is a
 * `StoreUnavailableError`.
 */
export class AcquireTimeoutError extends GcsMutexError {
  override readonly name = 'AcquireTimeoutError';
  readonly code = 'ERR_ACQUIRE_TIMEOUT';
  /**
   * Who was last seen to hold it; undefined where nobody was, because others were always quicker or the store did not
   * answer, or where a newer version of gcs-mutex wrote the record.
   */
  readonly holder: LockStatus | undefined;
  /** How long was waited, milliseconds. */
  readonly waitedMs: number;
  /** How many requests were sent meanwhile. */
  readonly requestCount: number;

  constructor(details: TimeoutDetails, context: ErrorContext) {
    super(timeoutMessage(details, context), context);
    this.holder = details.holder;
    this.waitedMs = details.waitedMs;
    this.requestCount = details.requestCount;
  }
}

/** The lease ended though nobody released it: the work that it guarded must stop. */
export class LeaseLostError extends GcsMutexError {
  override readonly name = 'LeaseLostError';
  readonly code = 'ERR_LEASE_LOST';
  readonly reason: LossReason;

  constructor(reason: LossReason, context: ErrorContext) {
    super(`The lease on ${context.lock} was lost: ${LOSS_SENTENCES[reason]}`, context);
    this.reason = reason;
  }
}

/** A lease was used after its release. */
export class LeaseReleasedError extends GcsMutexError {
  override readonly name = 'LeaseReleasedError';
  readonly code = 'ERR_LEASE_RELEASED';

  constructor(context: ErrorContext) {
    super(`The lease on ${context.lock} was released before; acquire a new one.`, context);
  }
}

/**
 * The machine slept or the process was stopped: whether the lease is still held is being found out. Await
 * `lease.refresh()`, which settles it.
 */
export class LeaseInDoubtError extends GcsMutexError {
  override readonly name = 'LeaseInDoubtError';
  readonly code = 'ERR_LEASE_IN_DOUBT';

  constructor(context: ErrorContext) {
    super(
      `It is in doubt whether the lease on ${context.lock} is still held, since the machine slept or the ` +
        'process was stopped; await lease.refresh() to find out.',
      context,
    );
  }
}

/** The object under the name is something else than was expected there; it was not touched. */
export class ForeignObjectError extends GcsMutexError {
  override readonly name = 'ForeignObjectError';
  readonly code = 'ERR_FOREIGN_OBJECT';
  /** Size of the object in bytes, where the store said it. */
  readonly size: number | undefined;
  readonly contentType: string | undefined;
  /** When the object's metadata last changed, by the server's clock. */
  readonly updated: Date;

  constructor(
    details: { why: string; size: number | undefined; contentType: string | undefined; updated: Date },
    context: ErrorContext,
  ) {
    const facts = `${details.size ?? '?'} bytes, ${details.contentType ?? 'no type'}, updated ${details.updated.toISOString()}`;
    const { kind = 'lock' } = context;
    const article = /^[aeiou]/.test(kind) ? 'an' : 'a';
    super(
      `${context.lock} is not ${article} ${kind} of gcs-mutex (${details.why}; ${facts}) and was left alone; ` +
        'choose another name, or remove the object yourself if nobody needs it.',
      context,
    );
    this.size = details.size;
    this.contentType = details.contentType;
    this.updated = details.updated;
  }
}

/** A later version of this library wrote the lock's record: it is held, and this version can say no more of it. */
export class NewerVersionError extends GcsMutexError {
  override readonly name = 'NewerVersionError';
  readonly code = 'ERR_NEWER_VERSION';
  /** What the record names as its form, such as `gcs-mutex/2`. */
  readonly schema: string;

  constructor(schema: string, context: ErrorContext) {
    super(
      `${context.lock} was written by a newer version of gcs-mutex (${schema}) and was left alone, as if it were ` +
        'held; update gcs-mutex here.',
      context,
    );
    this.schema = schema;
  }
}

/** The error for an object that is no lock, from one reading of it. */
export function foreignObject(
  object: SeenObject<unknown>,
  why: string,
  context: ErrorContext,
): ForeignObjectError {
  const { size, contentType } = object;
  return new ForeignObjectError({ why, size, contentType, updated: new Date(object.updatedAt) }, context);
}

/** Errors that stand for a request that did not do its work. */
abstract class RequestError extends GcsMutexError {
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Google's reason, where the answer had one. */
  readonly reason: string | undefined;

  constructor(message: string, failure: Failure, context: ErrorContext) {
    super(message, context);
    this.status = failure.status;
    this.reason = failure.reason;
  }
}

/** There are no credentials, or the store does not accept them. */
export class UnauthenticatedError extends RequestError {
  override readonly name = 'UnauthenticatedError';
  readonly code = 'ERR_UNAUTHENTICATED';

  constructor(failure: Failure, context: ErrorContext) {
    super(
      `No valid credentials for ${context.lock}. ${failure.detail} On Google Cloud attach a service account; ` +
        'elsewhere run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or pass auth.',
      failure,
      context,
    );
  }
}

/** The credentials lack a permission or a scope. */
export class PermissionDeniedError extends RequestError {
  override readonly name = 'PermissionDeniedError';
  readonly code = 'ERR_PERMISSION_DENIED';

  constructor(failure: Failure, context: ErrorContext) {
    super(
      `Permission denied on ${context.lock}. ${failure.detail} The role roles/storage.objectUser on the bucket ` +
        'is enough, with the OAuth scope cloud-platform or devstorage.full_control (read_write is not: it cannot refresh).',
      failure,
      context,
    );
  }
}

/** The bucket does not exist. */
export class BucketNotFoundError extends RequestError {
  override readonly name = 'BucketNotFoundError';
  readonly code = 'ERR_BUCKET_NOT_FOUND';

  constructor(failure: Failure, context: ErrorContext) {
    super(`The bucket of ${context.lock} does not exist: create it, or check its name.`, failure, context);
  }
}

/** A retention policy or a hold forbids to replace or delete the lock object. */
export class RetentionError extends RequestError {
  override readonly name = 'RetentionError';
  readonly code = 'ERR_RETENTION';

  constructor(failure: Failure, context: ErrorContext) {
    super(
      `${context.lock} may not be replaced or deleted. ${failure.detail} Use a bucket without a retention ` +
        'policy and without default event-based hold, or lift the hold of this object.',
      failure,
      context,
    );
  }
}

/**
 * No answer, a server error or nonsense, within the time that a call may take which does not wait. Where a wait runs out
 * for that it is the `cause` of the timeout.
 */
export class StoreUnavailableError extends RequestError {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'ERR_STORE_UNAVAILABLE';

  constructor(failure: Failure, context: ErrorContext) {
    // A store that is busy was reached.
    const advice = failure.kind === 'busy' ? 'Wait a while' : 'Check the network and the endpoint';
    super(
      `The store gave no usable answer for ${context.lock}. ${failure.detail} ${advice}, then try again.`,
      failure,
      context,
    );
  }
}

/** The error class for a failed request. */
export function errorFromFailure(failure: Failure, context: ErrorContext): GcsMutexError {
  switch (failure.kind) {
    case 'unauthenticated':
      return new UnauthenticatedError(failure, context);
    case 'permission-denied':
      return new PermissionDeniedError(failure, context);
    case 'bucket-not-found':
      return new BucketNotFoundError(failure, context);
    case 'retention':
      return new RetentionError(failure, context);
    case 'busy':
    case 'unavailable':
    case 'rejected':
      return new StoreUnavailableError(failure, context);
    default:
      return failure.kind satisfies never;
  }
}

const LOSS_SENTENCES: Readonly<Record<LossReason, string>> = {
  expired: 'no refresh was confirmed before its time was over, so that somebody else may hold it now.',
  'taken-over': 'somebody else holds it now.',
  deleted: 'the lock object is gone.',
  edited: 'somebody changed the lock object.',
  'max-hold': 'it was held for as long as its settings allow (max-hold).',
};

export interface TimeoutDetails {
  /** Of several the one whose permit could be free first. */
  readonly holder: LockStatus | undefined;
  /** What was wanted of something that several can hold, as "2 of the 5 permits"; and what an operator would break. */
  readonly several?: { readonly what: string; readonly breaking: string } | undefined;
  /** The form of the record, where a newer version of this library wrote it. */
  readonly newerSchema?: string | undefined;
  readonly waitedMs: number;
  readonly requestCount: number;
}

function timeoutMessage(details: TimeoutDetails, { lock, cause }: ErrorContext): string {
  const { holder, newerSchema, several } = details;
  const what = several === undefined ? lock : `${several.what} of ${lock}`;
  const failed = `Could not acquire ${what} after ${Math.round(details.waitedMs)} ms and ${details.requestCount} requests`;
  if (newerSchema !== undefined) {
    return (
      `${failed}: its record was written by a newer version of gcs-mutex ` +
      `(${newerSchema}), which is never taken over; update gcs-mutex here.`
    );
  }
  if (holder === undefined) {
    if (cause instanceof StoreUnavailableError) return `${failed}. ${cause.message}`;
    return `${failed}: others were always quicker; wait longer (timeoutMs).`;
  }
  const staleAt = new Date(holder.refreshedAt.getTime() + holder.ttlMs).toISOString();
  const [held, end] =
    several === undefined
      ? ['held by', 'end it with breakLock()']
      : ['too many are held, the first to end by', several.breaking];
  const seen =
    `${held} ${holder.holder || 'an unnamed holder'} since ${holder.since.toISOString()}, refreshed ` +
    `${holder.refreshedAt.toISOString()}, free by ${staleAt} at the earliest if its holder is dead`;
  if (cause instanceof StoreUnavailableError) return `${failed}: last seen, ${seen}. ${cause.message}`;
  return `${failed}: ${seen}; wait longer (timeoutMs), or ${end} if you are sure.`;
}
