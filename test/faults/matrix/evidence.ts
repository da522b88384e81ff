import type { Call } from '../calls.ts';
import type { Case, Cell, Fault, MatrixRow, Seen } from './cell.ts';
import { type Place, PLACES } from './places.ts';
import { MATRIX } from './table.ts';

const HEADS: Readonly<Record<Call, string>> = {
  C: 'C create',
  G: 'G get',
  R: 'R refresh',
  T: 'T takeover',
  D: 'D release',
};

/** How many cells are played, in how many ways, and how many make no sense. */
export function counts(places: readonly Pick<Place, 'cell'>[] = PLACES): {
  readonly played: number;
  readonly ways: number;
  readonly senseless: number;
} {
  const ways = places.map(({ cell }) => (typeof cell === 'string' ? 0 : cell.length));
  const played = ways.filter((count) => count > 0).length;
  return { played, ways: ways.reduce((sum, count) => sum + count, 0), senseless: ways.length - played };
}

/** One table of a page. */
export interface Table<Key extends string> {
  readonly matrix: readonly MatrixRow<Key>[];
  /** Those of its columns that are shown, and what stands above them. */
  readonly heads: Partial<Readonly<Record<Key, string>>>;
}

/** Some tables as a page shows them, with their reasons below. */
export function evidenceOf<Key extends string>(
  tables: readonly Table<Key>[],
  places: readonly Place<Key>[],
): string {
  const reasons = [...new Set(places.map(({ cell }) => cell).filter((cell) => typeof cell === 'string'))];
  const text = (cell: Cell): string =>
    typeof cell === 'string' ? `— (${letterOf(reasons.indexOf(cell))})` : endsOf(cell);
  const lines = tables.flatMap(({ matrix, heads }) => {
    const shown = Object.entries(heads) as [Key, string][];
    return [
      `| | fault | ${shown.map(([, head]) => head).join(' | ')} |`,
      `| --- | --- | ${shown.map(() => '---').join(' | ')} |`,
      ...matrix.map(({ row, fault, before, after }) => {
        const columns = shown.map(([call]) => {
          const [first, then] = [text(before[call]), text(after[call])];
          return first === then ? first : `before: ${first}<br>after: ${then}`;
        });
        return `| ${row} | ${fault} | ${columns.join(' | ')} |`;
      }),
      '',
    ];
  });
  const { played, ways, senseless } = counts(places);
  return [
    `${played} cells are played, in ${ways} ways; ${senseless} make no sense, for the reason under their letter.`,
    '',
    ...lines,
    ...reasons.map((reason, index) => `- (${letterOf(index)}) ${reason}`),
  ].join('\n');
}

/** The matrix of the lock as a page shows it. */
export function evidence(): string {
  return evidenceOf([{ matrix: MATRIX, heads: HEADS }], PLACES);
}

/** A page with what is shown between its marks. */
export function withEvidence(page: string, shown = evidence(), what = 'matrix of faults'): string {
  const [start, end] = [`<!-- ${what} -->`, `<!-- end of the ${what} -->`];
  const [before, rest = ''] = page.split(start);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`the page has no marks ${start} and ${end}`);
  return `${before}${start}\n\n${shown}\n\n${end}${after}`;
}

/** What comes out, once for each end that there is, and where there are several, of what. */
function endsOf(cases: readonly Case[]): string {
  const ends = new Map<string, string[]>();
  for (const played of cases) {
    const end = endOf(played.seen);
    ends.set(end, [...(ends.get(end) ?? []), played.what ?? labelOf(played.fault)]);
  }
  const isOne = ends.size === 1;
  return [...ends].map(([end, of]) => (isOne ? end : `${[...new Set(of)].join(', ')}: ${end}`)).join('; ');
}

function endOf({ result, path, left }: Seen): string {
  const usual = { held: 'own', true: 'none', done: 'done' }[result];
  return `${result} \`${path}\`${left === usual ? '' : `, ${LEFT[left]}`}`;
}

const LEFT: Readonly<Record<Seen['left'], string>> = {
  own: 'left to its ttl',
  none: 'nothing left',
  "other's": "other's left alone",
  done: 'left alone',
  'not done': 'not done',
};

function labelOf(fault: Fault): string {
  if (fault.kind === 'detour') return fault.to;
  return fault.kind === 'wire' ? fault.what : fault.kind;
}

function letterOf(index: number): string {
  return String.fromCodePoint(0x61 + index);
}
