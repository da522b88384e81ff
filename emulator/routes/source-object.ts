import { bucketNotFound, notImitated, objectNotFound } from '../errors.ts';
import { checkObjectName } from '../validate/object-name.ts';
import type { Call } from '../call.ts';
import type { StoredObject } from '../stored.ts';

/**
 * What a call copies or moves.
 *
 * @param generation - `undefined`: the live object.
 */
export function sourceObject(call: Call, generation: bigint | undefined): StoredObject {
  const { store, source } = call;
  if (source === undefined) throw notImitated('a copy of nothing');
  checkObjectName(source.object);
  if (store.bucket(source.bucket) === undefined) throw bucketNotFound();
  const found =
    generation === undefined
      ? store.object(source.bucket, source.object)
      : store.version(source.bucket, source.object, generation);
  if (found === undefined) throw objectNotFound(source.bucket, source.object);
  return found;
}
