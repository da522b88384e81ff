import { OBJECT_PRECONDITIONS, checkQuery } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import type { Answer, Call } from '../call.ts';

/** `objects.delete`: takes the live object away and answers 204. */
export function deleteObject(call: Call): Answer {
  checkQuery(call.query, ['generation', ...OBJECT_PRECONDITIONS]);
  call.store.removeObject(liveObject(call, call.missingObjectStatus));
  return { kind: 'empty' };
}
