import { expect, it } from 'vitest';
import { expectTried, playMany } from './play-many.ts';
import { playCalls } from './random-calls.ts';

it('random calls of semaphores and pools keep every promise, in very many worlds', async () => {
  const played = await playMany(50);
  expect(played.wrong).toEqual([]);
  const rare = ['release: ERR_STORE_UNAVAILABLE', 'left: release-failed', 'clean: done'];
  expectTried(played, [...rare, 'setPermits: done', 'remove: done']);
});

it('the same seed gives the same calls and the same requests', async () => {
  const trace = async (): Promise<string> => {
    const { counts, memory } = await playCalls('semaphore', 1);
    const requests = memory.emulator.requests.all().map(({ at, url, status }) => `${at} ${url} ${status}`);
    return [...counts, ...requests].join('\n');
  };
  const alone = await trace();
  const [again] = await Promise.all([trace(), playCalls('pool', 2)]);
  expect(again).toBe(alone);
});
