import { MAX_BODY_BYTES, type TransportAnswer, TransportError } from './transport.ts';

/**
 * Makes our own answer of what gaxios's default adapter gives for `responseType: 'stream'`: reads the body
 * to its end, counting what comes out of the decompression, and cuts it off where it is too large.
 *
 * @throws TransportError `too-large`, or `interrupted` where the answer is not one.
 */
export async function readAnswer(
  response: unknown,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<TransportAnswer> {
  const status = property(response, 'status');
  if (!isWhole(status)) {
    throw new TransportError('interrupted', 'The HTTP client gave an answer without a status.');
  }
  return { status, headers: headersOf(response), body: await readBody(property(response, 'data'), maxBytes) };
}

/**
 * The headers of a gaxios request or answer by lower-case name: `Headers` of the platform or of node-fetch
 * with gaxios 7, a plain object with gaxios 6.
 */
export function headersOf(holder: unknown): TransportAnswer['headers'] {
  const headers = property(holder, 'headers');
  const found = new Map<string, string>();
  if (isPairs(headers)) {
    for (const [name, value] of headers) found.set(name.toLowerCase(), value);
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value === 'string') found.set(name.toLowerCase(), value);
    }
  }
  return { get: (name) => found.get(name) ?? null };
}

async function readBody(data: unknown, maxBytes: number): Promise<string> {
  if (data === undefined || data === null) return '';
  // No stream is made for 204.
  if (typeof data === 'string') return boundedText(data, maxBytes);
  if (!isByteStream(data)) throw new TransportError('interrupted', 'The HTTP client gave no readable body.');
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  // Leaving the loop early destroys the stream, and the connection with it: nothing more is read.
  for await (const chunk of data) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    byteCount += bytes.byteLength;
    if (byteCount > maxBytes) throw tooLarge(maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function boundedText(text: string, maxBytes: number): string {
  if (text.length > maxBytes) throw tooLarge(maxBytes);
  return text;
}

function tooLarge(maxBytes: number): TransportError {
  return new TransportError('too-large', `The answer was cut off at ${maxBytes} bytes.`);
}

/** Reads through prototypes, which the answers of HTTP clients need: they are objects of ours, not data. */
function property(source: unknown, key: string): unknown {
  return typeof source === 'object' && source !== null ? Reflect.get(source, key) : undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}

function isPairs(value: unknown): value is Iterable<[string, string]> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function isByteStream(value: unknown): value is AsyncIterable<Uint8Array | string> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
