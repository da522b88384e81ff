import type { Call } from '../calls.ts';
import type { Row } from '../rows.ts';
import type { World } from '../world.ts';
import type { Case } from './cell.ts';
import { needsHttp, playStroke } from './play.ts';
import { type Place, PLACES } from './places.ts';

const NAMES: Readonly<Record<Call, string>> = {
  C: 'a create',
  G: 'a read',
  R: 'a refresh',
  T: 'a takeover',
  D: 'a release',
};

const nameOf = ({ fault, call, when }: Place): string =>
  `${NAMES[call]} that is struck ${when} it is carried out ends as the matrix says (${fault})`;

async function playAll(world: World, { call, when }: Place, cases: readonly Case[]): Promise<void> {
  for (const played of cases) await playStroke(world, { call, when, played });
}

/** Each cell of the matrix that makes sense, without what only a network can do, or without what takes its time. */
export const CELLS: readonly Row[] = PLACES.flatMap((place): Row[] => {
  const { row, cell } = place;
  if (typeof cell === 'string') return [];
  const onClock = cell.filter((played) => !needsHttp(played));
  const overHttp = cell.filter(({ isLong }) => isLong !== true);
  if (onClock.length + overHttp.length === 0) return [];
  const only = overHttp.length === 0 ? 'on a manual clock' : 'over HTTP';
  const play = (world: World): Promise<void> =>
    playAll(world, place, 'url' in world ? world.some(overHttp) : onClock);
  const isForBoth = onClock.length > 0 && overHttp.length > 0;
  return [{ row, name: nameOf(place), play, ...(isForBoth ? {} : { only }) }];
});

/** Each of them whole. */
export const WHOLE_CELLS: readonly Row[] = PLACES.flatMap((place): Row[] => {
  const { row, cell } = place;
  if (typeof cell === 'string') return [];
  return [{ row, name: nameOf(place), play: (world) => playAll(world, place, cell) }];
});
