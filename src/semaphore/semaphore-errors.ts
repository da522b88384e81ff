import { type ErrorContext, GcsMutexError } from '../errors.ts';

/** A semaphore has another number of permits than it was to have. */
export class PermitsMismatchError extends GcsMutexError {
  override readonly name = 'PermitsMismatchError';
  readonly code = 'ERR_PERMITS_MISMATCH';
  /** The number that is stored, and counts. */
  readonly stored: number;
  /** The number that was given to the constructor. */
  readonly given: number;

  constructor(numbers: { readonly stored: number; readonly given: number }, context: ErrorContext) {
    const { stored, given } = numbers;
    super(
      `${context.lock} has ${stored} permits, not ${given}: give { permits: ${stored} }, or leave it out and take the ` +
        `number that is stored; setPermits(${given}) changes it for everybody.`,
      context,
    );
    this.stored = stored;
    this.given = given;
  }
}

/** Nobody has said yet how many permits a semaphore has. */
export class PermitsUnknownError extends GcsMutexError {
  override readonly name = 'PermitsUnknownError';
  readonly code = 'ERR_PERMITS_UNKNOWN';

  constructor(context: ErrorContext) {
    super(
      `${context.lock} has no number of permits yet, or it was cleaned away: give { permits } to the constructor, at ` +
        'least once, or call setPermits().',
      context,
    );
  }
}
