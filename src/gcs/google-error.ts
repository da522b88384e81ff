import type { TransportAnswer } from './transport.ts';

/** What an error body of the JSON API says, as far as it is looked at. */
export interface GoogleError {
  /** The first `reason`, such as `conditionNotMet`; emulators leave it out. */
  readonly reason?: string;
  /** The server's own sentence, made safe to print. */
  readonly message: string;
}

/**
 * Reads Google's error body: `{"error":{"code":412,"errors":[{"reason":"conditionNotMet"}],…}}`, or gives
 * undefined where the body is something else (a proxy's page, a truncated answer).
 *
 * The body must repeat the status as `code`, which tells the store's own 404 from that of whatever else
 * may stand in between: only the store's says anything about the object.
 */
export function parseGoogleError(answer: TransportAnswer): GoogleError | undefined {
  const error = ownValue(parseJson(answer.body), 'error');
  if (ownValue(error, 'code') !== answer.status) return undefined;
  const message = printableDetail(ownValue(error, 'message'));
  const reason = firstReason(ownValue(error, 'errors'));
  return reason === undefined ? { message } : { message, reason };
}

/** The JSON value of a text, or undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One own property of something that came from a server and may be anything. */
export function ownValue(source: unknown, key: string): unknown {
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, key)) return undefined;
  return Reflect.get(source, key);
}

/**
 * A text from a server, cut short, in characters that a terminal takes for text only, and without what looks
 * like an access token: a hostile or chatty server may repeat our own headers.
 */
function printableDetail(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .slice(0, 2_000)
    .replaceAll(/[^\u0020-\u007e]+/g, ' ')
    .replaceAll(/\b(bearer)\s+\S+|\b(ya29\.|eyJ)\S+/gi, '[redacted]')
    .slice(0, 400)
    .trim();
}

function firstReason(errors: unknown): string | undefined {
  if (!Array.isArray(errors)) return undefined;
  const reason = ownValue(errors[0], 'reason');
  return typeof reason === 'string' && /^[A-Za-z][A-Za-z0-9._-]{0,99}$/.test(reason) ? reason : undefined;
}
