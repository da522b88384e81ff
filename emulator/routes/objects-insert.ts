import { invalid, invalidParameter, notImitated, required } from '../errors.ts';
import { crc32c, md5Hash } from '../checksums.ts';
import { splitRelated } from '../multipart.ts';
import { applyMetadata, readObjectChange } from '../validate/object-body.ts';
import { checkObjectName } from '../validate/object-name.ts';
import { OBJECT_PRECONDITIONS, checkQuery, preconditionsOf } from '../validate/query.ts';
import { refuseUnmet } from './live-object.ts';
import { bucketOf, objectAnswer, refuseOverwrite } from './object-answer.ts';
import type { ObjectChange } from '../validate/object-body.ts';
import type { Answer, Call } from '../call.ts';

interface Upload {
  readonly change: ObjectChange;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/**
 * `objects.insert`, as a multipart or a media upload: puts a new generation under the name.
 *
 * The `name` parameter overrides the one in the metadata (API definition).
 */
export function insertObject(call: Call): Answer {
  checkQuery(call.query, ['uploadType', 'name', 'contentEncoding', 'projection', ...OBJECT_PRECONDITIONS]);
  const preconditions = preconditionsOf(call.query);
  const upload = readUpload(call);
  const name = call.query.get('name') ?? upload.change.name;
  if (name === undefined) throw required('name');
  checkObjectName(name);
  checkSums(upload);
  const metadata = applyMetadata(undefined, upload.change.metadata);
  bucketOf(call);
  const live = call.store.object(call.bucket, name);
  refuseUnmet(preconditions, live);
  refuseOverwrite(call, live);
  const contentEncoding = call.query.get('contentEncoding');
  const { attributes } = upload.change;
  const object = call.store.putObject(call.bucket, name, upload.body, {
    ...attributes,
    ...(contentEncoding === null ? {} : { contentEncoding }),
    contentType: attributes.contentType ?? upload.contentType ?? 'application/octet-stream',
    storageClass: upload.change.storageClass,
    metadata,
  });
  return objectAnswer(call, object);
}

function readUpload(call: Call): Upload {
  const contentType = call.headers.get('content-type') ?? undefined;
  const uploadType = call.query.get('uploadType');
  switch (uploadType) {
    case 'media':
      return { change: readObjectChange('{}', true), contentType, body: call.body };
    case 'multipart': {
      const parts = splitRelated(contentType ?? '', call.body);
      return { ...parts, change: readObjectChange(parts.metadata, true) };
    }
    case 'resumable':
      throw notImitated('resumable uploads');
    case null:
      throw required('uploadType');
    default:
      throw invalidParameter(`Invalid value '${uploadType}'.`, 'uploadType');
  }
}

/** Holds what the client says of its bytes against the bytes. Nothing is stored when they differ. */
function checkSums({ change, body }: Upload): void {
  const [md5, crc] = [md5Hash(body), crc32c(body)];
  if (change.md5Hash !== undefined && change.md5Hash !== md5) {
    throw invalid(`Provided MD5 hash "${change.md5Hash}" doesn't match calculated MD5 hash "${md5}".`);
  }
  if (change.crc32c !== undefined && change.crc32c !== crc) {
    throw invalid(`Provided CRC32C "${change.crc32c}" doesn't match calculated CRC32C "${crc}".`);
  }
}
