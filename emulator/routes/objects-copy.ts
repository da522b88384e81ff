import { applyMetadata, readObjectChange } from '../validate/object-body.ts';
import { checkObjectName } from '../validate/object-name.ts';
import {
  OBJECT_PRECONDITIONS,
  SOURCE_PRECONDITIONS,
  checkQuery,
  int64Parameter,
  preconditionsOf,
  sourcePreconditionsOf,
} from '../validate/query.ts';
import { refuseUnmet } from './live-object.ts';
import { bucketOf, objectAnswer, objectJson, refuseOverwrite } from './object-answer.ts';
import { sourceObject } from './source-object.ts';
import type { Answer, Call } from '../call.ts';
import type { ObjectAttributes, StoredObject } from '../stored.ts';

const PARAMETERS = ['sourceGeneration', 'projection', ...OBJECT_PRECONDITIONS, ...SOURCE_PRECONDITIONS];

/** `objects.copy`: puts what one object holds under another name, or its own, as a new generation. */
export function copyObject(call: Call): Answer {
  checkQuery(call.query, PARAMETERS);
  return objectAnswer(call, carryOver(call));
}

/** `objects.rewrite`: the same, done at once whatever its size. */
export function rewriteObject(call: Call): Answer {
  checkQuery(call.query, ['maxBytesRewrittenPerCall', ...PARAMETERS]);
  const copy = carryOver(call);
  const size = copy.body.byteLength.toString();
  return {
    kind: 'json',
    value: {
      kind: 'storage#rewriteResponse',
      totalBytesRewritten: size,
      objectSize: size,
      done: true,
      resource: objectJson(call, copy),
    },
  };
}

function carryOver(call: Call): StoredObject {
  const preconditions = preconditionsOf(call.query);
  const sourcePreconditions = sourcePreconditionsOf(call.query);
  const generation = int64Parameter(call.query, 'sourceGeneration');
  const text = Buffer.from(call.body).toString('utf8');
  const change = readObjectChange(text === '' ? '{}' : text, true);
  checkObjectName(call.object);
  call.access.demand('storage.objects.get');
  const source = sourceObject(call, generation);
  refuseUnmet(sourcePreconditions, source);
  bucketOf(call);
  const live = call.store.object(call.bucket, call.object);
  refuseUnmet(preconditions, live);
  refuseOverwrite(call, live);
  const isEmpty = /^\s*(\{\s*\})?\s*$/.test(text);
  const attributes = isEmpty
    ? inherited(source)
    : {
        ...change.attributes,
        storageClass: change.storageClass,
        metadata: applyMetadata(undefined, change.metadata),
      };
  return call.store.putObject(call.bucket, call.object, source.body, attributes);
}

/**
 * What a copy has of its source when the request says nothing of it. A request that says anything gives the copy
 * just that; holds never carry over (kmoneil/zig-gcp `copy.zig`).
 */
function inherited(source: StoredObject): ObjectAttributes {
  const { contentType, cacheControl, contentEncoding, contentDisposition, contentLanguage } = source;
  const { metadata } = source;
  return { contentType, cacheControl, contentEncoding, contentDisposition, contentLanguage, metadata };
}
