import { formatRow } from './explained.ts';
import { type Figures, type FileVerdict, score, type Survivor, sum } from './report.ts';

/** What a group of files must reach, percent. Survivors that are explained count as explained. */
export interface Goal {
  /** What the names of its files begin with. */
  readonly folder: string;
  readonly leastPercent: number;
}

export const GOALS: readonly Goal[] = [
  { folder: 'src/', leastPercent: 95 },
  { folder: 'src/protocol/', leastPercent: 100 },
];

const HEADINGS = ['mutants', 'killed', 'timed out', 'survived', 'no test', 'explained', 'raw %', 'score %'];

/** A line a file, and one for all of them. */
export function formatTable(verdicts: readonly FileVerdict[]): string {
  const rows = [
    ...verdicts.map(({ file, figures }) => [file, ...cells(figures)]),
    ['in all', ...cells(sum(verdicts))],
  ];
  const all = [['file', ...HEADINGS], ['---', ...HEADINGS.map(() => '---:')], ...rows];
  return all.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cells(figures: Figures): string[] {
  const { killed, timedOut, survived, uncovered, explained } = figures;
  const counts = [killed + timedOut + survived + uncovered, killed, timedOut, survived, uncovered, explained];
  return [
    ...counts.map(String),
    ...[false, true].map((isExplained) => score(figures, isExplained).toFixed(2)),
  ];
}

/** One line a goal, and whether all are reached. */
export function formatGoals(verdicts: readonly FileVerdict[]): { text: string; isReached: boolean } {
  const lines = GOALS.map(({ folder, leastPercent }) => {
    const files = verdicts.filter(({ file }) => file.startsWith(folder));
    const figures = sum(files);
    const percent = score(figures, true);
    return {
      isReached: percent >= leastPercent,
      text: `${folder}: ${percent.toFixed(2)} %, must be ${leastPercent} %${
        figures.broken > 0 ? ` (${figures.broken} could not be run, and are not counted)` : ''
      }`,
    };
  });
  return {
    text: lines.map(({ text, isReached }) => `${isReached ? 'reached' : 'MISSED'}  ${text}`).join('\n'),
    isReached: lines.every(({ isReached }) => isReached),
  };
}

/** Survivors as rows of the list of those that are explained, ready to be completed. */
export function formatSurvivors(heading: string, survivors: readonly Survivor[]): string {
  return survivors.length === 0 ? '' : `\n${heading}\n${survivors.map(formatRow).join('\n')}\n`;
}
