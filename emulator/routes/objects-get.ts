import { ApiError, invalidParameter, notImitated, objectNotFound } from '../errors.ts';
import { etagConditionsOf } from '../validate/headers.ts';
import { OBJECT_PRECONDITIONS, checkQuery, int64Parameter, preconditionsOf } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import { mediaAnswer } from './media-answer.ts';
import { bucketOf, objectAnswer } from './object-answer.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../stored.ts';

/**
 * `objects.get`: the resource, or with `alt=media` the bytes. `If-Match` and `If-None-Match` are taken here, as the
 * clients do that know them ("HTTP headers and common query string parameters for JSON").
 */
export function getObject(call: Call): Answer {
  checkQuery(call.query, ['generation', 'projection', 'softDeleted', ...OBJECT_PRECONDITIONS]);
  const isSoftDeleted = call.query.get('softDeleted') === 'true';
  const alt = call.query.get('alt') ?? 'json';
  if (alt !== 'json' && alt !== 'media') throw invalidParameter(`Invalid value '${alt}'.`, 'alt');
  if (isSoftDeleted && alt === 'media') throw notImitated('alt=media with softDeleted=true');
  if (alt === 'json' && call.headers.has('range')) throw notImitated('a range of metadata');
  const preconditions = { ...preconditionsOf(call.query), ...etagConditionsOf(call.headers) };
  const object = isSoftDeleted ? softDeletedObject(call) : liveObject(call, 404, preconditions);
  return alt === 'media' ? mediaAnswer(call, object) : objectAnswer(call, object);
}

/** What can still be restored is read by its generation alone, and without preconditions here. */
function softDeletedObject(call: Call): StoredObject {
  const generation = int64Parameter(call.query, 'generation');
  if (OBJECT_PRECONDITIONS.some((name) => call.query.has(name))) {
    throw notImitated('preconditions with softDeleted=true');
  }
  if (generation === undefined) {
    throw new ApiError(400, 'You must specify a generation.', { reason: 'required' });
  }
  const { name } = bucketOf(call);
  const found = call.store
    .softDeleted(name)
    .find((object) => object.name === call.object && object.generation === generation);
  if (found === undefined) throw objectNotFound(name, call.object);
  return found;
}
