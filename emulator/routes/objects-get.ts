import { ApiError, invalidParameter, notImitated, objectNotFound } from '../errors.ts';
import { objectEtag } from '../resource.ts';
import { OBJECT_PRECONDITIONS, checkQuery, int64Parameter } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import { bucketOf, objectAnswer } from './object-answer.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../objects.ts';

/** `objects.get`: the resource, or with `alt=media` the bytes. */
export function getObject(call: Call): Answer {
  checkQuery(call.query, ['generation', 'projection', 'softDeleted', ...OBJECT_PRECONDITIONS]);
  const isSoftDeleted = call.query.get('softDeleted') === 'true';
  const alt = call.query.get('alt') ?? 'json';
  if (alt !== 'json' && alt !== 'media') throw invalidParameter(`Invalid value '${alt}'.`, 'alt');
  if (isSoftDeleted && alt === 'media') throw notImitated('alt=media with softDeleted=true');
  const object = isSoftDeleted ? softDeletedObject(call) : liveObject(call, 404);
  if (alt === 'media') return media(object);
  return objectAnswer(call, object);
}

/** What can still be restored is read by its generation alone, and without preconditions here. */
function softDeletedObject(call: Call): StoredObject {
  const generation = int64Parameter(call.query, 'generation');
  if (OBJECT_PRECONDITIONS.some((name) => call.query.has(name))) {
    throw notImitated('preconditions with softDeleted=true');
  }
  if (generation === undefined) {
    throw new ApiError(400, 'You must specify a generation.', { reason: 'required' });
  }
  const { name } = bucketOf(call);
  const found = call.store
    .softDeleted(name)
    .find((object) => object.name === call.object && object.generation === generation);
  if (found === undefined) throw objectNotFound(name, call.object);
  return found;
}

/** The headers of a download, as firebase-tools pull request 3647 shows them from the real service. */
function media(object: StoredObject): Answer {
  if (object.contentEncoding === 'gzip')
    throw notImitated('a download of an object with contentEncoding gzip');
  const optional = {
    'content-encoding': object.contentEncoding,
    'content-disposition': object.contentDisposition,
    'content-language': object.contentLanguage,
  };
  const headers: Record<string, string> = {
    'content-type': object.contentType ?? 'application/octet-stream',
    etag: objectEtag(object),
    'last-modified': new Date(object.updated).toUTCString(),
    'x-goog-generation': object.generation.toString(),
    'x-goog-metageneration': object.metageneration.toString(),
    'x-goog-stored-content-encoding': object.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': object.body.byteLength.toString(),
    'x-goog-hash': `crc32c=${object.crc32c},md5=${object.md5Hash}`,
    'x-goog-storage-class': object.storageClass ?? 'STANDARD',
  };
  if (object.cacheControl !== undefined) headers['cache-control'] = object.cacheControl;
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) headers[name] = value;
  }
  return { kind: 'media', body: object.body, headers };
}
