import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '../claim.ts';
import { both, byGeneration, type Answer } from '../objects.ts';
import { PAGES } from '../pages.ts';

/** How often each is tried: a store that lags does so now and then. */
const ROUNDS = 3;

function isSame(read: Answer, written: Answer): boolean {
  const { generation, metageneration, metadata } = written.object;
  return (
    read.object.generation === generation &&
    read.object.metageneration === metageneration &&
    isDeepStrictEqual(read.object.metadata, metadata)
  );
}

/** A read shows the latest write. */
export const CONSISTENCY: readonly Claim[] = [
  {
    says: 'a read shows the write before it: create, refresh, takeover, delete',
    source: PAGES.consistency,
    async observe(objects) {
      const stale = { create: 0, refresh: 0, takeover: 0, delete: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const resource = { metadata: { round: String(round) } };
        const created = await objects.insert('job', { query: { ifGenerationMatch: '0' }, resource });
        if (!isSame(await objects.get('job'), created)) stale.create += 1;
        const patched = await objects.patch('job', { metadata: { count: '1' } }, both(created));
        const refreshed = await objects.get('job');
        if (!isSame(refreshed, patched)) stale.refresh += 1;
        const replaced = await objects.insert('job', { query: both(refreshed) });
        if (!isSame(await objects.get('job'), replaced)) stale.takeover += 1;
        await objects.remove('job', byGeneration(replaced));
        if ((await objects.get('job')).status !== 404) stale.delete += 1;
      }
      return { stale };
    },
    google: { stale: { create: 0, refresh: 0, takeover: 0, delete: 0 } },
  },
  {
    says: 'a download shows the write before it',
    source: PAGES.consistency,
    async observe(objects) {
      const media = async (): Promise<Answer> => objects.get('job', { alt: 'media' });
      await objects.insert('job', { body: 'one' });
      const first = (await media()).text;
      await objects.insert('job', { body: 'two' });
      const second = (await media()).text;
      await objects.remove('job');
      return { first, second, third: (await media()).status };
    },
    google: { first: 'one', second: 'two', third: 404 },
  },
  {
    says: 'a list shows the write before it, and what is behind its prefix alone',
    source: `${PAGES.consistency}; ${PAGES.list}`,
    async observe(objects) {
      const names = async (): Promise<readonly string[]> => objects.names(await objects.list('locks/'));
      await objects.insert('other');
      await objects.insert('locks/b');
      const one = await names();
      await objects.insert('locks/a');
      const two = await names();
      const patched = await objects.patch('locks/a', { metadata: { a: '1' } });
      const [listed] = (await objects.list('locks/a')).items;
      await objects.remove('locks/b');
      return {
        one,
        two,
        isPatched: listed?.metageneration === patched.object.metageneration,
        afterDelete: await names(),
      };
    },
    google: { one: ['locks/b'], two: ['locks/a', 'locks/b'], isPatched: true, afterDelete: ['locks/a'] },
  },
];
