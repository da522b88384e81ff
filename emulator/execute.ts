import { ApiError, errorBody, notImitated } from './errors.ts';
import { applyFields, checkFields, parseFields } from './fields.ts';
import { OBJECT_FIELDS } from './resource.ts';
import { deleteBucket } from './routes/buckets-delete.ts';
import { getBucket } from './routes/buckets-get.ts';
import { insertBucket } from './routes/buckets-insert.ts';
import { listBuckets } from './routes/buckets-list.ts';
import { patchBucket } from './routes/buckets-patch.ts';
import { composeObject } from './routes/objects-compose.ts';
import { copyObject, rewriteObject } from './routes/objects-copy.ts';
import { deleteObject } from './routes/objects-delete.ts';
import { getObject } from './routes/objects-get.ts';
import { insertObject } from './routes/objects-insert.ts';
import { listObjects } from './routes/objects-list.ts';
import { moveObject } from './routes/objects-move.ts';
import { patchObject } from './routes/objects-patch.ts';
import { updateObject } from './routes/objects-update.ts';
import { cancelUpload } from './routes/uploads-cancel.ts';
import { sendUpload } from './routes/uploads-send.ts';
import { startUpload } from './routes/uploads-start.ts';
import { getObjectByXml } from './routes/xml-objects-get.ts';
import { checkHeaders } from './validate/headers.ts';
import { xmlErrorBody } from './xml-errors.ts';
import type { Answer, Call, RouteHandler } from './call.ts';
import type { FieldMask } from './fields.ts';
import type { Operation } from './router.ts';

const ROUTES: Readonly<Record<Operation, RouteHandler>> = {
  'buckets.insert': insertBucket,
  'buckets.get': getBucket,
  'buckets.patch': patchBucket,
  'buckets.delete': deleteBucket,
  'buckets.list': listBuckets,
  'objects.insert': insertObject,
  'objects.get': getObject,
  'objects.patch': patchObject,
  'objects.update': updateObject,
  'objects.copy': copyObject,
  'objects.rewrite': rewriteObject,
  'objects.delete': deleteObject,
  'objects.list': listObjects,
  'objects.move': moveObject,
  'objects.compose': composeObject,
  'uploads.start': startUpload,
  'uploads.send': sendUpload,
  'uploads.cancel': cancelUpload,
  'xml.objects.get': getObjectByXml,
};

/** Answers that hold objects in a field: what fields they have, and in which of them the objects are. */
const AROUND_OBJECTS: ReadonlyMap<
  Operation,
  { readonly fields: ReadonlySet<string>; readonly objects: string }
> = new Map([
  ['objects.list', { fields: new Set(['kind', 'nextPageToken', 'prefixes', 'items']), objects: 'items' }],
  [
    'objects.rewrite',
    {
      fields: new Set(['kind', 'totalBytesRewritten', 'objectSize', 'done', 'rewriteToken', 'resource']),
      objects: 'resource',
    },
  ],
]);

/** Headers that the service sends with every JSON answer. */
const JSON_HEADERS = {
  'content-type': 'application/json; charset=UTF-8',
  'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
  vary: 'Origin, X-Origin',
};

/** An answer but for its `Date` and `content-length`, which are set when it is sent. */
export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined` where there is none, as with 204 and 304. */
  readonly body: Uint8Array | undefined;
}

/** Carries a call out and makes the answer, in one synchronous step. */
export function execute(operation: Operation, call: Call): Rendered {
  checkHeaders(operation, call.headers);
  const fields = call.query.get('fields');
  // The mask is read before anything happens: a request that is refused must not have acted.
  const mask = fields === null ? undefined : parseFields(fields);
  if (mask !== undefined) checkMask(operation, mask);
  const alt = call.query.get('alt') ?? 'json';
  if (alt !== 'json' && operation !== 'objects.get') throw notImitated(`alt=${alt} in ${operation}`);
  return render(ROUTES[operation](call), mask);
}

/** In what an answer says why it is refused. */
export type RefusalStyle = 'json' | 'text' | 'xml';

/**
 * The answer to a refused request.
 *
 * @param style - a download is refused in plain text, as firebase-tools pull request 3647 shows, or by the XML API in
 * XML.
 */
export function refuse(error: unknown, style: RefusalStyle): Rendered {
  // Anything else is a mistake of the emulator's own; it must not look like an answer of the service.
  if (!(error instanceof ApiError)) throw error;
  const { status, message, details } = error;
  if (status === 304) return { status, headers: {}, body: undefined };
  const refusal = (contentType: string, body: Uint8Array): Rendered => ({
    status,
    headers: { ...error.headers, 'content-type': contentType },
    body,
  });
  if (style === 'xml') return refusal('application/xml; charset=UTF-8', Buffer.from(xmlErrorBody(error)));
  if (style === 'text' && status < 500) return refusal('text/html; charset=UTF-8', Buffer.from(message));
  return { status, headers: JSON_HEADERS, body: json(errorBody(status, message, details)) };
}

function render(answer: Answer, mask: FieldMask | undefined): Rendered {
  switch (answer.kind) {
    case 'empty':
      return { status: 204, headers: JSON_HEADERS, body: undefined };
    case 'media':
      return { status: answer.status, headers: answer.headers, body: answer.body };
    case 'plain':
      return { status: answer.status, headers: answer.headers, body: Buffer.from(answer.text ?? '') };
    case 'json': {
      const value = mask === undefined ? answer.value : applyFields(answer.value, mask);
      const etag = answer.etag === undefined ? {} : { etag: answer.etag };
      return { status: 200, headers: { ...JSON_HEADERS, ...etag }, body: json(value) };
    }
    default:
      return answer satisfies never;
  }
}

function checkMask(operation: Operation, mask: FieldMask): void {
  const around = AROUND_OBJECTS.get(operation);
  if (around !== undefined) {
    checkFields(mask, around.fields);
    const below = mask.get(around.objects);
    if (below !== undefined && below !== true) checkFields(below, OBJECT_FIELDS);
  } else if (/^(?:objects|uploads)\./.test(operation)) checkFields(mask, OBJECT_FIELDS);
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
