import { invalid } from '../errors.ts';
import { crc32c, md5Hash } from '../checksums.ts';
import { applyMetadata } from '../validate/object-body.ts';
import { OBJECT_PRECONDITIONS } from '../validate/query.ts';
import { refuseUnmet } from './live-object.ts';
import { bucketOf, refuseOverwrite } from './object-answer.ts';
import type { Call } from '../call.ts';
import type { Preconditions } from '../preconditions.ts';
import type { StoredObject } from '../stored.ts';
import type { ObjectChange } from '../validate/object-body.ts';

/** The parameters of every kind of upload. */
export const UPLOAD_PARAMETERS: readonly string[] = [
  'uploadType',
  'name',
  'contentEncoding',
  'projection',
  ...OBJECT_PRECONDITIONS,
];

/** An upload whose bytes are all there. */
export interface Upload {
  readonly name: string;
  readonly change: ObjectChange;
  /** The type of the bytes where the metadata says none. */
  readonly contentType: string | undefined;
  /** Wins over the one in the metadata. */
  readonly contentEncoding: string | undefined;
  readonly preconditions: Preconditions;
  readonly body: Uint8Array;
}

/** Puts what was uploaded under its name, as a new generation. */
export function putUpload(call: Call, upload: Upload): StoredObject {
  const { name, change, body, contentEncoding } = upload;
  checkSums(call.headers.get('x-goog-hash'), change, body);
  const metadata = applyMetadata(undefined, change.metadata);
  bucketOf(call);
  const live = call.store.object(call.bucket, name);
  refuseUnmet(upload.preconditions, live);
  refuseOverwrite(call, live);
  const { attributes, storageClass } = change;
  return call.store.putObject(call.bucket, name, body, {
    ...attributes,
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    contentType: attributes.contentType ?? upload.contentType ?? 'application/octet-stream',
    storageClass,
    metadata,
  });
}

/**
 * Holds what the client says of its bytes against the bytes. Nothing is stored when they differ.
 *
 * @param header - `x-goog-hash`, such as `crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==`.
 */
function checkSums(header: string | null, change: ObjectChange, body: Uint8Array): void {
  const [md5, crc] = [md5Hash(body), crc32c(body)];
  for (const said of [change.md5Hash, sumIn(header, 'md5')]) {
    if (said !== undefined && said !== md5) {
      throw invalid(`Provided MD5 hash "${said}" doesn't match calculated MD5 hash "${md5}".`);
    }
  }
  for (const said of [change.crc32c, sumIn(header, 'crc32c')]) {
    if (said !== undefined && said !== crc) {
      throw invalid(`Provided CRC32C "${said}" doesn't match calculated CRC32C "${crc}".`);
    }
  }
}

function sumIn(header: string | null, kind: 'md5' | 'crc32c'): string | undefined {
  const found = header?.split(',').find((part) => part.trim().startsWith(`${kind}=`));
  return found?.trim().slice(kind.length + 1);
}
