import type { Row } from '../../rows.ts';
import type { World } from '../../world.ts';
import type { Case } from '../cell.ts';
import { type Place, placesOf } from '../places.ts';
import { COLUMNS, type Key, KEYS } from './columns.ts';
import { playStroke } from './play.ts';
import { KIN_MATRIX } from './table.ts';

type KinPlace = Place<Key>;

/** Every place of the matrix of what is built on the lock, or on its parts. */
export const KIN_PLACES = placesOf<Key>(KIN_MATRIX, KEYS);

/** Those of each cell that need no long wait. */
const quick = (cell: readonly Case[]): readonly Case[] => cell.filter(({ isLong }) => isLong !== true);

/** Rows that HTTP makes something of its own of: of several that come to the same there, one. */
const HTTP_ROWS = new Set([2, 6, 7, 16, 17, 18, 19, 22, 25, 28]);

/** Each cell that makes sense: on a manual clock all its variants, over HTTP the last that needs no long wait. */
export const KIN_CELLS: readonly Row[] = KIN_PLACES.flatMap((place): Row[] => {
  const { cell } = place;
  if (typeof cell === 'string') return [];
  const play = (world: World): Promise<void> =>
    playAll(world, place, 'url' in world ? quick(cell).slice(-1) : cell);
  const isForBoth = quick(cell).length > 0 && HTTP_ROWS.has(place.row);
  const only = isForBoth ? {} : { only: 'on a manual clock' as const };
  return [{ row: place.row, name: nameOf(place), play, ...only }];
});

/** What can hurt most: an answer that is lost, a request that is doubled, a store that is busy, one that forbids. */
const WORST_ROWS = new Set([2, 16, 17, 19]);

/** One variant of each of their cells; over HTTP where the answer is lost. */
export const WORST_KIN_CELLS: readonly Row[] = KIN_PLACES.flatMap((place): Row[] => {
  const { row, cell } = place;
  const [first] = typeof cell === 'string' ? [] : quick(cell);
  if (first === undefined || !WORST_ROWS.has(row)) return [];
  const only = row === 2 ? {} : { only: 'on a manual clock' as const };
  return [{ row, name: nameOf(place), play: (world) => playAll(world, place, [first]), ...only }];
});

function nameOf({ call, when, fault }: KinPlace): string {
  const { of, head } = COLUMNS[call];
  return `${of}: ${head} that is struck ${when} it is carried out ends as the matrix says (${fault})`;
}

async function playAll(world: World, { call, when }: KinPlace, cases: readonly Case[]): Promise<void> {
  for (const played of cases) await playStroke(world, { column: COLUMNS[call], when, played });
}
