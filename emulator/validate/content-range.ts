import { invalid } from '../errors.ts';

/** What one request of a resumable upload says of itself. */
export type ContentRange =
  /** Which bytes are there already? With a total: and are these all? */
  | { readonly kind: 'query'; readonly totalBytes: number | undefined }
  /** Bytes from `first` to `last`, both included; without `last`: to wherever this request ends. */
  | {
      readonly kind: 'chunk';
      readonly first: number;
      readonly last: number | undefined;
      readonly totalBytes: number | undefined;
    };

/**
 * Reads the `Content-Range` of a resumable upload: `bytes 0-9/20`, `bytes 0-9/*`, `bytes 0-*` with either, or
 * `bytes *` with either to ask. Without the header a request has all of the object ("Performing resumable
 * uploads").
 *
 * @throws ApiError 400 for any other.
 */
export function parseContentRange(header: string | null): ContentRange {
  if (header === null) return { kind: 'chunk', first: 0, last: undefined, totalBytes: undefined };
  const found = /^bytes (?:\*|(\d{1,15})-(\d{1,15}|\*))\/(\d{1,15}|\*)$/.exec(header.trim());
  if (found === null) throw invalid(`Invalid Content-Range header: '${header}'.`);
  const [first, last, total] = found.slice(1).map((text) => (text === '*' ? undefined : text));
  const totalBytes = total === undefined ? undefined : Number(total);
  if (first === undefined) return { kind: 'query', totalBytes };
  return {
    kind: 'chunk',
    first: Number(first),
    last: last === undefined ? undefined : Number(last),
    totalBytes,
  };
}
