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

/** In a bucket whose objects are held from the start. */
export const UNDER_HOLD: readonly Claim[] = [
  {
    says: 'a default event-based hold lets create and patch through, and refuses overwrite and delete with 403',
    source: PAGES.holds,
    async observe(objects) {
      const created = await objects.insert('job', { query: { ifGenerationMatch: '0' } });
      const patched = await objects.patch('job', { metadata: { a: '1' } }, both(created));
      return {
        create: created.status,
        patch: patched.status,
        overwrite: (await objects.insert('job', { query: both(patched) })).status,
        delete: (await objects.remove('job', byGeneration(patched))).status,
      };
    },
    google: { create: 200, patch: 200, overwrite: 403, delete: 403 },
  },
];

/** In a bucket that keeps what is overwritten or deleted. */
export const WITH_COPIES: readonly Claim[] = [
  {
    says: 'what a bucket keeps of deleted and overwritten versions is no live object, and a patch leaves nothing to keep',
    source: `${PAGES.versioning}; ${PAGES.softDelete}`,
    async observe(objects) {
      const create = { query: { ifGenerationMatch: '0' } };
      const versions = async (): Promise<number> =>
        (await objects.list('', { versions: 'true' })).items.length;
      const first = await objects.insert('job', create);
      const patched = await objects.patch('job', {}, both(first));
      const afterPatch = await versions();
      const second = await objects.insert('job', { query: both(patched) });
      const afterOverwrite = await versions();
      const late = await objects.patch('job', {}, both(patched));
      await objects.remove('job', byGeneration(second));
      const gone = await objects.get('job');
      const listed = (await objects.list()).items.length;
      return {
        afterPatch,
        afterOverwrite,
        late: late.status,
        get: gone.status,
        listed,
        created: isSuccess(await objects.insert('job', create)),
      };
    },
    google: { afterPatch: 1, afterOverwrite: 2, late: 412, get: 404, listed: 0, created: true },
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
