import { createEmulator } from '../../emulator/index.ts';
import type { Emulator, EmulatorOptions, ScriptedFault } from '../../emulator/index.ts';

/** The parts of an object's resource that tests look at. */
export interface ObjectJson {
  readonly [field: string]: unknown;
  readonly generation: string;
  readonly metageneration: string;
  readonly updated: string;
}

/** Where a client sends its requests, and how. */
export interface Target {
  readonly base: string;
  readonly fetch: typeof globalThis.fetch;
}

/** Plain calls, each one request, for tests that want to see the answer itself. */
export class Client {
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    return this.#target.fetch(`${this.#target.base}${path}`, { ...init, method });
  }

  insert(
    name: string,
    options: {
      query?: string;
      metadata?: unknown;
      body?: string;
      signal?: AbortSignal;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Response> {
    const { query = '', metadata = {}, body = 'text' } = options;
    const path = `/upload/storage/v1/b/b/o?uploadType=multipart&name=${encodeURIComponent(name)}${query}`;
    return this.request('POST', path, {
      headers: { 'content-type': 'multipart/related; boundary=mark', ...options.headers },
      body: related(JSON.stringify(metadata), body),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  get(name: string, query = '', init: RequestInit = {}): Promise<Response> {
    return this.request('GET', objectPath(name, query), init);
  }

  patch(
    name: string,
    change: unknown,
    query = '',
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const headers = { 'content-type': 'application/json', ...more };
    return this.request('PATCH', objectPath(name, query), { headers, body: JSON.stringify(change) });
  }

  delete(name: string, query = '', init: RequestInit = {}): Promise<Response> {
    return this.request('DELETE', objectPath(name, query), init);
  }

  list(query = '', bucket = 'b'): Promise<Response> {
    return this.request('GET', `/storage/v1/b/${bucket}/o${query}`);
  }
}

/** The body of a multipart upload whose boundary is `mark`. */
export function related(metadata: string, body: string): string {
  return [
    '--mark',
    'Content-Type: application/json; charset=UTF-8',
    '',
    metadata,
    '--mark',
    'Content-Type: text/plain',
    '',
    body,
    '--mark--',
    '',
  ].join('\r\n');
}

/** An emulator in this process with a bucket `b`, and a client of it. */
export function setUp(options: EmulatorOptions = {}): { emulator: Emulator; client: Client } {
  const emulator = createEmulator({ buckets: ['b'], ...options });
  return { emulator, client: new Client({ base: 'http://emulated.test', fetch: emulator.fetch }) };
}

/** The resource in an answer that has to be a success. */
export async function resource(answer: Promise<Response> | Response): Promise<ObjectJson> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  const json: ObjectJson = JSON.parse(text);
  return json;
}

/** Status, reason and message of an answer that has to be a Google error. */
export async function refusal(
  answer: Promise<Response> | Response,
): Promise<{ status: number; reason: string; message: string; location?: string }> {
  const response = await answer;
  const json: {
    error: {
      code: number;
      message: string;
      errors: { message: string; reason: string; domain: string; location?: string }[];
    };
  } = JSON.parse(await response.text());
  const [detail] = json.error.errors;
  if (json.error.code !== response.status || detail?.message !== json.error.message || detail.domain === '') {
    throw new Error(`not a Google error body: ${JSON.stringify(json)}`);
  }
  const { reason, message, location } = detail;
  return { status: response.status, reason, message, ...(location === undefined ? {} : { location }) };
}

/** How a call that gets no whole answer fails. */
export async function failure(call: Promise<Response>): Promise<unknown> {
  try {
    await (await call).text();
  } catch (error) {
    return error;
  }
  throw new Error('the call did not fail');
}

/** Starts a call, waits until a fault has struck it, and gives it up. */
export async function giveUp(
  fault: ScriptedFault,
  call: (signal: AbortSignal) => Promise<Response>,
): Promise<void> {
  const controller = new AbortController();
  const reason = new Error('given up');
  const failed = failure(call(controller.signal));
  await fault.strikes();
  controller.abort(reason);
  if ((await failed) !== reason)
    throw new Error('the call failed for another reason', { cause: await failed });
}

/** Lets everything happen that is ready to. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function objectPath(name: string, query: string): string {
  return `/storage/v1/b/b/o/${encodeURIComponent(name)}${query}`;
}
