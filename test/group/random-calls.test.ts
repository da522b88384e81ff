import { expect, it } from 'vitest';
import { playMany } from './play-many.ts';

it('random calls of semaphores and pools in bad weather keep every promise', async () => {
  const { wrong, counts } = await playMany(5);
  expect(wrong).toEqual([]);
  // Else nothing was tried.
  for (const what of ['acquire: done', 'release: done', 'run: done', 'refresh: done'])
    expect(counts.get(what)).toBeGreaterThan(0);
});
