import type { GcsMutexOptions } from '../../../src/options.ts';
import type { Case, Fault, Seen } from './cell.ts';

/** Something for each of the calls that are the columns of a matrix. */
export type SideOf<Key extends string, Each> = Readonly<Record<Key, Each>>;

/** What the rows of a matrix with such columns are made of. */
export function sidesOf<Key extends string>(keys: readonly Key[]) {
  type Side<Each> = SideOf<Key, Each>;
  type Cases = Side<readonly Case[]>;

  /** The same for each call. */
  const each = <Each>(of: (key: Key) => Each): Side<Each> =>
    Object.fromEntries(keys.map((key) => [key, of(key)])) as Side<Each>;

  return {
    each,
    /** Every fault in turn, with what comes out. */
    faced: (faults: readonly Fault[], seen: Side<Seen>, options: GcsMutexOptions = {}): Cases =>
      each((key) => faults.map((fault) => ({ fault, seen: seen[key], options }))),
    /** The same, where only a time limit ends it. */
    outwaited: (faults: readonly Fault[], seen: Side<Seen>): Cases =>
      each((key) => faults.map((fault) => ({ fault, seen: seen[key], isLong: true }))),
    /** What is answered again and again, where the first time ends the call. */
    endedBy: (fault: Fault, seen: Side<Seen>): Cases =>
      each((key) => [{ what: 'always', fault, times: Infinity, seen: seen[key] }]),
    /** What makes no sense, and why. */
    none: (why: string): Side<string> => each(() => why),
    both: (one: Cases, other: Cases): Cases => each((key) => [...one[key], ...other[key]]),
    once: (cells: Cases): Cases => each((key) => cells[key].map((played) => ({ ...played, what: 'once' }))),
  };
}
