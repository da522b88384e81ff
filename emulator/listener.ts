import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Emulator } from './handler.ts';

/** The largest request body, in bytes. The real limit is 5 TiB; here everything is held in memory. */
const BODY_MAX_BYTES = 64 * 1024 * 1024;

/** Serves the requests of a `node:http` server. */
export function requestListener(handler: Emulator['handler']): RequestListener {
  // `serve` never rejects: it turns every failure into an answer or into a broken connection.
  return (request, response) => void serve(handler, request, response);
}

async function serve(
  handler: Emulator['handler'],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    gone.abort();
  });
  try {
    const request = toRequest(incoming, await readBody(incoming), gone.signal);
    await send(await handler(request), outgoing, gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (isBrokenConnection(error) || outgoing.headersSent) {
      breakConnection(outgoing);
      return;
    }
    outgoing.writeHead(500, { 'content-type': 'text/plain; charset=UTF-8' });
    outgoing.end(`The gcs-mutex emulator failed: ${String(error)}\n`);
  }
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > BODY_MAX_BYTES) throw new RangeError(`a request body has more than ${BODY_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

function toRequest(incoming: IncomingMessage, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const method = incoming.method ?? 'GET';
  const origin = `http://${incoming.headers.host ?? 'localhost'}`;
  const target = incoming.url ?? '/';
  // Joined as text: as a relative URL a target such as `//b` would be read as a host.
  const url = new URL(target.startsWith('/') ? `${origin}${target}` : target);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(url, { method, headers, signal, ...(hasBody ? { body } : {}) });
}

async function send(answer: Response, outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    outgoing.end();
    return;
  }
  // A broken answer may have a long time, or nothing at all, between its headers and its first byte.
  outgoing.flushHeaders();
  const reader = answer.body.getReader();
  gone.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true });
  for (;;) {
    const { done, value } = await reader.read();
    if (gone.aborted) return;
    if (done) break;
    await write(outgoing, value);
  }
  outgoing.end();
}

/** Resolves when the bytes have left this process, so that a connection broken next does not take them along. */
function write(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error && 'code' in error.cause;
}

/** Before an answer has begun: a reset. Within one: an end, which lets what was written arrive. */
function breakConnection(outgoing: ServerResponse): void {
  if (outgoing.headersSent) outgoing.socket?.destroySoon();
  else outgoing.socket?.resetAndDestroy();
}
