import type { Call, CallFault } from '../calls.ts';
import { CALLS, type Cell, type MatrixRow } from './cell.ts';
import { MATRIX } from './table.ts';

/** One place of a matrix. */
export interface Place<Key extends string = Call> {
  readonly row: number;
  readonly fault: string;
  readonly call: Key;
  readonly when: CallFault['when'];
  readonly cell: Cell;
}

/** Every place of a matrix, in the order in which the table is read. */
export function placesOf<Key extends string>(
  matrix: readonly MatrixRow<Key>[],
  keys: readonly Key[],
): readonly Place<Key>[] {
  return matrix.flatMap(({ row, fault, ...sides }) =>
    keys.flatMap((call) =>
      (['before', 'after'] as const).map((when) => ({ row, fault, call, when, cell: sides[when][call] })),
    ),
  );
}

export const PLACES = placesOf(MATRIX, CALLS);
