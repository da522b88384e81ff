import { ApiError } from '../errors.ts';
import { BUCKET_PRECONDITIONS, checkQuery } from '../validate/query.ts';
import { liveBucket } from './live-bucket.ts';
import type { Answer, Call } from '../call.ts';

/** `buckets.delete`: only a bucket without any version of an object goes; any other is 409. */
export function deleteBucket(call: Call): Answer {
  checkQuery(call.query, BUCKET_PRECONDITIONS);
  const bucket = liveBucket(call);
  if (call.store.versions(bucket.name).length > 0) {
    throw new ApiError(409, 'The bucket you tried to delete is not empty.');
  }
  call.store.removeBucket(bucket.name);
  return { kind: 'empty' };
}
