import { errorBody } from './errors.ts';
import type { DripAction, StatusAction, TruncateAction } from './faults.ts';

/**
 * What a reset connection looks like to a user of `fetch`: a `TypeError` whose cause has the code
 * `ECONNRESET`. The server turns it into a real reset.
 */
export function connectionReset(): TypeError {
  return new TypeError('fetch failed', { cause: socketError('read ECONNRESET', 'ECONNRESET') });
}

/** The answer of a `status` fault. */
export function scriptedAnswer(action: StatusAction, date: string): Response {
  const body = scriptedBody(action);
  const isJson =
    action.body === undefined || (typeof action.body === 'object' && !(action.body instanceof Uint8Array));
  const headers = new Headers({
    date,
    'content-type': isJson ? 'application/json; charset=UTF-8' : 'text/html; charset=UTF-8',
  });
  for (const [name, value] of Object.entries(action.headers ?? {})) headers.set(name, value);
  const isBodiless = [204, 205, 304].includes(action.status);
  if (!isBodiless) headers.set('content-length', body.byteLength.toString());
  return new Response(isBodiless ? null : body, { status: action.status, headers });
}

function scriptedBody(action: StatusAction): Uint8Array<ArrayBuffer> {
  const { body } = action;
  if (body instanceof Uint8Array) return Uint8Array.from(body);
  if (typeof body === 'string') return Uint8Array.from(Buffer.from(body));
  const json =
    body ?? errorBody(action.status, action.message ?? 'Injected fault', { reason: action.reason });
  return Uint8Array.from(Buffer.from(JSON.stringify(json)));
}

/** The same answer, ending early or falling silent: its `content-length` stays, so that a client can tell. */
export function truncated(answer: Response, body: Uint8Array, action: TruncateAction): Response {
  const bytes = action.bytes ?? Math.floor(body.byteLength / 2);
  let isSent = bytes === 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!isSent) {
        controller.enqueue(Uint8Array.from(body.subarray(0, bytes)));
        isSent = true;
        return undefined;
      }
      if (action.isSilent === true) return new Promise<never>(() => {});
      controller.error(
        new TypeError('terminated', { cause: socketError('other side closed', 'UND_ERR_SOCKET') }),
      );
      return undefined;
    },
  });
  return new Response(stream, answer);
}

/** The same answer, a few bytes at a time. */
export function dripping(
  answer: Response,
  body: Uint8Array,
  action: Omit<DripAction, 'kind'>,
  sleep: (ms: number) => Promise<void>,
): Response {
  let at = 0;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await sleep(action.everyMs);
      const next = Math.min(at + (action.bytes ?? 1), body.byteLength);
      if (next > at) controller.enqueue(Uint8Array.from(body.subarray(at, next)));
      at = next;
      if (at === body.byteLength) controller.close();
    },
  });
  return new Response(stream, answer);
}

/** The same status with blanks for ever, as fast as the client reads. */
export function endless(answer: Response): Response {
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(0x20)),
  });
  return new Response(stream, { status: answer.status, headers });
}

/**
 * The same answer, whose body fails with the signal's reason when the client gives up while it reads.
 *
 * @param onEnd - called when the client has read it all or given up.
 */
export function abortable(answer: Response, signal: AbortSignal, onEnd: () => void): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  if (answer.body === null) onEnd();
  else void answer.body.pipeTo(writable, { signal }).then(onEnd, onEnd);
  return new Response(answer.body === null ? null : readable, answer);
}

function socketError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
