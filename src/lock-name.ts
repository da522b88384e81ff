import { outOfRange, wrongType } from './gcs/invalid-argument.ts';
import type { BucketLike } from './gcs/types.ts';

/** Where a lock's object is. */
export interface LockName {
  readonly bucket: string;
  readonly name: string;
}

/**
 * What a bucket may be called (https://docs.cloud.google.com/storage/docs/buckets#naming). The store has rules
 * about words and addresses besides, which are left to it.
 */
const BUCKET_PATTERN = /^(?=[a-z0-9].{1,220}[a-z0-9]$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/** Longest object name, in bytes of UTF-8. */
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
      '3 to 63 of a-z, 0-9, "_" and "-" (with dots up to 222, and 63 between two), beginning and ending with a ' +
        'letter or digit',
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

/**
 * What the store takes as a name (https://docs.cloud.google.com/storage/docs/objects#naming): all of Unicode but
 * carriage return and line feed. It advises against more, such as control characters and `#`, and takes them.
 */
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

/** A folder of locks: a bucket, and what the names in it begin with: nothing, or something that ends with `/`. */
export interface LockFolder {
  readonly bucket: string;
  readonly prefix: string;
}

/** Reads a `gs://bucket` or `gs://bucket/prefix` URL; a slash at its end makes no difference. */
export function folderFromUrl(url: unknown): LockFolder {
  if (typeof url !== 'string') throw wrongType('url', url, 'a string such as "gs://bucket/prefix"');
  const [, bucket, path = ''] = /^gs:\/\/([^/]+)(?:\/(.*))?$/s.exec(url) ?? [];
  if (bucket === undefined) throw outOfRange('url', url, 'of the form gs://bucket or gs://bucket/prefix');
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  // Whatever can stand in front of a lock's name.
  resolveName(bucket, `${prefix}-`);
  return { bucket, prefix };
}
