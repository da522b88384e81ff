import type { StoredBucket, StoredObject } from './stored.ts';

/** A JSON resource before it is cut down by `fields`. */
export type Resource = Readonly<Record<string, unknown>>;

/** The field names of an object's resource: what a `fields` mask may choose from. */
export const OBJECT_FIELDS: ReadonlySet<string> = new Set([
  'acl',
  'bucket',
  'cacheControl',
  'componentCount',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'contentType',
  'contexts',
  'crc32c',
  'customTime',
  'customerEncryption',
  'etag',
  'eventBasedHold',
  'generation',
  'hardDeleteTime',
  'id',
  'kind',
  'kmsKeyName',
  'md5Hash',
  'mediaLink',
  'metadata',
  'metageneration',
  'name',
  'owner',
  'restoreToken',
  'retention',
  'retentionExpirationTime',
  'selfLink',
  'size',
  'softDeleteTime',
  'storageClass',
  'temporaryHold',
  'timeCreated',
  'timeDeleted',
  'timeFinalized',
  'timeStorageClassUpdated',
  'updated',
]);

/**
 * An object as the JSON API shows it. int64 are strings; times have milliseconds.
 *
 * @param origin - scheme and authority of the links.
 * @param retainedUntil - until when a retention policy keeps it, in epoch milliseconds.
 */
export function objectResource(
  object: StoredObject,
  origin: string,
  retainedUntil: number | undefined,
): Resource {
  const path = `b/${encodeURIComponent(object.bucket)}/o/${encodeURIComponent(object.name)}`;
  return withoutUndefined({
    kind: 'storage#object',
    id: `${object.bucket}/${object.name}/${object.generation}`,
    selfLink: `${origin}/storage/v1/${path}`,
    mediaLink: `${origin}/download/storage/v1/${path}?generation=${object.generation}&alt=media`,
    name: object.name,
    bucket: object.bucket,
    generation: object.generation.toString(),
    metageneration: object.metageneration.toString(),
    contentType: object.contentType,
    storageClass: object.storageClass,
    size: object.body.byteLength.toString(),
    md5Hash: object.md5Hash,
    cacheControl: object.cacheControl,
    contentEncoding: object.contentEncoding,
    contentDisposition: object.contentDisposition,
    contentLanguage: object.contentLanguage,
    componentCount: object.componentCount,
    crc32c: object.crc32c,
    etag: objectEtag(object),
    timeCreated: timestamp(object.timeCreated),
    updated: timestamp(object.updated),
    timeStorageClassUpdated: timestamp(object.timeCreated),
    timeFinalized: timestamp(object.timeCreated),
    metadata: object.metadata,
    temporaryHold: object.temporaryHold,
    eventBasedHold: object.eventBasedHold,
    retentionExpirationTime: maybeTimestamp(retainedUntil),
    timeDeleted: maybeTimestamp(object.timeDeleted),
    softDeleteTime: maybeTimestamp(object.softDeleteTime),
    hardDeleteTime: maybeTimestamp(object.hardDeleteTime),
  });
}

/** A bucket as the JSON API shows it. */
export function bucketResource(bucket: StoredBucket, origin: string): Resource {
  const { retentionPeriodS, defaultEventBasedHold, requesterPays, versioning, softDeleteS } = bucket.settings;
  return withoutUndefined({
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${origin}/storage/v1/b/${encodeURIComponent(bucket.name)}`,
    name: bucket.name,
    metageneration: bucket.metageneration.toString(),
    location: bucket.location,
    locationType: 'multi-region',
    storageClass: bucket.storageClass,
    etag: base64Varints([1, bucket.metageneration]),
    timeCreated: timestamp(bucket.timeCreated),
    updated: timestamp(bucket.updated),
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'inherited' },
    defaultEventBasedHold,
    versioning: versioning === undefined ? undefined : { enabled: versioning },
    softDeletePolicy:
      softDeleteS === undefined ? undefined : { retentionDurationSeconds: softDeleteS.toString() },
    billing: requesterPays === undefined ? undefined : { requesterPays },
    retentionPolicy:
      retentionPeriodS === undefined
        ? undefined
        : { retentionPeriod: retentionPeriodS.toString(), effectiveTime: timestamp(bucket.retentionSince) },
  });
}

/** The entity tag of an object: like the service's, the two version numbers as a protocol buffer in base64. */
export function objectEtag(object: Pick<StoredObject, 'generation' | 'metageneration'>): string {
  return base64Varints([1, object.generation], [2, object.metageneration]);
}

/** RFC 3339 with milliseconds, as resources have it. */
function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function maybeTimestamp(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : timestamp(epochMs);
}

function base64Varints(...fields: readonly (readonly [number, bigint])[]): string {
  const bytes: number[] = [];
  for (const [field, value] of fields) {
    bytes.push(field << 3);
    let rest = value;
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
  }
  return Buffer.from(bytes).toString('base64');
}

function withoutUndefined(fields: Record<string, unknown>): Resource {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
