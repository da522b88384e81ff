import { bucketResource } from '../resource.ts';
import { applyBucketSettings } from '../validate/bucket-body.ts';
import { parseObject } from '../validate/object-body.ts';
import { BUCKET_PRECONDITIONS, checkQuery } from '../validate/query.ts';
import { liveBucket } from './live-bucket.ts';
import type { Answer, Call } from '../call.ts';

/** `buckets.patch`: changes the settings that are imitated; any other field is 501. */
export function patchBucket(call: Call): Answer {
  checkQuery(call.query, ['projection', ...BUCKET_PRECONDITIONS]);
  const text = Buffer.from(call.body).toString('utf8');
  const body = parseObject(text === '' ? '{}' : text);
  const bucket = liveBucket(call);
  const changed = call.store.changeBucket(bucket, applyBucketSettings(bucket.settings, body, []));
  return { kind: 'json', value: bucketResource(changed, call.origin) };
}
