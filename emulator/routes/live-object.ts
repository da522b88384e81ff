import { bucketNotFound, conditionNotMet, notModified, objectNotFound } from '../errors.ts';
import { evaluate, isGuarded } from '../preconditions.ts';
import { objectEtag } from '../resource.ts';
import { checkObjectName } from '../validate/object-name.ts';
import { int64Parameter, preconditionsOf } from '../validate/query.ts';
import type { Call } from '../call.ts';
import type { StoredObject } from '../stored.ts';
import type { LiveVersion, Preconditions } from '../preconditions.ts';

/**
 * The version that a get, patch or delete names, with the preconditions held against it: the live one, or with
 * `generation` that one, live or noncurrent.
 *
 * @param missingStatus - the answer when there is none and the call is guarded; Google documents neither 404
 * nor 412 for it.
 * @param preconditions - default: those of the query.
 */
export function liveObject(
  call: Call,
  missingStatus: 404 | 412,
  preconditions: Preconditions = preconditionsOf(call.query),
): StoredObject {
  const generation = int64Parameter(call.query, 'generation');
  checkObjectName(call.object);
  if (call.store.bucket(call.bucket) === undefined) throw bucketNotFound();
  const object =
    generation === undefined
      ? call.store.object(call.bucket, call.object)
      : call.store.version(call.bucket, call.object, generation);
  if (object === undefined) {
    if (missingStatus === 412 && isGuarded(preconditions)) throw conditionNotMet();
    throw objectNotFound(call.bucket, call.object);
  }
  refuseUnmet(preconditions, { ...object, etag: objectEtag(object) });
  return object;
}

/**
 * Holds preconditions against a version.
 *
 * @param version - `undefined` when there is none.
 * @throws ApiError 412 or 304.
 */
export function refuseUnmet(preconditions: Preconditions, version: LiveVersion | undefined): void {
  const verdict = evaluate(preconditions, version);
  if (verdict === 'unmet') throw conditionNotMet();
  if (verdict === 'notModified') throw notModified();
}
