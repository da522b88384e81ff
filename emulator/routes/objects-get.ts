import { invalidParameter, notImitated } from '../errors.ts';
import { objectEtag } from '../resource.ts';
import { OBJECT_PRECONDITIONS, checkQuery, refuseTrue } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import { objectAnswer } from './object-answer.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../objects.ts';

/** `objects.get`: the resource, or with `alt=media` the bytes. */
export function getObject(call: Call): Answer {
  checkQuery(call.query, ['generation', 'projection', 'softDeleted', ...OBJECT_PRECONDITIONS]);
  refuseTrue(call.query, 'softDeleted');
  const alt = call.query.get('alt') ?? 'json';
  if (alt !== 'json' && alt !== 'media') throw invalidParameter(`Invalid value '${alt}'.`, 'alt');
  const object = liveObject(call, 404);
  if (alt === 'media') return media(object);
  return objectAnswer(call, object);
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
