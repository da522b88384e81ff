import type { Explored } from './search.ts';
import type { Config } from './setup.ts';

/** One configuration, what came of it, and the processor time that it took. */
export interface Reported {
  readonly config: Config;
  readonly explored: Explored;
  readonly seconds: number;
}

const COLUMNS = [
  ['configuration', 14],
  ['faults', 7],
  ['of these kinds', 60],
  ['states', 10],
  ['moves', 10],
  ['depth', 6],
  ['end', 26],
  ['cpu s', 7],
] as const;

export function heading(): string {
  return COLUMNS.map(([name, width]) => name.padEnd(width)).join('');
}

export function line({ config, explored, seconds }: Reported): string {
  const { states, transitions, depth } = explored;
  const cells = [
    config.name,
    String(config.maxFaults),
    config.faults.length > 8 ? 'all' : config.faults.join(' '),
    String(states),
    String(transitions),
    String(depth),
    endOf(explored),
    seconds.toFixed(1),
  ];
  return COLUMNS.map(([, width], index) => (cells[index] ?? '').padEnd(width))
    .join('')
    .trimEnd();
}

/** How far it went: to where nothing is left, or to a bound. */
function endOf({ violation, isClosed, closedFaults }: Explored): string {
  if (violation !== undefined) return `VIOLATED with ${violation.faults} faults`;
  if (isClosed) return 'closed';
  return closedFaults < 0 ? 'bound of states' : `bound; closed to ${closedFaults}`;
}

/** The whole in a sentence. */
export function verdict(all: readonly Reported[]): string {
  const sum = (of: (each: Reported) => number): number => all.reduce((total, each) => total + of(each), 0);
  const states = sum(({ explored }) => explored.states);
  const probes = sum(({ explored }) => explored.probes);
  const seconds = sum((each) => each.seconds);
  const rate = Math.round(states / Math.max(seconds, 0.001));
  const wrong = all.filter(({ explored }) => explored.violation !== undefined).length;
  const found = wrong === 0 ? 'nothing went wrong' : `${wrong} of ${all.length} configurations went wrong`;
  return `${states} states, ${probes} of them asked whether somebody can acquire from there, in ${seconds.toFixed(0)} s (${rate} a second): ${found}.`;
}
