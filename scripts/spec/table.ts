import type { Configuration } from './configurations.ts';
import type { Report } from './tlc.ts';

/** A run that is over. */
export interface Row extends Omit<Report, 'output'> {
  readonly configuration: Configuration;
  readonly seconds: number;
}

/** Whether it came out as expected. */
export function isAsExpected(row: Row): boolean {
  return row.verdict === row.configuration.expected;
}

const HEADINGS = ['configuration', 'what', 'states', 'depth', 'expected', 'verdict', 'seconds'] as const;
const IS_NUMBER = [false, false, true, true, false, false, true];

/** The runs as a table for people. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_heading, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return IS_NUMBER[column] === true ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells(row: Row): readonly string[] {
  const { configuration, states, depth, verdict, seconds } = row;
  return [
    configuration.name,
    configuration.shows,
    states?.toLocaleString('en') ?? '-',
    String(depth ?? '-'),
    configuration.expected,
    isAsExpected(row) ? verdict : `${verdict} (!)`,
    seconds.toFixed(1),
  ];
}

/** The runs as one JSON document. */
export function formatJson(rows: readonly Row[]): string {
  const told = rows.map((row) => ({
    configuration: row.configuration.name,
    shows: row.configuration.shows,
    off: Object.entries(row.configuration.constants).flatMap(([name, value]) =>
      value === 'FALSE' ? [name] : [],
    ),
    states: row.states,
    depth: row.depth,
    expected: row.configuration.expected,
    verdict: row.verdict,
    seconds: row.seconds,
  }));
  return JSON.stringify(told, undefined, 2);
}
