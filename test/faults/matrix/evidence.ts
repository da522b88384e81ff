import type { Call } from '../calls.ts';
import { CALLS, type Case, type Cell, type Fault, type Seen } from './cell.ts';
import { PLACES } from './places.ts';
import { MATRIX } from './table.ts';

const HEADS: Readonly<Record<Call, string>> = {
  C: 'C create',
  G: 'G get',
  R: 'R refresh',
  T: 'T takeover',
  D: 'D release',
};

/** How many cells are played, in how many ways, and how many make no sense. */
export function counts(): { readonly played: number; readonly ways: number; readonly senseless: number } {
  const ways = PLACES.map(({ cell }) => (typeof cell === 'string' ? 0 : cell.length));
  const played = ways.filter((count) => count > 0).length;
  return { played, ways: ways.reduce((sum, count) => sum + count, 0), senseless: ways.length - played };
}

/** The matrix as a page shows it. */
export function evidence(): string {
  const reasons = [...new Set(PLACES.map(({ cell }) => cell).filter((cell) => typeof cell === 'string'))];
  const text = (cell: Cell): string =>
    typeof cell === 'string' ? `— (${letterOf(reasons.indexOf(cell))})` : endsOf(cell);
  const lines = MATRIX.map(({ row, fault, before, after }) => {
    const columns = CALLS.map((call) => {
      const [first, then] = [text(before[call]), text(after[call])];
      return first === then ? first : `before: ${first}<br>after: ${then}`;
    });
    return `| ${row} | ${fault} | ${columns.join(' | ')} |`;
  });
  const { played, ways, senseless } = counts();
  return [
    `${played} cells are played, in ${ways} ways; ${senseless} make no sense, for the reason under their letter.`,
    '',
    `| | fault | ${CALLS.map((call) => HEADS[call]).join(' | ')} |`,
    `| --- | --- | ${CALLS.map(() => '---').join(' | ')} |`,
    ...lines,
    '',
    ...reasons.map((reason, index) => `- (${letterOf(index)}) ${reason}`),
  ].join('\n');
}

/** The page with the matrix between its marks. */
export function withEvidence(page: string): string {
  const [start, end] = ['<!-- matrix of faults -->', '<!-- end of the matrix of faults -->'];
  const [before, rest = ''] = page.split(start);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`the page has no marks ${start} and ${end}`);
  return `${before}${start}\n\n${evidence()}\n\n${end}${after}`;
}

/** What comes out, once for each end that there is, and where there are several, of what. */
function endsOf(cases: readonly Case[]): string {
  const ends = new Map<string, string[]>();
  for (const played of cases) {
    const end = endOf(played.seen);
    ends.set(end, [...(ends.get(end) ?? []), played.what ?? labelOf(played.fault)]);
  }
  const isOne = ends.size === 1;
  return [...ends].map(([end, of]) => (isOne ? end : `${of.join(', ')}: ${end}`)).join('; ');
}

function endOf({ result, path, left }: Seen): string {
  const usual = { held: 'own', true: 'none' }[result];
  return `${result} \`${path}\`${left === usual ? '' : `, ${LEFT[left]}`}`;
}

const LEFT: Readonly<Record<Seen['left'], string>> = {
  own: 'left to its ttl',
  none: 'nothing left',
  "other's": "other's left alone",
};

function labelOf(fault: Fault): string {
  if (fault.kind === 'detour') return fault.to;
  return fault.kind === 'wire' ? fault.what : fault.kind;
}

function letterOf(index: number): string {
  return String.fromCodePoint(0x61 + index);
}
