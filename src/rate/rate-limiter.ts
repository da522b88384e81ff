import { checkCallOptions, checkFlag, checkOptionNames, timeout } from '../arguments.ts';
import type { Components } from '../components.ts';
import { connect } from '../connection.ts';
import { editDocument, openDocument, readDocument } from '../document.ts';
import type { BucketLike } from '../gcs/types.ts';
import { outOfRange, wrongType } from '../gcs/invalid-argument.ts';
import { lockFromUrl, resolveName } from '../lock-name.ts';
import type { CallOptions } from '../mutex.ts';
import type { DocumentOptions, GcsMutexOptions } from '../options.ts';
import { DOCUMENT_OPTION_NAMES, documentOptions } from '../settings.ts';
import { MAX_LIMIT, MAX_WINDOW_MS, MIN_WINDOW_MS, RATE_LIMITER } from '../protocol/rate-record.ts';
import type { TakeResult } from './rate-callers.ts';
import { RateDesk } from './rate-desk.ts';
import type { RateLimiter } from './rate-keeper.ts';
import { type RateStatus, rateStatus } from './rate-status.ts';
import { GcsMutexError } from '../errors.ts';
import { callSafely } from '../events.ts';

/** The settings of a rate limiter. */
export interface GcsRateLimiterOptions
  extends DocumentOptions, Pick<GcsMutexOptions, 'clockSkewMs' | 'onReleaseError'> {
  /** How many permits all processes together may take in any window: 1 to 1 000 000 000. */
  readonly limit: number;
  /** How long a window is, milliseconds: 10 to 86 400 000. */
  readonly windowMs: number;
  /**
   * How long a process's share lasts after it was last written: so much later, and a window, others have what a crashed
   * process had. Default 15 000; from 5 000 (500 on an emulator) to 86 400 000. Longer costs fewer requests, since a third
   * of it is how often each process writes, and lets others wait longer for their part. Where many have a share it is
   * longer by itself.
   */
  readonly ttlMs?: number | undefined;
  /**
   * Whether each call takes its permits by one read and one write of its own, and keeps no share: for a process that takes
   * once and ends, and for limits that all together use less than once a second. Default false.
   */
  readonly once?: boolean | undefined;
}

/** What `take` takes. */
export interface TakeOptions extends CallOptions {
  /** How long to wait, milliseconds; `Infinity` for ever. Default two windows and a minute. */
  readonly timeoutMs?: number | undefined;
}

/** What `release` of a rate limiter takes. */
export interface GiveBackOptions extends CallOptions {
  /** How long to try, milliseconds. Default 8 000. */
  readonly timeoutMs?: number | undefined;
}

/** The options of a lock that mean the same here. */
const SHARED_OPTIONS = [...DOCUMENT_OPTION_NAMES, 'clockSkewMs', 'onReleaseError'] as const;

/** Those of the options of a lock that mean the same for a rate limiter. */
export function rateOptions({ clockSkewMs, onReleaseError, ...options }: GcsMutexOptions) {
  return { ...documentOptions(options), clockSkewMs, onReleaseError };
}

/** As long as a share lasts by default. */
const DEFAULT_TTL_MS = 15_000;

/** As long as a Cloud Run instance has after SIGTERM, less what is left to others. */
const GIVE_BACK_MS = 8_000;

/**
 * A distributed rate limiter: in any sliding window of real time all processes together take no more than `limit`
 * permits.
 *
 * Each process has a share of the limit, written into one object, and hands permits out from it without asking anybody:
 * what one call costs is a look at a clock.
 */
export class GcsRateLimiter {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** How many permits all processes together may take in any window. */
  readonly limit: number;
  /** How long a window is, milliseconds. */
  readonly windowMs: number;
  readonly #limiter: RateLimiter;
  readonly #desk: RateDesk;

