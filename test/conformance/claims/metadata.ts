import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '../claim.ts';
import { both } from '../objects.ts';
import { ELSEWHERE, PAGES } from '../pages.ts';

/** All that a label of a holder may be made of. */
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');

/** Metadata of about so many bytes, in values as long as the longest of a lock. */
function weighing(bytes: number): Record<string, string> {
  const count = Math.ceil(bytes / 1_024);
  const entries = Array.from({ length: count }, (_, index): [string, string] => {
    const key = `key-${index}`;
    return [key, 'x'.repeat(Math.floor(bytes / count) - key.length)];
  });
  return Object.fromEntries(entries);
}

/** The lock's record is custom metadata. */
export const METADATA: readonly Claim[] = [
  {
    says: 'custom metadata comes back as it was sent, in the answer and in a read',
    source: PAGES.customMetadata,
    async observe(objects) {
      const sent = { 'lease-id': '0'.repeat(32), 'ttl-ms': '60000', 'user-a_b-1': '', holder: PRINTABLE };
      const isSame = (metadata: Readonly<Record<string, string>> | undefined): boolean =>
        isDeepStrictEqual(metadata, sent);
      const inserted = await objects.insert('job', { resource: { metadata: sent } });
      const read = await objects.get('job');
      await objects.insert('job');
      const patched = await objects.patch('job', { metadata: sent });
      return {
        insert: isSame(inserted.object.metadata),
        get: isSame(read.object.metadata),
        patch: isSame(patched.object.metadata),
      };
    },
    google: { insert: true, get: true, patch: true },
  },
  {
    says: 'a patch changes the keys that it names, and leaves all others',
    source: `${PAGES.patch} (patch semantics)`,
    async observe(objects) {
      await objects.insert('job', { resource: { metadata: { ours: '1', theirs: '1' } } });
      await objects.patch('job', { metadata: { ours: '2', more: '1' } });
      return { metadata: (await objects.get('job')).object.metadata };
    },
    google: { metadata: { ours: '2', theirs: '1', more: '1' } },
  },
  {
    says: 'a patch takes a key away by null',
    source: `${PAGES.patch} (patch semantics); ${ELSEWHERE.nullRemoves}`,
    async observe(objects) {
      await objects.insert('job', { resource: { metadata: { a: '1', b: '1' } } });
      await objects.patch('job', { metadata: { a: null } });
      return { metadata: (await objects.get('job')).object.metadata };
    },
    google: { metadata: { b: '1' } },
  },
  {
    says: 'a patch of metadata leaves body, content type, cacheControl and size as they are',
    source: `${PAGES.patch} (patch semantics)`,
    async observe(objects) {
      const resource = { contentType: 'text/x-lock', cacheControl: 'no-store', metadata: { a: '1' } };
      const created = await objects.insert('job', { resource, body: 'a sentence' });
      await objects.patch('job', { metadata: { a: '2' } }, both(created));
      const { contentType, cacheControl, size } = (await objects.get('job')).object;
      const body = (await objects.get('job', { alt: 'media' })).text;
      return { contentType, cacheControl, size, body };
    },
    google: { contentType: 'text/x-lock', cacheControl: 'no-store', size: '10', body: 'a sentence' },
  },
  {
    says: 'metadata may weigh up to 8 KiB in all; more is 400, and nothing is done',
    source: PAGES.quotas,
    async observe(objects) {
      const fits = await objects.insert('job', { resource: { metadata: weighing(8_000) } });
      const insert = await objects.insert('other', { resource: { metadata: weighing(9_000) } });
      const patch = await objects.patch('job', { metadata: { more: 'x'.repeat(1_000) } });
      const after = (await objects.get('job')).object;
      return {
        fits: fits.status,
        insert: insert.status,
        isMade: (await objects.get('other')).status,
        patch: patch.status,
        isUntouched: after.metageneration === fits.object.metageneration,
      };
    },
    google: { fits: 200, insert: 400, isMade: 404, patch: 400, isUntouched: true },
  },
];
