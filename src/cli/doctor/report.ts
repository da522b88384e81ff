import { widthOf, wrap, type TextTarget } from '../columns.ts';
import { tellDuration } from '../duration.ts';
import { paint } from '../paint.ts';
import type { Figures } from './figures.ts';
import type { Finding, Verdict } from './finding.ts';

const MARKS: Readonly<Record<Verdict, string>> = {
  fine: 'ok',
  warning: 'warn',
  unfit: 'UNFIT',
  unknown: '?',
};
const STYLES = { fine: 'green', warning: 'yellow', unfit: 'red', unknown: 'cyan' } as const;
const MARK_WIDTH = 5;

/** Findings and figures for people, in lines that fit the terminal. */
export function tellReport(
  findings: readonly Finding[],
  figures: Figures | undefined,
  target: TextTarget,
): string {
  const checkWidth = Math.max(...findings.map(({ check }) => check.length), 'round trips'.length);
  const indent = MARK_WIDTH + 2 + checkWidth + 2;
  const width = widthOf(target) - indent;
  const rows = findings.map(({ check, verdict, says, remedy }) => {
    const mark = paint(STYLES[verdict], MARKS[verdict].padEnd(MARK_WIDTH), target);
    const lines = [...wrap(says, width), ...(remedy === undefined ? [] : wrap(`-> ${remedy}`, width))];
    return `${mark}  ${check.padEnd(checkWidth)}  ${lines.join(`\n${' '.repeat(indent)}`)}\n`;
  });
  const told =
    figures === undefined
      ? []
      : tellFigures(figures).map(
          ([name, text]) =>
            `${' '.repeat(MARK_WIDTH)}  ${name.padEnd(checkWidth)}  ${wrap(text, width).join(`\n${' '.repeat(indent)}`)}\n`,
        );
  return [...rows, ...told].join('');
}

function tellFigures(figures: Figures): [string, string][] {
  const { readMs, writeMs, suggestedTtlMs, suggestedBackoff } = figures;
  return [
    [
      'round trips',
      `reads p50 ${round(readMs.p50)}, p90 ${round(readMs.p90)}; writes p50 ${round(writeMs.p50)}, p90 ${round(writeMs.p90)}`,
    ],
    [
      'suggested',
      `ttl ${tellDuration(suggestedTtlMs)}, backoff from ${suggestedBackoff.minMs} to ${suggestedBackoff.maxMs} ms`,
    ],
    [
      'cost',
      `$${dollars(figures.dollarsPerHeldHour)} an hour held, $${dollars(figures.dollarsPerWaitingHour)} an hour waiting, at Google's regional prices`,
    ],
  ];
}

function round(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function dollars(amount: number): string {
  return amount.toFixed(5);
}
