import type { Claim } from '../claim.ts';
import { both, byGeneration } from '../objects.ts';
import { PAGES } from '../pages.ts';
import { isSuccess } from './tools.ts';

/** In a bucket with a retention policy. */
export const UNDER_RETENTION: readonly Claim[] = [
  {
    says: 'a retention policy lets create and patch through, and refuses overwrite and delete with 403',
    source: PAGES.bucketLock,
    async observe(objects) {
      const created = await objects.insert('job', { query: { ifGenerationMatch: '0' } });
      const patched = await objects.patch('job', { metadata: { a: '1' } }, both(created));
      const overwrite = await objects.insert('job', { query: both(patched) });
      const remove = await objects.remove('job', byGeneration(patched));
      return {
        create: created.status,
        patch: patched.status,
        overwrite: [overwrite.status, overwrite.error.reason],
        delete: [remove.status, remove.error.reason],
        late: (await objects.remove('job', { ifGenerationMatch: '12345' })).status,
      };
    },
    google: {
      create: 200,
      patch: 200,
      overwrite: [403, 'retentionPolicyNotMet'],
      delete: [403, 'retentionPolicyNotMet'],
      late: 412,
    },
  },
];

/** In a bucket that keeps what is overwritten or deleted. */
export const WITH_COPIES: readonly Claim[] = [
  {
    says: 'what a bucket keeps of deleted and overwritten versions is no live object',
    source: `${PAGES.versioning}; ${PAGES.softDelete}`,
    async observe(objects) {
      const create = { query: { ifGenerationMatch: '0' } };
      const first = await objects.insert('job', create);
      const second = await objects.insert('job', { query: both(first) });
      const late = await objects.patch('job', {}, both(first));
      await objects.remove('job', byGeneration(second));
      const gone = await objects.get('job');
      const listed = (await objects.list()).items.length;
      return {
        late: late.status,
        get: gone.status,
        listed,
        created: isSuccess(await objects.insert('job', create)),
      };
    },
    google: { late: 412, get: 404, listed: 0, created: true },
  },
];

/** Where the limit of one mutation a second is in force and the requests come faster. */
export const ABOVE_THE_LIMIT: readonly Claim[] = [
  {
    says: 'a write that comes too soon is 429 with a rate limit as its reason, and is not carried out',
    source: `${PAGES.quotas}; ${PAGES.statusCodes}`,
    async observe(objects) {
      const created = await objects.insert('job', { query: { ifGenerationMatch: '0' } });
      const { status, error } = await objects.patch('job', { metadata: { a: '1' } }, both(created));
      const read = await objects.get('job');
      return {
        status,
        reason: error.reason,
        isUntouched: read.object.metageneration === created.object.metageneration,
        otherName: (await objects.insert('other')).status,
      };
    },
    google: { status: 429, reason: 'rateLimitExceeded', isUntouched: true, otherName: 200 },
  },
];