  /**
   * Does no I/O.
   *
   * @param bucket - a bucket's name, or a `Bucket` of `@google-cloud/storage` 7 or 8, as for a `GcsMutex`.
   * @param name - the object's name, such as `limits/mail`. Everybody who uses the same has a share of the same limit.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  constructor(
    bucket: string | BucketLike,
    name: string,
    options: GcsRateLimiterOptions,
    components: Components = {},
  ) {
    checkOptionNames(options, 'options', ['limit', 'windowMs', 'ttlMs', 'once', ...SHARED_OPTIONS]);
    const { limit, windowMs, once = false, ttlMs = DEFAULT_TTL_MS, ...connection } = options;
    this.limit = wholeNumber('limit', limit, 1, MAX_LIMIT);
    this.windowMs = wholeNumber('windowMs', windowMs, MIN_WINDOW_MS, MAX_WINDOW_MS, ' milliseconds');
    checkFlag('once', once);
    const at = resolveName(bucket, name);
    const document = openDocument(connect(bucket, { ttlMs, ...connection }, components), at, RATE_LIMITER);
    this.url = document.url;
    this.#limiter = { document, limit, windowMs, isOnce: once };
    this.#desk = new RateDesk(this.#limiter);
  }

  /**
   * The rate limiter at a `gs://bucket/name` URL.
   *
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  static fromUrl(url: string, options: GcsRateLimiterOptions, components: Components = {}): GcsRateLimiter {
    const { bucket, name } = lockFromUrl(url);
    return new GcsRateLimiter(bucket, name, options, components);
  }

  /**
   * Takes permits, all or none, and never waits for them: it answers at once where this process has a share, and by one
   * read and one write where it has none yet, or may have a larger one.
   *
   * @param count - how many, 1 to `limit`; default 1.
   * @throws RateMismatchError where another limit or window is stored; StoreUnavailableError or another `GcsMutexError`
   * where the store had to be asked and gave no usable answer; the signal's reason when aborted.
   */
  async tryTake(count = 1, options: CallOptions = {}): Promise<TakeResult> {
    this.#checkCount(count);
    checkCallOptions(options);
    options.signal?.throwIfAborted();
    return this.#desk.tryTake(count, options.signal);
  }

  /**
   * Waits for permits, all or none: first come, first served among the callers of this process.
   *
   * @param count - how many, 1 to `limit`; default 1.
   * @throws TakeTimeoutError when they could not be had in time, with a StoreUnavailableError as its `cause` where the
   * store did not answer in the end; and what `tryTake` throws, except that it waits for a store that gives no answer.
   */
  async take(count = 1, options: TakeOptions = {}): Promise<void> {
    this.#checkCount(count);
    checkCallOptions(options, ['timeoutMs']);
    const timeoutMs = timeout('timeoutMs', options.timeoutMs ?? 2 * this.windowMs + 60_000);
    options.signal?.throwIfAborted();
    await this.#desk.take(count, { timeoutMs, signal: options.signal });
  }

  /**
   * How the limiter stands, by one read; undefined where nobody has used it yet.
   *
   * @throws as `GcsMutex.status`.
   */
  async status(options: CallOptions = {}): Promise<RateStatus | undefined> {
    checkCallOptions(options);
    const { document } = this.#limiter;
    const seen = await readDocument(document, options.signal);
    return seen && rateStatus(seen, document.settings.clockSkewMs);
  }

  /**
   * Gives back what this process has and does not need any more; what it took counts for the rest of its window. Without
   * this the share ends by its ttl. The limiter may be used again afterwards.
   *
   * @throws an error of the store where that could not be confirmed in time.
   */
  async release(options: GiveBackOptions = {}): Promise<void> {
    checkCallOptions(options, ['timeoutMs']);
    const timeoutMs = timeout('timeoutMs', options.timeoutMs ?? GIVE_BACK_MS);
    options.signal?.throwIfAborted();
    await this.#desk.release({ timeoutMs, signal: options.signal });
  }

  /**
   * Forgets all that was taken, whoever took it, and stores the limit and the window of this limiter: for an operator, and
   * to change them. Until the other processes notice, at their next write, more than the limit may be taken.
   *
   * @throws an error of the store; the signal's reason when aborted.
   */
  async reset(options: CallOptions = {}): Promise<void> {
    checkCallOptions(options);
    const { document, limit, windowMs } = this.#limiter;
    await editDocument<object, never>(document, {
      decide: () => ({ kind: 'write', value: { limit, windowMs, shares: [], spent: [] } }),
      whenUnclear: 'decide-anew',
      timeoutMs: document.settings.requestTimeoutMs,
      signal: options.signal,
    });
    this.#desk.forget();
  }

  /** Gives back; a failure is reported to `onReleaseError`, and never thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (error instanceof GcsMutexError) callSafely(this.#limiter.document.settings.onReleaseError, error);
    }
  }

  #checkCount(count: unknown): void {
    wholeNumber('count', count, 1, this.limit, '', 'limit');
  }
}

function wholeNumber(
  name: string,
  value: unknown,
  min: number,
  max: number,
  unit = '',
  maxName = '',
): number {
  if (typeof value !== 'number') throw wrongType(name, value, `a whole number`);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  const upTo = maxName === '' ? String(max) : `the ${maxName}, ${max}`;
  throw outOfRange(name, value, `a whole number from ${min} to ${upTo}${unit}`);
}
