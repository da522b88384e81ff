import { bucketNotFound, conditionNotMet, notModified } from '../errors.ts';
import { evaluate } from '../preconditions.ts';
import { preconditionsOf } from '../validate/query.ts';
import type { Call } from '../call.ts';
import type { StoredBucket } from '../objects.ts';

/** The bucket that a call names, with its two preconditions held against it. */
export function liveBucket(call: Call): StoredBucket {
  const preconditions = preconditionsOf(call.query);
  const bucket = call.store.bucket(call.bucket);
  if (bucket === undefined) throw bucketNotFound();
  const verdict = evaluate(preconditions, { generation: 0n, metageneration: bucket.metageneration });
  if (verdict === 'unmet') throw conditionNotMet();
  if (verdict === 'notModified') throw notModified();
  return bucket;
}
