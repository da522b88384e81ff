import { type ErrorContext, GcsMutexError } from '../errors.ts';

/** What was waited for did not happen in the time given. */
export class WaitTimeoutError extends GcsMutexError {
  override readonly name = 'WaitTimeoutError';
  readonly code = 'ERR_WAIT_TIMEOUT';
  /** How long was waited, milliseconds. */
  readonly waitedMs: number;
  /** How many requests were sent meanwhile. */
  readonly requestCount: number;

  /** @param what - what did not happen, as "was not set". */
  constructor(
    details: { readonly what: string; readonly waitedMs: number; readonly requestCount: number },
    context: ErrorContext,
  ) {
    const { what, waitedMs, requestCount } = details;
    super(
      `${context.lock} ${what} within ${Math.round(waitedMs)} ms, by ${requestCount} requests; wait longer (timeoutMs).`,
      context,
    );
    this.waitedMs = waitedMs;
    this.requestCount = requestCount;
  }
}
