import { describe, inject, it } from 'vitest';
import { through } from '../through/way.ts';
import { httpWorld } from './http-world.ts';
import { manualWorld, type StoreOptions, type World } from './world.ts';

/** One row of the list of faults that the lock must survive, or a part of one. */
export interface Row {
  readonly row: number;
  /** What the lock does, as a sentence. */
  readonly name: string;
  /** How the store behaves where it may choose. */
  readonly store?: StoreOptions;
  readonly play: (world: World) => Promise<void>;
  /** Where it is played, if not in both worlds. */
  readonly only?: 'on a manual clock' | 'over HTTP';
}

/** Plays rows twice: with the store in this process on a clock that the test drives, and over real HTTP. */
export function playRows(rows: readonly Row[]): void {
  describe('on a manual clock', () => {
    for (const { row, name, play, store, only } of rows) {
      if (only === 'over HTTP') continue;
      it(`row ${row}: ${name}`, async () => {
        const world = manualWorld(store);
        await play(world);
        await world.end();
      });
    }
  });
  // In a way through HTTP the rows above have been through it already.
  if (through().way !== 'memory' || inject('isMutated')) return;
  playOverHttp('over HTTP', rows);
}

/** At the same time, since most of their time is waiting for a time limit. */
export function playOverHttp(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const { row, name, play, store, only } of rows) {
      if (only === 'on a manual clock') continue;
      it.concurrent(`row ${row}: ${name}`, async () => {
        await using world = await httpWorld(store);
        await play(world);
        await world.end();
      });
    }
  });
}
