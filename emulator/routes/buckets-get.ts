import { bucketResource } from '../resource.ts';
import { BUCKET_PRECONDITIONS, checkQuery } from '../validate/query.ts';
import { liveBucket } from './live-bucket.ts';
import type { Answer, Call } from '../call.ts';

/** `buckets.get`. */
export function getBucket(call: Call): Answer {
  checkQuery(call.query, ['projection', ...BUCKET_PRECONDITIONS]);
  return { kind: 'json', value: bucketResource(liveBucket(call), call.origin) };
}
