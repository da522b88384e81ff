import type { Call } from '../calls.ts';
import type { Row } from '../rows.ts';
import type { World } from '../world.ts';
import { needsHttp, playStroke } from './play.ts';
import { type Place, PLACES } from './places.ts';

const NAMES: Readonly<Record<Call, string>> = {
  C: 'a create',
  G: 'a read',
  R: 'a refresh',
  T: 'a takeover',
  D: 'a release',
};

function rowsOf({ row, fault, call, when, cell }: Place): readonly Row[] {
  if (typeof cell === 'string') return [];
  return [
    {
      row,
      name: `${NAMES[call]} that is struck ${when} it is carried out ends as the matrix says (${fault})`,
      needsHttp: cell.every(needsHttp),
      play: async (world: World) => {
        // Without a network the cases that need one are left out.
        const playable = cell.filter((played) => 'url' in world || !needsHttp(played));
        for (const played of world.some(playable)) await playStroke(world, { call, when, played });
      },
    },
  ];
}

/** Each cell of the matrix that makes sense, to be played. */
export const CELLS: readonly Row[] = PLACES.flatMap(rowsOf);
