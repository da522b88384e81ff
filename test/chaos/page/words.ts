import type { ChaosHistory } from '../history.ts';
import type { BarKind, MarkKind, Timeline } from './client/timeline.ts';

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const number = (value: number): string => value.toLocaleString('en').replaceAll(',', '\u202F');
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** The one sentence that matters, and what is wrong, if anything is. */
export function verdictOf({ verdict }: Pick<ChaosHistory, 'verdict'>): string {
  const wrong = [
    ...verdict.overlaps.map(
      ({ workers, fromMs, forMs }) =>
        `${workers.join(' and ')} believed at once, ${seconds(fromMs)} into the run, for ${forMs.toFixed(1)} ms.`,
    ),
    ...verdict.lostUpdates.map(
      ({ worker, atMs, basedOn, found }) =>
        `${worker} wrote over ${found} what was based on ${basedOn}, ${seconds(atMs)} into the run.`,
    ),
    ...verdict.troubles,
  ];
  const faults = number(faultCount(verdict));
  if (wrong.length === 0) {
    return `<p class="verdict good">✓ Never two holders at once, and no update lost, in ${faults} faults.</p>`;
  }
  const items = wrong.slice(0, 50).map((text) => `<li>${escapeHtml(text)}</li>`);
  const more = wrong.length > 50 ? `<li>and ${number(wrong.length - 50)} more</li>` : '';
  return `<p class="verdict bad">✗ ${number(wrong.length)} violations or troubles in ${faults} faults.</p>
<ul class="wrong">${items.join('')}${more}</ul>`;
}

function faultCount({ faultCounts }: ChaosHistory['verdict']): number {
  return Object.values(faultCounts).reduce((sum, count) => sum + count, 0);
}

/** The figures of a run, each with its name. */
export function figures({ verdict }: Pick<ChaosHistory, 'verdict'>): string {
  const { recoveryTimes } = verdict;
  const rows: (readonly [string, string])[] = [
    ['faults', number(faultCount(verdict))],
    ['overlaps', number(verdict.overlaps.length)],
    ['lost updates', number(verdict.lostUpdates.length)],
    ['leases', number(verdict.leaseCount)],
    ['taken over', number(verdict.takeoverCount)],
    ['writes', number(verdict.writeCount)],
    ['late writes (fencing)', number(verdict.lateWrites.length)],
    ['closest two beliefs', verdict.closestMs === undefined ? '—' : `${verdict.closestMs.toFixed(1)} ms`],
  ];
  if (recoveryTimes !== undefined) {
    const { count, medianMs, p99Ms, worstMs, boundMs, beyondBoundCount } = recoveryTimes;
    rows.push(
      ['recoveries', number(count)],
      ['median recovery', seconds(medianMs)],
      ['99 of 100 within', seconds(p99Ms)],
      ['worst recovery', seconds(worstMs)],
      ['bound on recovery', seconds(boundMs)],
      ['beyond the bound', number(beyondBoundCount)],
    );
  }
  const cells = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return `<dl class="figures">${cells.join('')}</dl>`;
}

/** The legend's entries; the script draws their samples. */
const bar = (kind: BarKind, name: string): string =>
  `<li><canvas data-sample="bar" data-kind="${kind}" aria-hidden="true"></canvas>${name}</li>`;
const mark = (kind: MarkKind, name: string): string =>
  `<li><canvas data-sample="mark" data-kind="${kind}" aria-hidden="true"></canvas>${name}</li>`;
const band = (sample: 'outage' | 'overlap', name: string): string =>
  `<li><canvas data-sample="${sample}" aria-hidden="true"></canvas>${name}</li>`;

export const LEGEND = [
  bar('believing', 'believes that it holds'),
  bar('waiting', 'waits'),
  bar('paused', 'paused'),
  bar('blocked', 'event loop blocked'),
  bar('dead', 'not running'),
  bar('partition', 'cut off from the store'),
  band('outage', 'store out of reach'),
  band('overlap', 'two believe at once'),
  mark('killed', 'fault: killed'),
  mark('paused', 'fault: paused'),
  mark('blocked', 'fault: blocked'),
  mark('partition', 'fault: cut off'),
  mark('clock', 'fault: wall clock jumped'),
  mark('lost', 'lease lost'),
  mark('late', 'late write or lost update'),
].join('');

/** What each process went through, for those who cannot see the picture. */
export function laneTable({ lanes }: Timeline): string {
  const columns: readonly BarKind[] = ['believing', 'waiting', 'paused', 'blocked', 'dead', 'partition'];
  const head = ['process', ...columns.map((kind) => NAMES[kind]), 'killed', 'leases lost'];
  const rows = lanes.map(({ name, bars, marks }) => {
    const times = columns.map((kind) => {
      const own = bars.filter(([barKind]) => barKind === kind);
      const totalMs = own.reduce((sum, [, fromMs, untilMs]) => sum + untilMs - fromMs, 0);
      return `${number(own.length)} (${seconds(totalMs)})`;
    });
    const counts = ['killed', 'lost'].map((kind) => number(marks.filter(([own]) => own === kind).length));
    return [escapeHtml(name), ...times, ...counts];
  });
  const cells = (tag: string, row: readonly string[]): string =>
    row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('');
  return `<table><thead><tr>${cells('th scope="col"', head).replaceAll('</th scope="col">', '</th>')}</tr></thead><tbody>${body}</tbody></table>`;
}

const NAMES: Readonly<Record<BarKind, string>> = {
  believing: 'believed',
  waiting: 'waited',
  paused: 'paused',
  blocked: 'blocked',
  dead: 'not running',
  partition: 'cut off',
};
