import { expect, it } from 'vitest';
import { playMany } from './play-many.ts';
import { playCalls } from './random-calls.ts';

it('random calls of semaphores and pools keep every promise, in very many worlds', async () => {
  const { wrong, counts } = await playMany(60);
  expect(wrong).toEqual([]);
  for (const what of [
    'release: ERR_STORE_UNAVAILABLE',
    'left: release-failed',
    'setPermits: done',
    'remove: done',
  ])
    expect(counts.get(what)).toBeGreaterThan(0);
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
