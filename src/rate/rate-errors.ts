import { type ErrorContext, GcsMutexError, StoreUnavailableError } from '../errors.ts';

/** How many permits in how long a time, milliseconds. */
export interface Rate {
  /** How many permits. */
  readonly limit: number;
  /** In any window of so many milliseconds. */
  readonly windowMs: number;
}

/**
 * Permits could not be had in the time given. Where the store did not answer in the end, or failed, its `cause` is a
 * `StoreUnavailableError`.
 */
export class TakeTimeoutError extends GcsMutexError {
  override readonly name = 'TakeTimeoutError';
  readonly code = 'ERR_TAKE_TIMEOUT';
  /** How many were asked for. */
  readonly count: number;
  /** How long was waited, milliseconds. */
  readonly waitedMs: number;

  constructor(
    details: { readonly count: number; readonly waitedMs: number },
    rate: Rate,
    context: ErrorContext,
  ) {
    const { lock, cause } = context;
    const failed = `Could not take ${details.count} of ${lock} within ${Math.round(details.waitedMs)} ms`;
    super(
      cause instanceof StoreUnavailableError
        ? `${failed}. ${cause.message}`
        : `${failed}: ${inWords(rate)} are all that there are; ask for fewer, wait longer (timeoutMs), or raise the limit.`,
      context,
    );
    this.count = details.count;
    this.waitedMs = details.waitedMs;
  }
}

/** The limiter was made with another limit or another window. */
export class RateMismatchError extends GcsMutexError {
  override readonly name = 'RateMismatchError';
  readonly code = 'ERR_RATE_MISMATCH';
  /** What this limiter was given. */
  readonly given: Rate;
  /** What is stored, by whoever came first. */
  readonly stored: Rate;

  constructor(given: Rate, stored: Rate, context: ErrorContext) {
    super(
      `${context.lock} allows ${inWords(stored)}, and this limiter was given ${inWords(given)}: give all the same, ` +
        'or store what this one was given by reset().',
      context,
    );
    this.given = given;
    this.stored = stored;
  }
}

function inWords({ limit, windowMs }: Rate): string {
  return `${limit} in ${windowMs} ms`;
}
