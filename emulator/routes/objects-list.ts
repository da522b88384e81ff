import { checkQuery, maxResultsOf, refuseTrue } from '../validate/query.ts';
import { bucketOf, objectJson } from './object-answer.ts';
import { compareBytes, cutPage } from './page.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../objects.ts';

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
  ]);
  refuseTrue(call.query, 'versions');
  refuseTrue(call.query, 'softDeleted');
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

function listed(call: Call): Listed[] {
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter') ?? '';
  const start = call.query.get('startOffset') ?? '';
  const end = call.query.get('endOffset') ?? '';
  const groups = new Map<string, Listed>();
  for (const object of call.store.objects(call.bucket)) {
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
    groups.set(group ?? name, { key: group ?? name, object: group === undefined ? object : undefined });
  }
  return [...groups.values()];
}
