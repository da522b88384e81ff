import { invalid, notImitated } from '../errors.ts';
import { checkQuery, maxResultsOf } from '../validate/query.ts';
import { bucketOf, objectJson } from './object-answer.ts';
import { compareBytes, cutPage } from './page.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../stored.ts';

/** The most entries, objects and prefixes together, that one page has (API definition). */
const PAGE_MAX = 1000;

interface Listed {
  readonly key: string;
  readonly object: StoredObject | undefined;
}

/** `objects.list`: by name, below a prefix, with a delimiter in groups, in pages of at most 1000. */
export function listObjects(call: Call): Answer {
  checkQuery(call.query, [
    'prefix',
    'delimiter',
    'startOffset',
    'endOffset',
    'maxResults',
    'pageToken',
    'projection',
    'versions',
    'softDeleted',
    'includeTrailingDelimiter',
    'matchGlob',
    // Asks for folders that are resources of their own; no bucket here has any.
    'includeFoldersAsPrefixes',
  ]);
  // Go's client names it in every list, without a value.
  if ((call.query.get('matchGlob') ?? '') !== '') throw notImitated('query parameter matchGlob');
  const size = maxResultsOf(call.query, PAGE_MAX);
  bucketOf(call);
  const page = cutPage(listed(call), call.query.get('pageToken'), size, (entry) => entry.key);
  const items = page.items.flatMap(({ object }) => (object === undefined ? [] : [objectJson(call, object)]));
  const prefixes = page.items.flatMap(({ key, object }) => (object === undefined ? [key] : []));
  return {
    kind: 'json',
    value: {
      kind: 'storage#objects',
      ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
      ...(prefixes.length === 0 ? {} : { prefixes }),
      ...(items.length === 0 ? {} : { items }),
    },
  };
}

/** What a list is made from: live objects, all versions, or what can still be restored. */
function candidates(call: Call): StoredObject[] {
  const { store, query } = call;
  const { name, settings } = bucketOf(call);
  const hasVersions = query.get('versions') === 'true';
  if (query.get('softDeleted') !== 'true') return hasVersions ? store.versions(name) : store.objects(name);
  if (hasVersions) throw notImitated('versions=true with softDeleted=true');
  if ((settings.softDeleteS ?? 0) === 0) throw invalid('bucket soft delete policy must be set.');
  return store.softDeleted(name);
}

/** Several versions can share a name; for the page after this one each needs a place of its own. */
function keyOf(object: StoredObject): string {
  return `${object.name}\0${object.generation}`;
}

function listed(call: Call): Listed[] {
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter') ?? '';
  const start = call.query.get('startOffset') ?? '';
  const end = call.query.get('endOffset') ?? '';
  const withTrailing = call.query.get('includeTrailingDelimiter') === 'true';
  const groups = new Map<string, Listed>();
  for (const object of candidates(call)) {
    const { name } = object;
    if (
      !name.startsWith(prefix) ||
      compareBytes(name, start) < 0 ||
      (end !== '' && compareBytes(name, end) >= 0)
    )
      continue;
    const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
    const group = cut < 0 ? undefined : name.slice(0, cut + delimiter.length);
    // A group and an object can share a name: an object named like a folder, `a/`, is in the group `a/`.
    if (group !== undefined) groups.set(group, { key: group, object: undefined });
    if (group === undefined || (group === name && withTrailing)) {
      groups.set(keyOf(object), { key: keyOf(object), object });
    }
  }
  return [...groups.values()];
}
