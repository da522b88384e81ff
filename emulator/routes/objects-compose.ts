import { invalid, notImitated, objectNotFound, required } from '../errors.ts';
import { applyMetadata, isObject, parseObject, readObjectChange } from '../validate/object-body.ts';
import { checkObjectName } from '../validate/object-name.ts';
import { checkQuery, int64Value, preconditionsOf } from '../validate/query.ts';
import { refuseUnmet } from './live-object.ts';
import { bucketOf, objectAnswer, refuseOverwrite } from './object-answer.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../stored.ts';

/** The most objects that one call reads ("Composite objects"). */
const SOURCES_MAX = 32;

interface Source {
  readonly name: string;
  readonly generation: bigint | undefined;
  readonly ifGenerationMatch: bigint | undefined;
}

/**
 * `objects.compose`: one object out of others of its bucket. It inherits nothing but their bytes, has no MD5, and
 * counts its components ("Composite objects"; kmoneil/zig-gcp `compose.zig`).
 */
export function composeObject(call: Call): Answer {
  checkQuery(call.query, ['projection', 'ifGenerationMatch', 'ifMetagenerationMatch']);
  const preconditions = preconditionsOf(call.query);
  const { sources, destination } = readRequest(Buffer.from(call.body).toString('utf8'));
  const { attributes, storageClass, metadata } = readObjectChange(JSON.stringify(destination), true);
  checkObjectName(call.object);
  call.access.demand('storage.objects.get');
  bucketOf(call);
  const parts = sources.map((source) => findPart(call, source));
  const live = call.store.object(call.bucket, call.object);
  refuseUnmet(preconditions, live);
  refuseOverwrite(call, live);
  const body = new Uint8Array(Buffer.concat(parts.map((part) => part.body)));
  const componentCount = parts.reduce((count, part) => count + (part.componentCount ?? 1), 0);
  const contentType = attributes.contentType ?? 'application/octet-stream';
  const composed = { ...attributes, contentType, storageClass, metadata: applyMetadata(undefined, metadata) };
  return objectAnswer(call, call.store.putObject(call.bucket, call.object, body, composed, componentCount));
}

function findPart(call: Call, { name, generation, ifGenerationMatch }: Source): StoredObject {
  const found =
    generation === undefined
      ? call.store.object(call.bucket, name)
      : call.store.version(call.bucket, name, generation);
  if (found === undefined) throw objectNotFound(call.bucket, name);
  refuseUnmet({ ifGenerationMatch }, found);
  return found;
}

function readRequest(text: string): { readonly sources: readonly Source[]; readonly destination: unknown } {
  const { kind: _kind, sourceObjects, destination = {}, ...others } = parseObject(text);
  const [other] = Object.keys(others);
  if (other !== undefined) throw notImitated(`compose field ${other}`);
  if (!Array.isArray(sourceObjects) || sourceObjects.length === 0) throw required('sourceObjects');
  if (sourceObjects.length > SOURCES_MAX) {
    throw invalid(
      `The number of source components provided (${sourceObjects.length}) exceeds the maximum (${SOURCES_MAX})`,
    );
  }
  return { sources: sourceObjects.map(readSource), destination };
}

function readSource(value: unknown): Source {
  if (!isObject(value)) throw required('sourceObjects.name');
  const { name, generation, objectPreconditions = {}, ...others } = value;
  if (typeof name !== 'string') throw required('sourceObjects.name');
  const [other] = Object.keys(others);
  if (other !== undefined) throw notImitated(`compose field sourceObjects.${other}`);
  const guard = isObject(objectPreconditions) ? objectPreconditions['ifGenerationMatch'] : undefined;
  return {
    name,
    generation: int64Value(generation, 'generation'),
    ifGenerationMatch: int64Value(guard, 'ifGenerationMatch'),
  };
}
