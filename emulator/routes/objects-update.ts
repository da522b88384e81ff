import { notImitated } from '../errors.ts';
import { applyMetadata, readObjectChange } from '../validate/object-body.ts';
import { OBJECT_PRECONDITIONS, checkQuery } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import { objectAnswer } from './object-answer.ts';
import type { Answer, Call } from '../call.ts';
import type { ObjectAttributes } from '../stored.ts';

/** Every attribute that a client can set, taken away. */
const NOTHING: ObjectAttributes = {
  contentType: undefined,
  cacheControl: undefined,
  contentEncoding: undefined,
  contentDisposition: undefined,
  contentLanguage: undefined,
  temporaryHold: undefined,
  eventBasedHold: undefined,
};

/**
 * `objects.update`: like a patch, but what the request does not name goes (googleapis/storage-testbench
 * `gcs/object.py`). A client reads a resource, changes it and sends it back whole, so what only the service sets
 * is ignored.
 */
export function updateObject(call: Call): Answer {
  checkQuery(call.query, ['generation', 'projection', ...OBJECT_PRECONDITIONS]);
  const change = readObjectChange(Buffer.from(call.body).toString('utf8'), true);
  const object = liveObject(call, call.missingObjectStatus);
  if (change.storageClass !== undefined && change.storageClass !== object.storageClass) {
    throw notImitated('a change of the storage class');
  }
  const metadata = applyMetadata(undefined, change.metadata);
  return objectAnswer(call, call.store.patchObject(object, { ...NOTHING, ...change.attributes, metadata }));
}
