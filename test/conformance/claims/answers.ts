import type { Claim } from '../claim.ts';
import { byGeneration, type Answer, type ObjectJson } from '../objects.ts';
import { ELSEWHERE, PAGES } from '../pages.ts';

const IMF_FIXDATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_3339_MS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Our own choice of `clockSkewMs`, and the second that `Date` is cut to. */
const SKEW_MS = 2_000 + 1_000;

const STRANGE = 'Ω "q" \\ \u{1F512} \t';

function hasDate({ headers }: Answer): boolean {
  return IMF_FIXDATE.test(headers.get('date') ?? '');
}

function refusal({ status, error }: Answer): readonly unknown[] {
  return [status, error.code, error.reason, typeof error.message];
}

/** What answers look like, refusals too. */
export const ANSWERS: readonly Claim[] = [
  {
    says: 'every answer has a Date in whole seconds',
    source: ELSEWHERE.date,
    async observe(objects) {
      const created = await objects.insert('job');
      const { generation = '' } = created.object;
      return {
        insert: hasDate(created),
        refused: hasDate(await objects.insert('job', { query: { ifGenerationMatch: '0' } })),
        patch: hasDate(await objects.patch('job', {})),
        get: hasDate(await objects.get('job')),
        notModified: hasDate(await objects.get('job', { ifGenerationNotMatch: generation })),
        list: hasDate(await objects.list()),
        delete: hasDate(await objects.remove('job')),
        missing: hasDate(await objects.get('job')),
      };
    },
    google: {
      insert: true,
      refused: true,
      patch: true,
      get: true,
      notModified: true,
      list: true,
      delete: true,
      missing: true,
    },
  },
  {
    says: 'Date and updated are of clocks that agree within clockSkewMs',
    source: ELSEWHERE.clockSkew,
    async observe(objects) {
      const startedAt = performance.now();
      const { headers, object } = await objects.insert('job');
      const aheadMs = Date.parse(headers.get('date') ?? '') - Date.parse(object.updated ?? '');
      const tookMs = performance.now() - startedAt;
      return { agree: aheadMs >= -SKEW_MS && aheadMs <= SKEW_MS + tookMs };
    },
    google: { agree: true },
  },
  {
    says: 'times are RFC 3339 in UTC with milliseconds',
    source: PAGES.object,
    async observe(objects) {
      // Of several objects: finer digits may happen to be zero.
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      const answers = await Promise.all(names.map((name) => objects.insert(name)));
      const isInMs = (field: 'updated' | 'timeCreated'): boolean =>
        answers.every(({ object }) => RFC_3339_MS.test(object[field] ?? ''));
      return { updated: isInMs('updated'), timeCreated: isInMs('timeCreated') };
    },
    google: { updated: true, timeCreated: true },
  },
  {
    says: 'a delete is answered with 204 and without a body',
    source: `${PAGES.delete} ("an empty response body")`,
    async observe(objects) {
      const created = await objects.insert('job');
      const { status, text } = await objects.remove('job', byGeneration(created));
      return { status, text };
    },
    google: { status: 204, text: '' },
  },
  {
    says: 'a precondition that does not hold is 412 with the reason conditionNotMet',
    source: PAGES.statusCodes,
    async observe(objects) {
      await objects.insert('job');
      return {
        insert: refusal(await objects.insert('job', { query: { ifGenerationMatch: '0' } })),
        patch: refusal(await objects.patch('job', {}, { ifMetagenerationMatch: '99' })),
        delete: refusal(await objects.remove('job', { ifGenerationMatch: '12345' })),
      };
    },
    google: {
      insert: [412, 412, 'conditionNotMet', 'string'],
      patch: [412, 412, 'conditionNotMet', 'string'],
      delete: [412, 412, 'conditionNotMet', 'string'],
    },
  },
  {
    says: 'a missing object is 404 with the reason notFound',
    source: PAGES.statusCodes,
    async observe(objects) {
      return {
        get: refusal(await objects.get('job')),
        patch: refusal(await objects.patch('job', {})),
        delete: refusal(await objects.remove('job')),
        list: (await objects.list()).status,
      };
    },
    google: {
      get: [404, 404, 'notFound', 'string'],
      patch: [404, 404, 'notFound', 'string'],
      delete: [404, 404, 'notFound', 'string'],
      list: 200,
    },
  },
  {
    says: 'a missing bucket is 404, in words that tell it from a missing object',
    source: `${PAGES.statusCodes}; the words: emulator/README.md`,
    async observe(objects) {
      const nowhere = objects.inMissingBucket();
      const words = /\bbucket does not exist\b/i;
      const told = ({ status, error }: Answer): readonly unknown[] => [
        status,
        words.test(error.message ?? ''),
      ];
      return {
        get: told(await nowhere.get('job')),
        object: told(await objects.get('job')),
        insert: told(await nowhere.insert('job', { query: { ifGenerationMatch: '0' } })),
      };
    },
    google: { get: [404, true], object: [404, false], insert: [404, true] },
  },
  {
    says: 'fields cuts an answer down to what was asked for',
    source: PAGES.partialResponse,
    async observe(objects) {
      const fields = ['generation', 'metadata', 'metageneration'];
      const resource = { metadata: { a: '1' } };
      const query = { fields: fields.join(',') };
      const isCut = (object: ObjectJson = {}): boolean =>
        JSON.stringify(Object.keys(object).toSorted()) === JSON.stringify(fields);
      return {
        insert: isCut((await objects.insert('job', { resource, query })).object),
        patch: isCut((await objects.patch('job', resource, query)).object),
        get: isCut((await objects.get('job', query)).object),
        list: isCut((await objects.list('', { fields: `items(${query.fields})` })).items[0]),
      };
    },
    google: { insert: true, patch: true, get: true, list: true },
  },
  {
    says: 'alt=json and projection=noAcl are taken by every call that a lock sends them with',
    source: `${PAGES.insert}; ${PAGES.patch}; ${PAGES.get}`,
    async observe(objects) {
      const query = { alt: 'json', projection: 'noAcl' };
      const shown = ({ status, object }: Answer): readonly unknown[] => [status, 'acl' in object];
      return {
        insert: shown(await objects.insert('job', { query })),
        patch: shown(await objects.patch('job', {}, query)),
        get: shown(await objects.get('job', query)),
      };
    },
    google: { insert: [200, false], patch: [200, false], get: [200, false] },
  },
  {
    says: 'an insert keeps content type, cacheControl, storage class and body as they were said',
    source: `${PAGES.cacheControl}; ${PAGES.storageClasses}; ${PAGES.insert}`,
    async observe(objects) {
      const resource = {
        contentType: 'text/plain; charset=utf-8',
        cacheControl: 'no-store',
        storageClass: 'STANDARD',
      };
      await objects.insert('job', { resource, body: STRANGE });
      const { contentType, cacheControl, storageClass, size } = (await objects.get('job')).object;
      const body = (await objects.get('job', { alt: 'media' })).text;
      return { contentType, cacheControl, storageClass, size, body };
    },
    google: {
      contentType: 'text/plain; charset=utf-8',
      cacheControl: 'no-store',
      storageClass: 'STANDARD',
      size: String(Buffer.byteLength(STRANGE)),
      body: STRANGE,
    },
  },
];

/** What only a store that wants credentials can show. */
export const ANSWERS_TO_STRANGERS: readonly Claim[] = [
  {
    says: 'an unknown token is 401 in the error body of Google, and nothing is done',
    source: PAGES.statusCodes,
    async observe(objects) {
      const headers = { authorization: 'Bearer nobody-knows-this' };
      const { status, error } = await objects.insert('job', { headers });
      return { status, code: error.code, made: (await objects.get('job')).status };
    },
    google: { status: 401, code: 401, made: 404 },
  },
];
