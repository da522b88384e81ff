import type { Claim } from '../claim.ts';
import { both, byGeneration, type Answer } from '../objects.ts';
import { ELSEWHERE, PAGES } from '../pages.ts';
import { isGone, isSuccess } from './tools.ts';

/** A token as a lock sends it, new for each request that is built. */
function token(): { readonly 'x-goog-gcs-idempotency-token': string } {
  return { 'x-goog-gcs-idempotency-token': crypto.randomUUID() };
}

/** A repeated request is refused by its own first attempt, or answered once more with what came of that. */
function isHarmless(first: Answer, second: Answer): boolean {
  const isReplay = second.status === first.status && second.text === first.text;
  return isReplay || isGone(second);
}

/** What a lock may expect of a request that arrives twice. */
export const REPEATS: readonly Claim[] = [
  {
    says: 'a guarded write that arrives twice is refused by its own first attempt',
    source: `${PAGES.retry}; ${PAGES.preconditions}`,
    async observe(objects) {
      const create = { query: { ifGenerationMatch: '0' } };
      const created = await objects.insert('job', create);
      const again = await objects.insert('job', create);
      const patched = await objects.patch('job', {}, both(created));
      const patchedAgain = await objects.patch('job', {}, both(created));
      const removed = await objects.remove('job', byGeneration(created));
      const removedAgain = await objects.remove('job', byGeneration(created));
      return {
        insert: [created.status, again.status],
        patch: [patched.status, patchedAgain.status],
        delete: [isSuccess(removed), isGone(removedAgain)],
      };
    },
    google: { insert: [200, 412], patch: [200, 412], delete: [true, true] },
  },
  {
    says: 'with the token of its first attempt it is refused too, or answered as that was',
    source: ELSEWHERE.idempotencyToken,
    async observe(objects) {
      const [insert, patch, remove] = [token(), token(), token()];
      const create = { query: { ifGenerationMatch: '0' }, headers: insert };
      const created = await objects.insert('job', create);
      const again = await objects.insert('job', create);
      const patched = await objects.patch('job', {}, both(created), patch);
      const patchedAgain = await objects.patch('job', {}, both(created), patch);
      const { generation, metageneration } = (await objects.get('job')).object;
      const removed = await objects.remove('job', byGeneration(created), remove);
      const removedAgain = await objects.remove('job', byGeneration(created), remove);
      return {
        insert: isHarmless(created, again),
        patch: isHarmless(patched, patchedAgain),
        happenedOnce:
          generation === created.object.generation && metageneration === patched.object.metageneration,
        delete: isHarmless(removed, removedAgain),
      };
    },
    google: { insert: true, patch: true, happenedOnce: true, delete: true },
  },
  {
    says: 'a new token is a new request',
    source: ELSEWHERE.idempotencyToken,
    async observe(objects) {
      const create = (): Promise<Answer> =>
        objects.insert('job', { query: { ifGenerationMatch: '0' }, headers: token() });
      return { first: (await create()).status, second: (await create()).status };
    },
    google: { first: 200, second: 412 },
  },
  {
    says: 'reads are not limited',
    source: PAGES.quotas,
    async observe(objects) {
      await objects.insert('job');
      const reads = await Promise.all(Array.from({ length: 20 }, () => objects.get('job')));
      return { statuses: [...new Set(reads.map(({ status }) => status))] };
    },
    google: { statuses: [200] },
  },
];
