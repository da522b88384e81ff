import { OBJECT_PRECONDITIONS, checkQuery } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import { refuseLoss } from './object-answer.ts';
import type { Answer, Call } from '../call.ts';

/** `objects.delete`: takes the live object, or the version that `generation` names, away and answers 204. */
export function deleteObject(call: Call): Answer {
  checkQuery(call.query, ['generation', ...OBJECT_PRECONDITIONS]);
  const object = liveObject(call, call.missingObjectStatus);
  refuseLoss(call, object);
  call.store.removeObject(object, call.query.has('generation'));
  return { kind: 'empty' };
}
