import type { BucketLike } from './gcs/types.ts';
import { outOfRange, wrongType } from './invalid-argument.ts';

/** Where a lock's object is. */
export interface LockName {
  readonly bucket: string;
  readonly name: string;
}

/**
 * What a bucket may be called: 3 to 63 characters, up to 222 where there are dots
 * (https://docs.cloud.google.com/storage/docs/buckets#naming).
 */
const BUCKET_PATTERN = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** Longest object name, in bytes of UTF-8 (https://docs.cloud.google.com/storage/docs/objects#naming). */
const MAX_NAME_BYTES = 1024;

/** Checks where a lock is to be. */
export function resolveName(bucket: string | BucketLike, name: unknown): LockName {
  const isObject = typeof bucket === 'object' && bucket !== null;
  const bucketName: unknown = isObject ? bucket.name : bucket;
  if (typeof bucketName !== 'string' || (isObject && !hasClient(bucket))) {
    throw wrongType('bucket', bucket, "a bucket's name or a Bucket of @google-cloud/storage");
  }
  if (bucketName.startsWith('gs://')) {
    throw outOfRange('bucket', bucketName, "a bucket's name alone; for a gs:// URL use GcsMutex.fromUrl");
  }
  if (!BUCKET_PATTERN.test(bucketName)) {
    throw outOfRange(
      'bucket',
      bucketName,
      '3 to 222 of a-z, 0-9, ".", "_" and "-", beginning and ending with a letter or digit',
    );
  }
  checkObjectName(name);
  return { bucket: bucketName, name };
}

/** Whether a bucket object brings what is needed of its client. */
function hasClient({ storage }: { readonly storage?: unknown }): boolean {
  return (
    typeof storage === 'object' &&
    storage !== null &&
    typeof Reflect.get(storage, 'apiEndpoint') === 'string' &&
    typeof Reflect.get(storage, 'authClient') === 'object'
  );
}

/** Reads a `gs://bucket/name` URL. What follows the bucket is taken as it is: nothing is decoded. */
export function lockFromUrl(url: unknown): LockName {
  if (typeof url !== 'string') throw wrongType('url', url, 'a string such as "gs://bucket/name"');
  const match = /^gs:\/\/([^/]+)\/(.+)$/s.exec(url);
  const [, bucket, name] = match ?? [];
  if (bucket === undefined || name === undefined)
    throw outOfRange('url', url, 'of the form gs://bucket/name');
  return resolveName(bucket, name);
}

function checkObjectName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw wrongType('name', name, 'a string');
  if (/\p{Surrogate}/u.test(name)) throw outOfRange('name', name, 'well-formed Unicode');
  const bytes = Buffer.byteLength(name);
  if (bytes < 1 || bytes > MAX_NAME_BYTES) {
    throw outOfRange('name', name, `1 to ${MAX_NAME_BYTES} bytes of UTF-8`, ` (${bytes} bytes)`);
  }
  if (/[\r\n]/.test(name)) throw outOfRange('name', name, 'without carriage return and line feed');
  if (name === '.' || name === '..') throw outOfRange('name', name, 'other than "." and ".."');
  if (name.startsWith('.well-known/acme-challenge/')) {
    throw outOfRange('name', name, 'other than one that starts with .well-known/acme-challenge/');
  }
}
