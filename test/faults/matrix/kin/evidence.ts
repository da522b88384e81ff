import { evidenceOf, type Table } from '../evidence.ts';
import { KIN_PLACES } from './cells.ts';
import { COLUMNS, type Key, KEYS } from './columns.ts';
import type { Primitive } from './primitives.ts';
import { KIN_MATRIX } from './table.ts';

const PRIMITIVES: readonly Primitive[] = ['semaphore', 'pool', 'event', 'rate limiter'];

/** A table for each primitive: all in one would be too wide to read. */
const TABLES = PRIMITIVES.map((of): Table<Key> => {
  const heads = KEYS.filter((key) => COLUMNS[key].of === of).map((key) => [
    key,
    `${of}: ${COLUMNS[key].head}`,
  ]);
  return { matrix: KIN_MATRIX, heads: Object.fromEntries(heads) };
});

/** The matrix as a page shows it. */
export function kinEvidence(): string {
  return evidenceOf(TABLES, KIN_PLACES);
}
