import { notImitated } from '../errors.ts';
import { readInt64 } from './query.ts';
import type { Preconditions } from '../preconditions.ts';
import type { Operation } from '../router.ts';

/** Request headers that would change what the service does, and that nothing here imitates but where it is said. */
const MEANINGFUL: readonly string[] = [
  'content-encoding',
  'content-range',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
  'x-goog-copy-source-encryption-key',
  'x-goog-encryption-key',
  'x-http-method-override',
];

const OF_DOWNLOADS: readonly string[] = ['if-match', 'if-none-match', 'range'];

/** The calls that read some of these themselves. */
const READ_BY: Readonly<Partial<Record<Operation, readonly string[]>>> = {
  'objects.get': OF_DOWNLOADS,
  'xml.objects.get': OF_DOWNLOADS,
  'uploads.send': ['content-range'],
  'uploads.cancel': ['content-range'],
};

/** Refuses a request with a header that means something to the service and nothing to this emulator. */
export function checkHeaders(operation: Operation, headers: Headers): void {
  const read = READ_BY[operation] ?? [];
  const found = MEANINGFUL.find((name) => headers.has(name) && !read.includes(name));
  if (found !== undefined) throw notImitated(`request header ${found}`);
}

/** The preconditions in `If-Match` and `If-None-Match`. */
export function etagConditionsOf(headers: Headers): Pick<Preconditions, 'ifMatch' | 'ifNoneMatch'> {
  return { ifMatch: etagsIn(headers, 'if-match'), ifNoneMatch: etagsIn(headers, 'if-none-match') };
}

/** Reads a header that is an int64, or `undefined` when it is absent. */
export function int64Header(headers: Headers, name: string): bigint | undefined {
  return readInt64(headers.get(name), name, 'header');
}

/** Entity tags, in quotes or, as the service writes them itself, without. */
function etagsIn(headers: Headers, name: string): readonly string[] | undefined {
  const text = headers.get(name);
  if (text === null) return undefined;
  const tags = text.split(',').map((tag) => /^\s*"?([^"]*)"?\s*$/.exec(tag)?.[1] ?? '');
  if (tags.some((tag) => tag === '' || tag === '*' || tag.startsWith('W/'))) {
    throw notImitated(`the header ${name}: ${text}`);
  }
  return tags.map((tag) => tag.trim());
}
