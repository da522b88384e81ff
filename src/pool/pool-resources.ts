import { editDocument } from '../document.ts';
import { outOfRange, wrongType } from '../gcs/invalid-argument.ts';
import type { Group } from '../group/group.ts';
import { errorContext } from '../lock.ts';
import { ResourcesMismatchError, ResourcesUnknownError, tell } from './pool-errors.ts';
import { areSameResources, MAX_RESOURCES_BYTES, type Resources, storedBytes } from '../protocol/pool.ts';

/** The longest name of a resource, in bytes of UTF-8. */
export const MAX_RESOURCE_BYTES = 256;

/** Checks names of resources that a caller gave; each counts once. */
export function checkResources(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value)) throw wrongType(name, value, 'an array of names');
  for (const resource of value) checkResource(resource, name);
  const names: readonly string[] = value;
  const twice = names.find((resource, index) => names.indexOf(resource) < index);
  if (twice !== undefined) throw outOfRange(name, twice, 'names that differ');
  checkStoredBytes(names, name);
  return [...names];
}

function checkResource(resource: unknown, name: string): void {
  if (typeof resource !== 'string') throw wrongType(`a name in ${name}`, resource, 'a string');
  if (/[\p{Surrogate}\p{Cc}]/u.test(resource)) {
    throw outOfRange(`a name in ${name}`, resource, 'well-formed Unicode without control characters');
  }
  const bytes = Buffer.byteLength(resource);
  if (bytes < 1 || bytes > MAX_RESOURCE_BYTES) {
    throw outOfRange(
      `a name in ${name}`,
      resource,
      `1 to ${MAX_RESOURCE_BYTES} bytes of UTF-8`,
      ` (${bytes} bytes)`,
    );
  }
}

/** All names together have to fit into the metadata of one object. */
function checkStoredBytes(names: readonly string[], name: string): void {
  const bytes = storedBytes(names);
  if (bytes <= MAX_RESOURCES_BYTES) return;
  const rule =
    `names that take at most ${MAX_RESOURCES_BYTES} bytes in all, of which each name takes three more than its ` +
    'characters, and what is not printable ASCII three for each of its bytes of UTF-8';
  throw outOfRange(name, `${names.length} names`, rule, ` (${bytes} bytes)`);
}

/** The resources that count, of those that are stored and those that were given. */
export function agreedOn(
  group: Group<Resources>,
  stored: Resources | undefined,
  given: readonly string[] | undefined,
): Resources {
  const resources = stored ?? (given && { names: given });
  if (resources === undefined) throw new ResourcesUnknownError(errorContext(group));
  if (given !== undefined && !areSameResources(given, resources.names)) {
    throw new ResourcesMismatchError({ stored: resources.names, given }, errorContext(group));
  }
  return resources;
}

/** Those of a pool's resources that a caller would take. */
export function wantedOf(
  { names }: Resources,
  only: readonly string[] | undefined,
  url: string,
): readonly string[] {
  if (only === undefined) return names;
  const wanted = names.filter((name) => only.includes(name));
  if (wanted.length === 0)
    throw outOfRange(
      'only',
      only.join(', '),
      `among the resources of ${url}, which are ${tell(names) || 'none'}`,
    );
  return wanted;
}

/**
 * Changes which resources there are.
 *
 * @param change - gives undefined where nobody has said which there are.
 * @throws ResourcesUnknownError, a RangeError when they are too many, an error of the store, or the signal's reason.
 */
export async function changeResources(
  group: Group<Resources>,
  change: (before: Resources | undefined) => Resources | undefined,
  signal: AbortSignal | undefined,
): Promise<Resources> {
  let last: Resources | undefined;
  const changed = await editDocument<Resources, Resources | undefined>(group.document, {
    decide(seen) {
      // Names that were cleaned away since this call has read them are changed all the same, and are there again.
      last = seen?.value ?? last;
      const value = change(last);
      const fits = value !== undefined && storedBytes(value.names) <= MAX_RESOURCES_BYTES;
      // Always a write, though it may change nothing: only that keeps out a write of another call from before.
      return fits ? { kind: 'write', value } : { kind: 'leave', why: value };
    },
    // Deciding anew could undo what others did after it was done.
    whenUnclear: 'fail',
    timeoutMs: group.settings.requestTimeoutMs,
    signal,
  });
  if (changed.kind === 'written') return changed.value;
  if (changed.why !== undefined) checkStoredBytes(changed.why.names, 'names');
  throw new ResourcesUnknownError(errorContext(group));
}
