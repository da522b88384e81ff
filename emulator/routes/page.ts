import { invalidParameter } from '../errors.ts';

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

/**
 * Cuts one page out of a sorted list. A token names the last entry of the page before it, so that pages stay
 * right while entries come and go.
 *
 * @param keyOf - the unique name of an entry; the list is sorted by it.
 */
export function cutPage<T>(
  entries: readonly T[],
  token: string | null,
  size: number,
  keyOf: (entry: T) => string,
): Page<T> {
  const after = token === null || token === '' ? undefined : decodeToken(token);
  const rest =
    after === undefined ? entries : entries.filter((entry) => compareBytes(keyOf(entry), after) > 0);
  const items = rest.slice(0, size);
  const last = items.at(-1);
  const nextPageToken = rest.length > size && last !== undefined ? encodeToken(keyOf(last)) : undefined;
  return { items, nextPageToken };
}

/** Compares two names by their UTF-8 bytes, as lists are ordered. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function encodeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (encodeToken(key) !== token) throw invalidParameter(`Invalid value '${token}'.`, 'pageToken');
  return key;
}
