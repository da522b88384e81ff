import type { ApiError } from './errors.ts';

/** The code that the XML API has for a status ("HTTP status and error codes for XML"). */
const CODES: ReadonlyMap<number, string> = new Map([
  [400, 'InvalidArgument'],
  [401, 'AuthenticationRequired'],
  [403, 'AccessDenied'],
  [412, 'PreconditionFailed'],
  [416, 'InvalidRange'],
  [501, 'NotImplemented'],
]);

/** Messages that differ from those of the JSON API (same place; every missing public object shows the first). */
const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['NoSuchKey', 'The specified key does not exist.'],
  ['InvalidRange', 'The requested range cannot be satisfied.'],
]);

/** A refusal in the words of the XML API. */
export function xmlErrorBody(error: ApiError): string {
  const code = codeOf(error);
  const message = MESSAGES.get(code);
  const details = message === undefined ? '' : `<Details>${escape(error.message)}</Details>`;
  return `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${escape(message ?? error.message)}</Message>${details}</Error>`;
}

function codeOf({ status, message }: ApiError): string {
  if (status === 404) return message.startsWith('No such object') ? 'NoSuchKey' : 'NoSuchBucket';
  return CODES.get(status) ?? 'InternalError';
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
