import type { Claim } from '../claim.ts';
import { byGeneration, type Answer, type ObjectJson, type Objects } from '../objects.ts';
import { ELSEWHERE, PAGES } from '../pages.ts';

const INT64_MAX = 2n ** 63n - 1n;

/** How often a write is repeated until a time shows it: two writes may fall into one millisecond. */
const WRITES_MAX = 20;

/** Whether a time of the object moves with a write. */
async function isMovedBy(
  write: () => Promise<Answer>,
  objects: Objects,
  field: 'updated' | 'timeCreated',
): Promise<boolean> {
  const before = (await objects.get('job')).object[field];
  for (let count = 0; count < WRITES_MAX; count += 1) {
    await write();
    const after = (await objects.get('job')).object[field];
    if (after !== before) return Date.parse(after ?? '') > Date.parse(before ?? '');
  }
  return false;
}

function kindOf(value: unknown): string {
  if (typeof value !== 'string') return typeof value;
  return /^[1-9]\d{0,18}$/.test(value) && BigInt(value) <= INT64_MAX ? 'int64 as text' : value;
}

function numbersOf({ generation, metageneration }: ObjectJson): readonly string[] {
  return [kindOf(generation), kindOf(metageneration)];
}

const NUMBERS = ['int64 as text', 'int64 as text'];

function isRaised(before: Answer, after: Answer): boolean {
  return BigInt(after.object.metageneration ?? 0) > BigInt(before.object.metageneration ?? 0);
}

/** Generation, metageneration and times: what a version is. */
export const VERSIONS: readonly Claim[] = [
  {
    says: 'every answer that shows an object says both version numbers, as text',
    source: `${PAGES.object} (both are "long", which JSON has as text)`,
    async observe(objects) {
      const inserted = await objects.insert('job');
      const patched = await objects.patch('job', { metadata: { a: '1' } });
      const got = await objects.get('job');
      const [listed = {}] = (await objects.list()).items;
      return {
        insert: numbersOf(inserted.object),
        patch: numbersOf(patched.object),
        get: numbersOf(got.object),
        list: numbersOf(listed),
      };
    },
    google: { insert: NUMBERS, patch: NUMBERS, get: NUMBERS, list: NUMBERS },
  },
  {
    says: 'every generation starts at metageneration 1',
    source: PAGES.generation,
    async observe(objects) {
      const created = await objects.insert('job');
      await objects.patch('job', { metadata: { a: '1' } });
      const overwritten = await objects.insert('job');
      await objects.patch('job', { metadata: { a: '1' } });
      await objects.remove('job');
      const recreated = await objects.insert('job');
      return {
        created: created.object.metageneration,
        overwritten: overwritten.object.metageneration,
        recreated: recreated.object.metageneration,
      };
    },
    google: { created: '1', overwritten: '1', recreated: '1' },
  },
  {
    says: 'no generation of a name comes back, not even after a delete',
    source: PAGES.generation,
    async observe(objects) {
      const seen: (string | undefined)[] = [];
      for (let round = 0; round < 3; round += 1) {
        seen.push((await objects.insert('job')).object.generation);
        seen.push((await objects.insert('job')).object.generation);
        await objects.remove('job');
      }
      return { generations: new Set(seen).size };
    },
    google: { generations: 6 },
  },
  {
    says: 'a patch keeps the generation and raises the metageneration',
    source: PAGES.generation,
    async observe(objects) {
      const created = await objects.insert('job');
      const patched = await objects.patch('job', { metadata: { a: '1' } });
      const read = await objects.get('job');
      return {
        keepsGeneration: patched.object.generation === created.object.generation,
        isRaised: isRaised(created, patched),
        isReadAgain: read.object.metageneration === patched.object.metageneration,
      };
    },
    google: { keepsGeneration: true, isRaised: true, isReadAgain: true },
  },
  {
    says: 'a patch that changes nothing raises the metageneration all the same',
    source: ELSEWHERE.emptyPatch,
    async observe(objects) {
      const resource = { metadata: { a: '1' } };
      const created = await objects.insert('job', { resource });
      const empty = await objects.patch('job', {});
      const same = await objects.patch('job', resource);
      return { empty: isRaised(created, empty), same: isRaised(empty, same) };
    },
    google: { empty: true, same: true },
  },
  {
    says: 'updated is the time of the last patch, an empty one too, and timeCreated stays',
    source: `${PAGES.object}, and of the empty patch ${ELSEWHERE.emptyPatch}`,
    async observe(objects) {
      const created = (await objects.insert('job')).object;
      const moves = await isMovedBy(() => objects.patch('job', {}), objects, 'updated');
      const patched = (await objects.get('job')).object;
      const aheadMs = Date.parse(created.updated ?? '') - Date.parse(created.timeCreated ?? '');
      return {
        startsAtCreation: Math.abs(aheadMs) < 1_000,
        moves,
        timeCreatedStays: patched.timeCreated === created.timeCreated,
      };
    },
    google: { startsAtCreation: true, moves: true, timeCreatedStays: true },
  },
  {
    says: 'a refused write moves neither version number nor updated',
    source: PAGES.preconditions,
    async observe(objects) {
      const created = await objects.insert('job', { query: { ifGenerationMatch: '0' } });
      const statuses = [
        (await objects.insert('job', { query: { ifGenerationMatch: '0' } })).status,
        (await objects.patch('job', { metadata: { a: '1' } }, { ifGenerationMatch: '12345' })).status,
        (await objects.remove('job', { ifGenerationMatch: '12345' })).status,
      ];
      const { object } = await objects.get('job');
      return {
        statuses,
        isSameVersion:
          object.generation === created.object.generation &&
          object.metageneration === created.object.metageneration,
        isSameTime: object.updated === created.object.updated,
      };
    },
    google: { statuses: [412, 412, 412], isSameVersion: true, isSameTime: true },
  },
  {
    says: 'an overwrite makes a new object: other generation, other timeCreated, nothing of the metadata before',
    source: `${PAGES.generation}; ${PAGES.insert}`,
    async observe(objects) {
      const created = await objects.insert('job', { resource: { metadata: { old: '1', shared: '1' } } });
      const query = byGeneration(created);
      const after = await objects.insert('job', { query, resource: { metadata: { shared: '2' } } });
      const { metadata } = (await objects.get('job')).object;
      return {
        isOther: after.object.generation !== created.object.generation,
        metadata,
        timeCreatedMoves: await isMovedBy(() => objects.insert('job'), objects, 'timeCreated'),
      };
    },
    google: { isOther: true, metadata: { shared: '2' }, timeCreatedMoves: true },
  },
];
