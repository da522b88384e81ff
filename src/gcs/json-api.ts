import type { Codec } from '../protocol/codec.ts';
import { LOCK_CODEC } from '../protocol/record.ts';
import type { Version } from '../protocol/version.ts';
import type { Endpoint } from './endpoint.ts';
import { type Verdict, judgeError } from './failures.ts';
import {
  deleteOutcome,
  type DescribedOutcome,
  describedOutcome,
  readOutcome,
  type SentWrite,
  strangersAnswer,
  writeOutcome,
} from './outcome.ts';
import type { CallOptions, Store, WriteOptions } from './store.ts';
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts';

/** Which object a store is about, and where it is. */
export interface StoreTarget {
  readonly endpoint: Pick<Endpoint, 'origin'>;
  readonly bucket: string;
  /** The object's name. */
  readonly name: string;
  /** The project that pays for the requests, for requester-pays buckets. */
  readonly userProject?: string | undefined;
}

/**
 * What an answer to a write is asked to contain: what tells that the write is ours, and the new version.
 * `alt=json` is the default of the service, but gcsemulator takes no patch without it.
 */
const WRITTEN = 'alt=json&projection=noAcl&fields=name%2Cgeneration%2Cmetageneration%2Cmetadata';

/** What an answer to a read is asked to contain: all that is looked at, and no more. */
const READ = `${WRITTEN}%2Cupdated%2CtimeCreated%2Csize%2CcontentType`;

const BODY_TYPE = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** The five calls on one lock object. */
export function createStore(target: StoreTarget, transport: Transport): Store {
  return createStoreOf(LOCK_CODEC, target, transport);
}

/**
 * The five calls on one object, by the JSON API
 * (https://docs.cloud.google.com/storage/docs/json_api/v1/objects).
 *
 * Every write carries `ifGenerationMatch`. None asks for or sends access control lists, which buckets with
 * uniform access refuse, and for which a plain object role has no permission.
 */
export function createStoreOf<Body>(
  codec: Codec<Body>,
  target: StoreTarget,
  transport: Transport,
): Store<Body> {
  const urls = urlsOf(target);
  const call = callerOf(target, transport);
  const insert = async (sent: SentWrite<Body>, guards: string, options: WriteOptions) => {
    const body = codec.describe(sent.record);
    const request = insertRequest(urls, target.name, codec.encode(sent.record), body, guards, options);
    return writeOutcome(sent, await call(request, options), codec);
  };

  return {
    create: (record, options) => insert({ call: 'create', record }, 'ifGenerationMatch=0', options),
    overwrite: (expected, record, options) =>
      insert({ call: 'overwrite', record, expected }, guardsOf(expected), options),
    async patch(expected, record, options) {
      const request = patchRequest(urls, codec.encode(record), guardsOf(expected), options);
      return writeOutcome({ call: 'patch', record, expected }, await call(request, options), codec);
    },
    async get(options: CallOptions) {
      return readOutcome(await call({ method: 'GET', url: urls.object(READ), headers: {} }, options), codec);
    },
    async delete(expected, options) {
      const url = urls.object(guardsOf(expected));
      const headers = { [IDEMPOTENCY_HEADER]: options.idempotencyToken };
      return deleteOutcome(await call({ method: 'DELETE', url, headers }, options));
    },
  };
}

type Call = (request: TransportRequest, options: CallOptions) => Promise<TransportAnswer | Verdict>;

/** Sends requests about one object; never rejects. */
function callerOf({ name }: StoreTarget, transport: Transport): Call {
  return async (request, options) => {
    const { signal, freshConnection, isBackground } = options;
    const connection = {
      ...(freshConnection === true ? { freshConnection } : {}),
      ...(isBackground === true ? { isBackground } : {}),
    };
    try {
      const answer = await transport({ ...request, ...connection }, signal);
      return strangersAnswer(answer, name) ?? answer;
    } catch (error) {
      return judgeError(error);
    }
  };
}

/** Reads an object's metadata, whatever it is. */
export async function describeObject(
  target: StoreTarget,
  transport: Transport,
  options: CallOptions,
): Promise<DescribedOutcome> {
  const request = { method: 'GET', url: urlsOf(target).object(READ), headers: {} } as const;
  return describedOutcome(await callerOf(target, transport)(request, options));
}

/** Makes the service replay its first answer when the same request arrives twice within about two minutes. */
const IDEMPOTENCY_HEADER = 'x-goog-gcs-idempotency-token';

/** The preconditions of a write, as a query. */
function guardsOf({ generation, metageneration }: Pick<Version, 'generation'> & Partial<Version>): string {
  const guard = `ifGenerationMatch=${encodeURIComponent(generation)}`;
  if (metageneration === undefined) return guard;
  return `${guard}&ifMetagenerationMatch=${encodeURIComponent(metageneration)}`;
}

/**
 * One multipart insert: metadata and body become one new version, or nothing does.
 *
 * The name is in the query, as documented, and in the JSON part too, where gcsemulator looks for it.
 */
function insertRequest(
  urls: Urls,
  name: string,
  encoded: Record<string, string>,
  body: string,
  guards: string,
  options: WriteOptions,
): TransportRequest {
  const metadata = {
    name,
    contentType: BODY_TYPE,
    // A publicly readable object may otherwise be served from a cache.
    cacheControl: 'no-store',
    // The colder classes of a bucket's default make each write dearer, and charge for early deletion.
    storageClass: 'STANDARD',
    metadata: encoded,
  };
  // The token is a UUID, so that the boundary cannot occur in either part.
  const boundary = `gcs-mutex-${options.idempotencyToken}`;
  const parts = [
    `--${boundary}\r\ncontent-type: ${JSON_TYPE}\r\n\r\n${asciiJson(metadata)}\r\n`,
    `--${boundary}\r\ncontent-type: ${BODY_TYPE}\r\n\r\n${body}\n\r\n`,
    `--${boundary}--\r\n`,
  ];
  return {
    method: 'POST',
    url: urls.upload(`${guards}&${WRITTEN}`),
    headers: {
      'content-type': `multipart/related; boundary=${boundary}`,
      [IDEMPOTENCY_HEADER]: options.idempotencyToken,
    },
    body: parts.join(''),
  };
}

function patchRequest(
  urls: Urls,
  encoded: Record<string, string>,
  guards: string,
  options: WriteOptions,
): TransportRequest {
  return {
    method: 'PATCH',
    url: urls.object(`${guards}&${WRITTEN}`),
    headers: { 'content-type': JSON_TYPE, [IDEMPOTENCY_HEADER]: options.idempotencyToken },
    body: asciiJson({ metadata: encoded }),
  };
}

interface Urls {
  readonly object: (query: string) => string;
  readonly upload: (query: string) => string;
}

/** Everything that stays the same is encoded once, so that a name that cannot be encoded throws at once. */
function urlsOf({ endpoint: { origin }, bucket, name, userProject }: StoreTarget): Urls {
  const path = `/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const encodedName = encodeURIComponent(name);
  const payer = userProject === undefined ? '' : `&userProject=${encodeURIComponent(userProject)}`;
  // One path segment: a slash in an object's name is part of it, so it is escaped as well.
  const object = `${origin}${path}/${encodedName}?`;
  const upload = `${origin}/upload${path}?uploadType=multipart&name=${encodedName}&`;
  return {
    object: (query) => object + query + payer,
    upload: (query) => upload + query + payer,
  };
}

/** JSON in ASCII only, so that its length in bytes and in characters is the same everywhere. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
