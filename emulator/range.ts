import { notImitated } from './errors.ts';

/** Which bytes of an object a download asks for; both ends count. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' };

/**
 * Reads a `Range` header: `bytes=2-5`, `bytes=2-` or `bytes=-3` (RFC 9110, 14.1.2). Pure.
 *
 * A range that begins behind the last byte cannot be satisfied, so of an empty object none can
 * (googleapis/google-cloud-go#242).
 *
 * @param size - how many bytes there are.
 * @throws ApiError 501 for anything else, such as several ranges: what the service does with it is documented nowhere.
 */
export function parseRange(header: string | null, size: number): ByteRange {
  if (header === null) return { kind: 'whole' };
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  const [from = '', to = ''] = found?.slice(1) ?? [];
  const isBackwards = from !== '' && to !== '' && Number(to) < Number(from);
  if (found === null || (from === '' && to === '') || isBackwards) {
    throw notImitated(`the range ${header}`);
  }
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first > last ? { kind: 'unsatisfiable' } : { kind: 'part', first, last };
}
