import { invalid } from '../errors.ts';
import { checkObjectName } from '../validate/object-name.ts';
import {
  OBJECT_PRECONDITIONS,
  SOURCE_PRECONDITIONS,
  checkQuery,
  preconditionsOf,
  sourcePreconditionsOf,
} from '../validate/query.ts';
import { refuseUnmet } from './live-object.ts';
import { objectAnswer, refuseLoss, refuseOverwrite } from './object-answer.ts';
import { sourceObject } from './source-object.ts';
import type { Answer, Call } from '../call.ts';

/** `objects.move`: gives an object another name in its bucket, in one step ("Objects: move"). */
export function moveObject(call: Call): Answer {
  checkQuery(call.query, ['projection', ...OBJECT_PRECONDITIONS, ...SOURCE_PRECONDITIONS]);
  const preconditions = preconditionsOf(call.query);
  const sourcePreconditions = sourcePreconditionsOf(call.query);
  checkObjectName(call.object);
  call.access.demand('storage.objects.get');
  call.access.demand('storage.objects.delete');
  if (call.source?.object === call.object) throw invalid('An object cannot be moved to its own name.');
  const source = sourceObject(call, undefined);
  call.countMutation(source.name);
  refuseUnmet(sourcePreconditions, source);
  refuseLoss(call, source);
  const live = call.store.object(call.bucket, call.object);
  refuseUnmet(preconditions, live);
  refuseOverwrite(call, live);
  return objectAnswer(call, call.store.moveObject(source, call.object));
}
