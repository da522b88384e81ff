import type { TransportAnswer, TransportRequest } from '../../src/gcs/transport.ts';

/** Where the lock of a simulated world is; nothing listens there. */
export const ORIGIN = 'http://127.0.0.1:9';
export const BUCKET = 'simulated';
export const NAME = 'locks/one';

const ENCODED_NAME = encodeURIComponent(NAME);
const LIST_URL = `${ORIGIN}/storage/v1/b/${BUCKET}/o?`;
const OBJECTS_URL = `${ORIGIN}/storage/v1/b/${BUCKET}/o/`;
const OBJECT_URL = `${OBJECTS_URL}${ENCODED_NAME}?`;
const UPLOAD_URL = `${ORIGIN}/upload/storage/v1/b/${BUCKET}/o?`;

export type Metadata = Readonly<Record<string, string>>;

/** A request as the store reads it. */
export interface Call {
  readonly method: 'get' | 'list' | 'insert' | 'patch' | 'delete';
  /** The object's name, encoded, where there are several. */
  readonly name?: string;
  readonly ifGenerationMatch: string | undefined;
  readonly ifMetagenerationMatch: string | undefined;
  /** The custom metadata that is sent along. */
  readonly metadata: Metadata;
  /** Whether the network made it, out of one that was carried out before. */
  readonly isCopy?: boolean;
}

/** The object as an answer shows it; all times are the server's. */
export interface Shown {
  readonly generation: string;
  readonly metageneration: string;
  readonly metadata: Metadata;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** When somebody last wrote the lock's own keys; no answer shows it. */
  readonly writtenMs: number;
}

/** What the store makes of a call. */
export interface Answer {
  readonly status: 200 | 204 | 404 | 412 | 429;
  readonly dateMs: number;
  readonly shown?: Shown;
  /** What a list shows, by name. */
  readonly listed?: readonly (readonly [name: string, shown: Shown])[];
}

/** Reads what the shipped store client sends, and throws at whatever goes anywhere but to the one object. */
export function readRequest(request: TransportRequest): Call {
  const { method, url } = request;
  const isThere =
    method === 'POST'
      ? url.startsWith(UPLOAD_URL) && parameter(url, 'name') === ENCODED_NAME
      : url.startsWith(OBJECT_URL);
  if (!isThere) throw new Error(`a request elsewhere: ${method} ${url}`);
  return callOf(request);
}

/** The same where there are several objects, which may be listed. */
export function readRequestToAny(request: TransportRequest): Call {
  const { method, url } = request;
  if (method === 'GET' && url.startsWith(LIST_URL)) {
    const name = parameter(url, 'prefix') ?? '';
    return {
      method: 'list',
      name,
      metadata: {},
      ifGenerationMatch: undefined,
      ifMetagenerationMatch: undefined,
    };
  }
  const isUpload = method === 'POST' && url.startsWith(UPLOAD_URL);
  if (!isUpload && !url.startsWith(OBJECTS_URL)) throw new Error(`a request elsewhere: ${method} ${url}`);
  const name = isUpload ? parameter(url, 'name') : url.slice(OBJECTS_URL.length, url.indexOf('?'));
  return { ...callOf(request), name: name ?? '' };
}

function callOf({ method, url, headers, body = '' }: TransportRequest): Call {
  const guards = {
    ifGenerationMatch: parameter(url, 'ifGenerationMatch'),
    ifMetagenerationMatch: parameter(url, 'ifMetagenerationMatch'),
  };
  if (method === 'POST')
    return { method: 'insert', ...guards, metadata: metadataOf(firstPart(headers, body)) };
  if (method === 'GET') return { method: 'get', ...guards, metadata: {} };
  if (method === 'PATCH') return { method: 'patch', ...guards, metadata: metadataOf(body) };
  return { method: 'delete', ...guards, metadata: {} };
}

/** The value of a parameter of the query as it stands there, found without taking all of them apart. */
function parameter(url: string, name: string): string | undefined {
  let at = url.indexOf(`${name}=`);
  if (at < 0 || !'?&'.includes(url.charAt(at - 1))) return undefined;
  at += name.length + 1;
  const end = url.indexOf('&', at);
  return url.slice(at, end < 0 ? undefined : end);
}

/** The answer as it travels. */
export function writeAnswer({ status, dateMs, shown, listed }: Answer): TransportAnswer {
  if (listed !== undefined) {
    const items = listed.map(
      ([name, object]) => `{"name":${JSON.stringify(name)},${resourceJson(object).slice(1)}`,
    );
    return answerOf(200, dateMs, `{"items":[${items.join()}]}`);
  }
  if (shown !== undefined) return answerOf(200, dateMs, resourceJson(shown));
  return status === 204 ? answerOf(204, dateMs, '') : errorAnswer(status, dateMs);
}

/** An error as the JSON API answers it. */
export function errorAnswer(status: number, dateMs: number): TransportAnswer {
  const [reason = 'backendError', message = 'Something went wrong.'] = ERRORS[status] ?? [];
  const error = { code: status, message, errors: [{ reason, message }] };
  return answerOf(status, dateMs, JSON.stringify({ error }));
}

export function answerOf(status: number, dateMs: number, body: string): TransportAnswer {
  return { status, body, headers: { get: (name) => (name === 'date' ? httpDate(dateMs) : null) } };
}

let lastDate = { second: Number.NaN, text: '' };

/** A `Date` header; most that are asked for in a row are of one second. */
function httpDate(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== lastDate.second) lastDate = { second, text: new Date(ms).toUTCString() };
  return lastDate.text;
}

const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  403: ['forbidden', 'The caller does not have storage.objects.update access to the object.'],
  404: ['notFound', `No such object: ${BUCKET}/${NAME}`],
  412: ['conditionNotMet', 'At least one of the pre-conditions you specified did not hold.'],
  429: ['rateLimitExceeded', 'The object exceeded the rate limit for object mutation operations.'],
};

/** The resource as JSON, put together by hand: this is done for every answer. */
function resourceJson({ generation, metageneration, metadata, createdMs, updatedMs }: Shown): string {
  const created = new Date(createdMs).toISOString();
  const updated = createdMs === updatedMs ? created : new Date(updatedMs).toISOString();
  return `{"generation":"${generation}","metageneration":"${metageneration}","metadata":${JSON.stringify(metadata)},\
"timeCreated":"${created}","updated":"${updated}","size":"90","contentType":"text/plain; charset=utf-8"}`;
}

/** The JSON part of a multipart body. */
function firstPart(headers: TransportRequest['headers'], body: string): string {
  const [, boundary] = /^multipart\/related; boundary=(\S+)$/.exec(headers['content-type'] ?? '') ?? [];
  const from = body.indexOf('\r\n\r\n') + 4;
  const to = body.indexOf(`\r\n--${boundary}`, from);
  if (boundary === undefined || !body.startsWith(`--${boundary}\r\n`) || to < from) {
    throw new Error('not a multipart body');
  }
  return body.slice(from, to);
}

function metadataOf(json: string): Metadata {
  const parsed: unknown = JSON.parse(json);
  const metadata = ownObject(parsed, 'metadata');
  if (!isMetadata(metadata)) throw new Error('metadata that is not all strings');
  return metadata;
}

function ownObject(parsed: unknown, key: string): object {
  const value: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : undefined;
  if (typeof value !== 'object' || value === null) throw new Error(`no ${key}`);
  return value;
}

function isMetadata(value: object): value is Metadata {
  return Object.values(value).every((entry) => typeof entry === 'string');
}
