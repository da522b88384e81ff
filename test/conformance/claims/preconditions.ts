import type { Claim, Seen } from '../claim.ts';
import { both, byGeneration, type Answer, type Objects, type Query } from '../objects.ts';
import { PAGES } from '../pages.ts';
import { isGone, isSuccess } from './tools.ts';

/** Numbers that no object of a test has. */
const OTHER_GENERATION = { ifGenerationMatch: '12345' };
const OTHER_METAGENERATION = { ifMetagenerationMatch: '99' };

const CREATE = { query: { ifGenerationMatch: '0' } };

type Write = (objects: Objects, query: Query) => Promise<Answer>;

const WRITES: Readonly<Record<'insert' | 'patch' | 'delete', Write>> = {
  insert: (objects, query) => objects.insert('job', { query }),
  patch: (objects, query) => objects.patch('job', { metadata: { a: '1' } }, query),
  delete: (objects, query) => objects.remove('job', query),
};

/** What each write answers, one after the other. */
async function eachWrite(write: (send: Write) => Promise<unknown>): Promise<Seen> {
  const seen: Record<string, unknown> = {};
  for (const [name, send] of Object.entries(WRITES)) seen[name] = await write(send);
  return seen;
}

/** A write with both guards is carried out if both match, and only then. */
function guardedByBoth(name: keyof typeof WRITES): Claim {
  const send = WRITES[name];
  return {
    says: `${name} with both guards is carried out only if both match`,
    source: `${PAGES.preconditions}; ${PAGES[name]}`,
    async observe(objects) {
      await objects.insert('job');
      const seen = await objects.patch('job', { metadata: { refreshed: 'once' } });
      const before = await objects.get('job');
      return {
        patchBefore: seen.status,
        otherGeneration: (await send(objects, both(before, OTHER_GENERATION))).status,
        otherMetageneration: (await send(objects, both(before, OTHER_METAGENERATION))).status,
        earlierMetageneration: (await send(objects, both(before, { ifMetagenerationMatch: '1' }))).status,
        isUntouched: (await objects.get('job')).text === before.text,
        matches: isSuccess(await send(objects, both(before))),
      };
    },
    google: {
      patchBefore: 200,
      otherGeneration: 412,
      otherMetageneration: 412,
      earlierMetageneration: 412,
      isUntouched: true,
      matches: true,
    },
  };
}

/** Of several writes at once that name one version, one is carried out. */
function won(answers: readonly Answer[]): Seen {
  const losers = answers.filter((answer) => !isSuccess(answer));
  return {
    winners: answers.length - losers.length,
    // Contention can show as 429.
    areOthersRefused: losers.every(({ status }) => [412, 429].includes(status)),
  };
}

const ONE_WINS = { winners: 1, areOthersRefused: true };

