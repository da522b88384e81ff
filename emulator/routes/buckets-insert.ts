import { ApiError, invalid, required } from '../errors.ts';
import { bucketResource } from '../resource.ts';
import { applyBucketSettings } from '../validate/bucket-body.ts';
import { checkBucketName } from '../validate/bucket-name.ts';
import { checkStorageClass, parseObject } from '../validate/object-body.ts';
import { checkQuery } from '../validate/query.ts';
import type { Answer, Call } from '../call.ts';

/** `buckets.insert`: makes an empty bucket, or says 409 when the name is taken. */
export function insertBucket(call: Call): Answer {
  checkQuery(call.query, ['project', 'projection']);
  const project = call.query.get('project');
  if (project === null || project === '') throw required('project');
  const body = parseObject(Buffer.from(call.body).toString('utf8'));
  const settings = applyBucketSettings({}, body, ['name', 'location', 'storageClass']);
  const name = text(body, 'name');
  if (name === undefined) throw required('name');
  checkBucketName(name);
  const location = text(body, 'location')?.toUpperCase();
  const storageClass = checkStorageClass(text(body, 'storageClass'));
  if (call.store.bucket(name) !== undefined) {
    throw new ApiError(
      409,
      'Your previous request to create the named bucket succeeded and you already own it.',
    );
  }
  const place = {
    project,
    ...(location === undefined ? {} : { location }),
    ...(storageClass === undefined ? {} : { storageClass }),
  };
  const bucket = call.store.addBucket(name, place, settings);
  return { kind: 'json', value: bucketResource(bucket, call.origin) };
}

function text(body: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`Invalid value for ${field}: not a string.`);
  return value;
}
