import type { Call, CallFault } from '../calls.ts';
import { CALLS, type Cell } from './cell.ts';
import { MATRIX } from './table.ts';

/** One place of the matrix. */
export interface Place {
  readonly row: number;
  readonly fault: string;
  readonly call: Call;
  readonly when: CallFault['when'];
  readonly cell: Cell;
}

/** Every place, in the order in which the table is read. */
export const PLACES: readonly Place[] = MATRIX.flatMap(({ row, fault, ...sides }) =>
  CALLS.flatMap((call) =>
    (['before', 'after'] as const).map((when) => ({ row, fault, call, when, cell: sides[when][call] })),
  ),
);
