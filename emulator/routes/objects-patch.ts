import { applyMetadata, readObjectChange } from '../validate/object-body.ts';
import { OBJECT_PRECONDITIONS, checkQuery } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import { objectAnswer } from './object-answer.ts';
import type { Answer, Call } from '../call.ts';

/**
 * `objects.patch`: changes what is named and leaves the rest. Every patch counts, an empty one too: it raises
 * `metageneration` by one and sets `updated`.
 */
export function patchObject(call: Call): Answer {
  checkQuery(call.query, ['generation', 'projection', ...OBJECT_PRECONDITIONS]);
  const text = Buffer.from(call.body).toString('utf8');
  const change = readObjectChange(text === '' ? '{}' : text, false);
  const object = liveObject(call, call.missingObjectStatus);
  const patched = call.store.patchObject(object, {
    ...change.attributes,
    metadata: applyMetadata(object.metadata, change.metadata),
  });
  return objectAnswer(call, patched);
}
