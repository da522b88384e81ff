import { ApiError, errorBody, notImitated } from './errors.ts';
import { applyFields, checkFields, parseFields } from './fields.ts';
import { OBJECT_FIELDS } from './resource.ts';
import { deleteBucket } from './routes/buckets-delete.ts';
import { getBucket } from './routes/buckets-get.ts';
import { insertBucket } from './routes/buckets-insert.ts';
import { listBuckets } from './routes/buckets-list.ts';
import { deleteObject } from './routes/objects-delete.ts';
import { getObject } from './routes/objects-get.ts';
import { insertObject } from './routes/objects-insert.ts';
import { listObjects } from './routes/objects-list.ts';
import { patchObject } from './routes/objects-patch.ts';
import { checkHeaders } from './validate/headers.ts';
import type { Answer, Call, RouteHandler } from './call.ts';
import type { FieldMask } from './fields.ts';
import type { Operation } from './router.ts';

const ROUTES: Readonly<Record<Operation, RouteHandler>> = {
  'buckets.insert': insertBucket,
  'buckets.get': getBucket,
  'buckets.delete': deleteBucket,
  'buckets.list': listBuckets,
  'objects.insert': insertObject,
  'objects.get': getObject,
  'objects.patch': patchObject,
  'objects.delete': deleteObject,
  'objects.list': listObjects,
};

const LIST_FIELDS: ReadonlySet<string> = new Set(['kind', 'nextPageToken', 'prefixes', 'items']);

/** Headers that the service sends with every JSON answer. */
const JSON_HEADERS = {
  'content-type': 'application/json; charset=UTF-8',
  'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
  vary: 'Origin, X-Origin',
};

/**
 * Carries a call out and makes the answer, in one synchronous step.
 *
 * @param date - the `Date` header of the answer.
 */
export function execute(operation: Operation, call: Call, date: string): Response {
  checkHeaders(call.headers);
  const fields = call.query.get('fields');
  // The mask is read before anything happens: a request that is refused must not have acted.
  const mask = fields === null ? undefined : parseFields(fields);
  if (mask !== undefined) checkMask(operation, mask);
  const alt = call.query.get('alt') ?? 'json';
  if (alt !== 'json' && operation !== 'objects.get') throw notImitated(`alt=${alt} in ${operation}`);
  return render(ROUTES[operation](call), mask, date);
}

/** The answer to a refused request. A download is refused in plain text, as firebase-tools pull request 3647 shows. */
export function refuse(error: unknown, isMedia: boolean, date: string): Response {
  // Anything else is a mistake of the emulator's own; it must not look like an answer of the service.
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 304) return new Response(null, { status: 304, headers: { date } });
  if (isMedia && error.status < 500) {
    return sized(Buffer.from(error.message), error.status, {
      date,
      'content-type': 'text/html; charset=UTF-8',
    });
  }
  return sized(json(errorBody(error.status, error.message, error.details)), error.status, {
    ...JSON_HEADERS,
    date,
  });
}

function render(answer: Answer, mask: FieldMask | undefined, date: string): Response {
  switch (answer.kind) {
    case 'empty':
      return new Response(null, { status: 204, headers: { ...JSON_HEADERS, date } });
    case 'media':
      return sized(answer.body, 200, { ...answer.headers, date });
    case 'json': {
      const value = mask === undefined ? answer.value : applyFields(answer.value, mask);
      const etag = answer.etag === undefined ? {} : { etag: answer.etag };
      return sized(json(value), 200, { ...JSON_HEADERS, ...etag, date });
    }
    default:
      return answer satisfies never;
  }
}

function checkMask(operation: Operation, mask: FieldMask): void {
  if (operation === 'objects.list') {
    checkFields(mask, LIST_FIELDS);
    const items = mask.get('items');
    if (items !== undefined && items !== true) checkFields(items, OBJECT_FIELDS);
  } else if (operation.startsWith('objects.')) checkFields(mask, OBJECT_FIELDS);
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function sized(body: Uint8Array, status: number, headers: Record<string, string>): Response {
  // A copy, so that no reader of the answer can reach into the store.
  return new Response(Uint8Array.from(body), {
    status,
    headers: { ...headers, 'content-length': body.byteLength.toString() },
  });
}
