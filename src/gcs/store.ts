import type { DeleteOutcome, ReadOutcome, WriteOutcome } from '../protocol/outcome.ts';
import type { LockRecord } from '../protocol/record.ts';
import type { Version } from '../protocol/version.ts';

/** What every call to the store is given. */
export interface CallOptions {
  /**
   * The one signal of this attempt: when it aborts, the call settles at once (as `unknown` where the request
   * may have left) and nothing more is sent.
   */
  readonly signal: AbortSignal;
  /**
   * Sends over a new connection. For the request that settles a doubt: after a sleep the connections that
   * were kept open may be dead, and a request over one waits in vain.
   */
  readonly freshConnection?: boolean;
  /** Lets the process end while the request is under way. For what is done without anybody waiting for it. */
  readonly isBackground?: boolean;
}

/** What every write to the store is given. */
export interface WriteOptions extends CallOptions {
  /** A UUID, one for each request as it is built; sending the same request again keeps it. */
  readonly idempotencyToken: string;
}

/**
 * The five calls on one object. None of them ever rejects, retries, follows a redirect or takes longer
 * than its signal allows: what happened comes back as data.
 */
export interface Store<Body = LockRecord> {
  /** Creates the object if there is none (`ifGenerationMatch=0`). */
  create(record: Body, options: WriteOptions): Promise<WriteOutcome>;
  /** Reads the object's metadata. */
  get(options: CallOptions): Promise<ReadOutcome<Body>>;
  /** Changes the metadata of exactly this version (both guards). */
  patch(expected: Version, record: Body, options: WriteOptions): Promise<WriteOutcome>;
  /** Replaces exactly this version by a new generation (both guards). */
  overwrite(expected: Version, record: Body, options: WriteOptions): Promise<WriteOutcome>;
  /**
   * Deletes this generation. With a metageneration it is guarded by that too (an operator's `breakLock`); a
   * holder's release goes without, since its own last refresh may still raise it.
   */
  delete(
    expected: Pick<Version, 'generation'> & Partial<Version>,
    options: WriteOptions,
  ): Promise<DeleteOutcome>;
}