/** Which write is carried out under which precondition. */
export const PRECONDITIONS: readonly Claim[] = [
  {
    says: 'ifGenerationMatch=0 creates an object only where there is none',
    source: `${PAGES.preconditions}; ${PAGES.insert}`,
    async observe(objects) {
      const first = await objects.insert('job', { ...CREATE, body: 'first' });
      const second = await objects.insert('job', { ...CREATE, body: 'second' });
      const body = (await objects.get('job', { alt: 'media' })).text;
      await objects.remove('job');
      const third = await objects.insert('job', CREATE);
      return { first: first.status, second: second.status, body, afterDelete: third.status };
    },
    google: { first: 200, second: 412, body: 'first', afterDelete: 200 },
  },
  {
    says: 'ifGenerationMatch=0 is refused on a patch and a delete of an object that is there',
    source: PAGES.preconditions,
    async observe(objects) {
      await objects.insert('job');
      const patch = await objects.patch('job', {}, CREATE.query);
      const remove = await objects.remove('job', CREATE.query);
      return { patch: patch.status, delete: remove.status, isThere: (await objects.get('job')).status };
    },
    google: { patch: 412, delete: 412, isThere: 200 },
  },
  guardedByBoth('insert'),
  guardedByBoth('patch'),
  guardedByBoth('delete'),
  {
    says: 'each write is guarded by a generation alone, whatever the metageneration',
    source: PAGES.preconditions,
    observe: (objects) =>
      eachWrite(async (send) => {
        const created = await objects.insert('job');
        await objects.patch('job', {});
        const refused = await send(objects, OTHER_GENERATION);
        return [refused.status, isSuccess(await send(objects, byGeneration(created)))];
      }),
    google: { insert: [412, true], patch: [412, true], delete: [412, true] },
  },
  {
    says: 'each write is guarded by a metageneration alone, which matches another generation too',
    source: `${PAGES.preconditions}; ${PAGES.generation}`,
    observe: (objects) =>
      eachWrite(async (send) => {
        await objects.insert('job');
        await objects.insert('job');
        const refused = await send(objects, OTHER_METAGENERATION);
        return [refused.status, isSuccess(await send(objects, { ifMetagenerationMatch: '1' }))];
      }),
    google: { insert: [412, true], patch: [412, true], delete: [412, true] },
  },
  {
    says: 'a version that was deleted and created again is another one to every guarded write',
    source: `${PAGES.preconditions}; ${PAGES.generation}`,
    async observe(objects) {
      const old = await objects.insert('job', CREATE);
      await objects.remove('job');
      const next = await objects.insert('job', CREATE);
      const seen = await eachWrite(async (send) => (await send(objects, both(old))).status);
      const byGenerationAlone = (await objects.remove('job', byGeneration(old))).status;
      const isThere = (await objects.get('job')).object.generation === next.object.generation;
      return { ...seen, deleteByGeneration: byGenerationAlone, isThere };
    },
    google: { insert: 412, patch: 412, delete: 412, deleteByGeneration: 412, isThere: true },
  },
  {
    says: 'a guarded write on an object that is gone says so, by 404 or by 412',
    source: `${PAGES.preconditions} (412); ${PAGES.statusCodes} (404); no page says which`,
    async observe(objects) {
      const created = await objects.insert('job');
      await objects.remove('job');
      const seen = await eachWrite(async (send) => isGone(await send(objects, both(created))));
      const byGenerationAlone = isGone(await objects.remove('job', byGeneration(created)));
      return { ...seen, deleteByGeneration: byGenerationAlone, get: (await objects.get('job')).status };
    },
    google: { insert: true, patch: true, delete: true, deleteByGeneration: true, get: 404 },
  },
  {
    says: 'a guard whose value is no int64 is 400, and nothing is done',
    source: `${PAGES.preconditions} (the value is a number); ${PAGES.statusCodes} (400)`,
    async observe(objects) {
      let isUntouched = true;
      const seen = await eachWrite(async (send) => {
        const statuses: number[] = [];
        for (const value of ['now', '9223372036854775808']) {
          const { object } = await objects.insert('job');
          statuses.push((await send(objects, { ifGenerationMatch: value })).status);
          const { generation, metageneration } = (await objects.get('job')).object;
          isUntouched &&= generation === object.generation && metageneration === object.metageneration;
        }
        return statuses;
      });
      return { ...seen, isUntouched };
    },
    google: { insert: [400, 400], patch: [400, 400], delete: [400, 400], isUntouched: true },
  },
  {
    says: 'a read with a guard that does not match is 412',
    source: `${PAGES.preconditions}; ${PAGES.get}`,
    async observe(objects) {
      const created = await objects.insert('job');
      return {
        matches: (await objects.get('job', both(created))).status,
        otherGeneration: (await objects.get('job', both(created, OTHER_GENERATION))).status,
        otherMetageneration: (await objects.get('job', both(created, OTHER_METAGENERATION))).status,
      };
    },
    google: { matches: 200, otherGeneration: 412, otherMetageneration: 412 },
  },
  {
    says: 'a read of a version that one knows already is 304',
    source: `${PAGES.preconditions}; ${PAGES.get}`,
    async observe(objects) {
      const { generation = '', metageneration = '' } = (await objects.insert('job')).object;
      return {
        sameGeneration: (await objects.get('job', { ifGenerationNotMatch: generation })).status,
        otherGeneration: (await objects.get('job', { ifGenerationNotMatch: '12345' })).status,
        sameMetageneration: (await objects.get('job', { ifMetagenerationNotMatch: metageneration })).status,
        otherMetageneration: (await objects.get('job', { ifMetagenerationNotMatch: '99' })).status,
      };
    },
    google: { sameGeneration: 304, otherGeneration: 200, sameMetageneration: 304, otherMetageneration: 200 },
  },
  {
    says: 'of several creates at once one wins',
    source: PAGES.preconditions,
    observe: async (objects) =>
      won(await Promise.all(Array.from({ length: 5 }, () => objects.insert('job', CREATE)))),
    google: ONE_WINS,
  },
  {
    says: 'of several takeovers of one version at once one wins',
    source: PAGES.preconditions,
    async observe(objects) {
      const query = both(await objects.insert('job'));
      return won(await Promise.all(Array.from({ length: 5 }, () => objects.insert('job', { query }))));
    },
    google: ONE_WINS,
  },
  {
    says: 'of a refresh and a takeover of one version at once one wins',
    source: PAGES.preconditions,
    async observe(objects) {
      const created = await objects.insert('job');
      const writes = [WRITES.patch, WRITES.insert].map((send) => send(objects, both(created)));
      return won(await Promise.all(writes));
    },
    google: ONE_WINS,
  },
];
