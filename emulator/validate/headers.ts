import { notImitated } from '../errors.ts';

/** Request headers that would change what the service does, and that nothing here imitates. */
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
  'x-upload-content-type',
];

/** Refuses a request with a header that means something to the service and nothing to this emulator. */
export function checkHeaders(headers: Headers): void {
  const found = MEANINGFUL.find((name) => headers.has(name));
  if (found !== undefined) throw notImitated(`request header ${found}`);
}
