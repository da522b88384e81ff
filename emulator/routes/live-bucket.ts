import { bucketNotFound } from '../errors.ts';
import { preconditionsOf } from '../validate/query.ts';
import { refuseUnmet } from './live-object.ts';
import type { Call } from '../call.ts';
import type { StoredBucket } from '../stored.ts';

/** The bucket that a call names, with its two preconditions held against it. */
export function liveBucket(call: Call): StoredBucket {
  const preconditions = preconditionsOf(call.query);
  const bucket = call.store.bucket(call.bucket);
  if (bucket === undefined) throw bucketNotFound();
  refuseUnmet(preconditions, { generation: 0n, metageneration: bucket.metageneration });
  return bucket;
}
