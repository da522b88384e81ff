import { notImitated, rangeNotSatisfiable } from '../errors.ts';
import { parseRange } from '../range.ts';
import { objectEtag } from '../resource.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../stored.ts';

/** A download of an object, or of the part of it that `Range` asks for. */
export function mediaAnswer(call: Call, object: StoredObject): Answer & { kind: 'media' } {
  const size = object.body.byteLength;
  const range = parseRange(call.headers.get('range'), size);
  if (object.contentEncoding === 'gzip') {
    throw notImitated('a download of an object with contentEncoding gzip');
  }
  switch (range.kind) {
    case 'whole':
      return { kind: 'media', status: 200, headers: mediaHeaders(object), body: object.body };
    case 'part': {
      const { first, last } = range;
      const headers = { ...mediaHeaders(object), 'content-range': `bytes ${first}-${last}/${size}` };
      return { kind: 'media', status: 206, headers, body: object.body.subarray(first, last + 1) };
    }
    case 'unsatisfiable':
      throw rangeNotSatisfiable(size);
    default:
      return range satisfies never;
  }
}

/**
 * The headers of a download, as firebase-tools pull request 3647 shows them from the real service. The sums are those
 * of the whole object, also with a part of it (googleapis/google-cloud-go `storage/http_client.go`).
 */
function mediaHeaders(object: StoredObject): Readonly<Record<string, string>> {
  const md5 = object.md5Hash === undefined ? '' : `,md5=${object.md5Hash}`;
  const optional = {
    'cache-control': object.cacheControl,
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
    'x-goog-hash': `crc32c=${object.crc32c}${md5}`,
    'x-goog-storage-class': object.storageClass ?? 'STANDARD',
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
