import { describe, it } from 'vitest';
import { httpWorld } from '../world.ts';
import { CELLS } from './cells.ts';

/** `npm test` plays two of the variants of each cell over HTTP, and all of them on a manual clock. */
describe('over HTTP, each variant of each fault', () => {
  for (const { row, name, store, play } of CELLS) {
    it.concurrent(`row ${row}: ${name}`, async () => {
      await using world = await httpWorld(store);
      await play({ ...world, some: (variants) => variants });
      await world.end();
    });
  }
});
