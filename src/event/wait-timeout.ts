import { type ErrorContext, GcsMutexError, StoreUnavailableError } from '../errors.ts';

/**
 * What was waited for did not happen in the time given. Where the store did not answer in the end, or failed, so that
 * it may have happened, its `cause` is a `StoreUnavailableError`.
 */
export class WaitTimeoutError extends GcsMutexError {
  override readonly name = 'WaitTimeoutError';
  readonly code = 'ERR_WAIT_TIMEOUT';
  /** How long was waited, milliseconds. */
  readonly waitedMs: number;
  /** How many requests were sent meanwhile. */
  readonly requestCount: number;

  constructor(
    { waitedMs, requestCount }: { readonly waitedMs: number; readonly requestCount: number },
    context: ErrorContext,
  ) {
    const { lock, cause } = context;
    const spent = `within ${Math.round(waitedMs)} ms, by ${requestCount} requests`;
    super(
      cause instanceof StoreUnavailableError
        ? `${lock} was not seen to be set ${spent}. ${cause.message}`
        : `${lock} was not set ${spent}; wait longer (timeoutMs).`,
      context,
    );
    this.waitedMs = waitedMs;
    this.requestCount = requestCount;
  }
}
