import { expect, it } from 'vitest';
import { expectTried, playMany } from './play-many.ts';

it('random calls of semaphores and pools in bad weather keep every promise', async () => {
  const played = await playMany(5);
  expect(played.wrong).toEqual([]);
  expectTried(played, ['acquire: done', 'release: done', 'run: done', 'refresh: done']);
});
