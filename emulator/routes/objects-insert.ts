import { conditionNotMet, invalid, invalidParameter, notImitated, notModified, required } from '../errors.ts';
import { crc32c, md5Hash } from '../checksums.ts';
import { evaluate } from '../preconditions.ts';
import { splitRelated } from '../multipart.ts';
import { applyMetadata, readObjectChange } from '../validate/object-body.ts';
import { checkObjectName } from '../validate/object-name.ts';
import { OBJECT_PRECONDITIONS, checkQuery, preconditionsOf } from '../validate/query.ts';
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
  const { settings } = bucketOf(call);
  const live = call.store.object(call.bucket, name);
  const verdict = evaluate(preconditions, live);
  if (verdict === 'unmet') throw conditionNotMet();
  if (verdict === 'notModified') throw notModified();
  refuseOverwrite(call, live);
  const contentEncoding = call.query.get('contentEncoding');
  const { attributes } = upload.change;
  const object = call.store.putObject(call.bucket, name, upload.body, {
    ...attributes,
    ...(contentEncoding === null ? {} : { contentEncoding }),
    contentType: attributes.contentType ?? upload.contentType ?? 'application/octet-stream',
    storageClass: upload.change.storageClass,
    metadata,
    eventBasedHold: attributes.eventBasedHold ?? (settings.defaultEventBasedHold === true ? true : undefined),
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
