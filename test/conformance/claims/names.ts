import type { Claim } from '../claim.ts';
import { both, byGeneration } from '../objects.ts';
import { PAGES } from '../pages.ts';
import { isSuccess } from './tools.ts';

/** Names of every legal kind, by what is special about them. */
const LEGAL: ReadonlyMap<string, string> = new Map([
  ['slashes', 'locks/of/nightly/report'],
  ['a slash in front', '/locks/report'],
  ['two slashes in a row', 'locks//report'],
  ['a slash at the end', 'locks/report/'],
  ['dots as in a path', 'a/../b/./c/..'],
  ['percent signs', '100%/%zz'],
  ['dots that look encoded', '%2e%2e/%2E'],
  ['a slash that looks encoded', 'a%2Fb'],
  ['spaces and plus signs', 'a b+c d'],
  ['what a query or a fragment begins with', 'a?b=c&d#e;f=g'],
  ['wildcards', '[a-z]*?{1,2}'],
  ['quotes and backslashes', `"a"'b'\\c\`d`],
  ['all other punctuation', '!$(),:;<=>@^_{|}~-.'],
  ['letters of other scripts', 'Ω/日本/café'],
  ['characters beyond the first plane', '\u{1F512}/\u{1D4D0}'],
  ['combining marks, which stay apart', 'cafe\u0301'],
]);

/** What an object goes through under its name, and only under it. */
function namedWith(kind: string, name: string): Claim {
  return {
    says: `a name with ${kind} is one object`,
    source: `${PAGES.naming}; ${PAGES.encoding}`,
    async observe(objects) {
      const created = await objects.insert(name, { query: { ifGenerationMatch: '0' } });
      const again = await objects.insert(name, { query: { ifGenerationMatch: '0' } });
      const read = await objects.get(name);
      const listed = objects.names(await objects.list());
      const patched = await objects.patch(name, { metadata: { a: '1' } }, both(created));
      const removed = await objects.remove(name, byGeneration(created));
      return {
        created: created.status,
        name: objects.withoutPrefix(created.object.name ?? ''),
        again: again.status,
        isRead: read.object.generation === created.object.generation,
        listed,
        patched: patched.status,
        isRemoved: isSuccess(removed),
        left: objects.names(await objects.list()),
      };
    },
    google: {
      created: 200,
      name,
      again: 412,
      isRead: true,
      listed: [name],
      patched: 200,
      isRemoved: true,
      left: [],
    },
  };
}

/** Names that some server or client might take for one another. */
const APART = [
  'a/b',
  'a%2Fb',
  'a//b',
  '/a/b',
  'a/b/',
  'A/b',
  'a b',
  'a+b',
  'a%20b',
  'café',
  'cafe\u0301',
  'x/../a/b',
];

/** A lock's name, as it is, names one object. */
export const NAMES: readonly Claim[] = [
  ...[...LEGAL].map(([kind, name]) => namedWith(kind, name)),
  {
    says: 'a name may have 1024 bytes of UTF-8, and no more',
    source: PAGES.naming,
    async observe(objects) {
      const room = 1024 - Buffer.byteLength(objects.prefix);
      const longest = 'é'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2);
      const created = await objects.insert(longest);
      const read = await objects.get(longest);
      const tooLong = await objects.insert(`${longest}x`);
      return { created: created.status, read: read.status, tooLong: tooLong.status };
    },
    google: { created: 200, read: 200, tooLong: 400 },
  },
  {
    says: 'names that look alike are different objects',
    source: PAGES.naming,
    async observe(objects) {
      const created: number[] = [];
      for (const name of APART) {
        created.push((await objects.insert(name, { query: { ifGenerationMatch: '0' }, body: name })).status);
      }
      const reads = await Promise.all(APART.map((name) => objects.get(name, { alt: 'media' })));
      const mixedUp = APART.filter((name, index) => reads[index]?.text !== name);
      return { statuses: [...new Set(created)], listed: (await objects.list()).items.length, mixedUp };
    },
    google: { statuses: [200], listed: APART.length, mixedUp: [] },
  },
  {
    says: 'a name with a line break is 400, and nothing is made',
    source: PAGES.naming,
    async observe(objects) {
      const statuses = [await objects.insert('a\nb'), await objects.insert('a\rb')].map(
        ({ status }) => status,
      );
      return { statuses, listed: objects.names(await objects.list()) };
    },
    google: { statuses: [400, 400], listed: [] },
  },
];

/** What only a bucket of one's own can show: names that nothing may stand in front of. */
export const NAMES_IN_OWN_BUCKET: readonly Claim[] = [
  {
    says: 'a name of one dot or two, or in the place of ACME challenges, is 400',
    source: PAGES.naming,
    async observe(objects) {
      const statuses: number[] = [];
      for (const name of ['.', '..', '.well-known/acme-challenge/x']) {
        statuses.push((await objects.insert(name)).status);
      }
      return { statuses, listed: objects.names(await objects.list()) };
    },
    google: { statuses: [400, 400, 400], listed: [] },
  },
];
