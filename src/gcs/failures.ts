import type { Failure } from '../protocol/outcome.ts';
import { type GoogleError, parseGoogleError } from './google-error.ts';
import { type TransportAnswer, TransportError } from './transport.ts';

/** What an answer without success, or a missing one, says of a request: the part that reads and writes share. */
export type Verdict =
  /** The precondition did not hold. */
  | { readonly kind: 'condition-not-met' }
  /** The store's own 404: the object is gone, or the bucket is. */
  | { readonly kind: 'not-found'; readonly failure: Failure; readonly saysBucket: boolean }
  /** Surely not applied, and trying again may help. */
  | { readonly kind: 'not-applied'; readonly failure: Failure }
  /** Nothing is known. */
  | { readonly kind: 'unknown'; readonly failure: Failure }
  /** Trying again does not help. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Judges an answer whose status is not one of success. */
export function judgeAnswer(answer: TransportAnswer): Verdict {
  const { status } = answer;
  const error = parseGoogleError(answer);
  if (status >= 300 && status <= 399) {
    return failed('rejected', answer, error, 'The store answered with a redirect, which is never followed');
  }
  switch (status) {
    case 400:
      return failed('rejected', answer, error, 'The store does not take this request');
    case 401:
      return failed('unauthenticated', answer, error, 'The store does not accept the credentials');
    case 403:
      return judgeForbidden(answer, error);
    case 404:
      return judgeNotFound(answer, error);
    case 412:
      return judgePrecondition(answer, error);
    case 409:
    case 429:
      return notApplied(answer, error, 'The store asks for patience');
    default:
      return unknown(answer, error, `The store answered ${status}`);
  }
}

/** Judges a request that has no answer. Only a {@link TransportError} is trusted to say how far it got. */
export function judgeError(error: unknown): Verdict {
  if (!(error instanceof TransportError)) {
    return { kind: 'unknown', failure: { kind: 'unavailable', detail: 'The transport failed.' } };
  }
  const detail = error.message;
  switch (error.kind) {
    case 'unsent':
      return { kind: 'not-applied', failure: { kind: 'unavailable', detail } };
    case 'unauthenticated':
      return { kind: 'failed', failure: { kind: 'unauthenticated', detail } };
    case 'untrusted':
      return { kind: 'failed', failure: { kind: 'rejected', detail } };
    case 'interrupted':
    case 'too-large':
      return { kind: 'unknown', failure: { kind: 'unavailable', detail } };
    default:
      return error.kind satisfies never;
  }
}

/** A failure that an answer shows: its status, its reason, and the server's sentence after ours. */
export function failureOf(
  kind: Failure['kind'],
  answer: TransportAnswer,
  error: GoogleError | undefined,
  sentence: string,
): Failure {
  const said =
    error === undefined || error.message === '' ? '' : `: ${error.message.replace(/[^.!?]$/, '$&.')}`;
  const reason = error?.reason;
  return {
    kind,
    status: answer.status,
    ...(reason === undefined ? {} : { reason }),
    detail: `${sentence} (HTTP ${answer.status}${reason === undefined ? '' : `, ${reason}`})${said || '.'}`,
  };
}

/**
 * 403 is three things. The reasons are those of
 * https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes: `retentionPolicyNotMet`,
 * `objectUnderActiveHold`, and `rateLimitExceeded`, `userRateLimitExceeded`, `usageLimits.rateLimitExceeded`.
 * A hold has been seen under the reason of a missing permission, `forbidden`, too: there only the sentence tells
 * (https://github.com/GoogleCloudPlatform/gsutil/issues/1175).
 */
function judgeForbidden(answer: TransportAnswer, error: GoogleError | undefined): Verdict {
  const reason = String(error?.reason);
  if (/rateLimitExceeded$/i.test(reason)) return notApplied(answer, error, 'The store asks for patience');
  const isKept =
    /retention|activeHold$/i.test(reason) || /\bis under active \S+ hold\b/i.test(String(error?.message));
  if (isKept) {
    return failed('retention', answer, error, 'A retention policy or a hold protects the object');
  }
  return failed('permission-denied', answer, error, 'Permission denied');
}

function judgeNotFound(answer: TransportAnswer, error: GoogleError | undefined): Verdict {
  if (error === undefined) return unknown(answer, error, 'Something that is not the store answered');
  const failure = failureOf('bucket-not-found', answer, error, 'The bucket was not found');
  // The reason is `notFound` for a missing object and a missing bucket alike; only the sentence differs.
  return { kind: 'not-found', failure, saysBucket: /\bbucket does not exist\b/i.test(error.message) };
}

/** Google gives the reason `conditionNotMet`; gcsemulator gives none, but says it in words. */
function judgePrecondition(answer: TransportAnswer, error: GoogleError | undefined): Verdict {
  if (error === undefined) return unknown(answer, error, 'Something that is not the store answered');
  const isOurs =
    error.reason === undefined
      ? /precondition failed/i.test(error.message)
      : error.reason === 'conditionNotMet';
  if (isOurs) return { kind: 'condition-not-met' };
  return failed('rejected', answer, error, 'The store refuses this request, though not for its precondition');
}

function failed(
  kind: Failure['kind'],
  answer: TransportAnswer,
  error: GoogleError | undefined,
  sentence: string,
): Verdict {
  return { kind: 'failed', failure: failureOf(kind, answer, error, sentence) };
}

function notApplied(answer: TransportAnswer, error: GoogleError | undefined, sentence: string): Verdict {
  return { kind: 'not-applied', failure: failureOf('busy', answer, error, sentence) };
}

function unknown(answer: TransportAnswer, error: GoogleError | undefined, sentence: string): Verdict {
  return { kind: 'unknown', failure: failureOf('unavailable', answer, error, sentence) };
}
