import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Bug, BUGS } from './bugs.ts';
import { plant } from './build.ts';
import { explore, type Hunted, simulate } from './hunts.ts';
import { readKept, tableOf, writeKept, writeTable } from './report.ts';

// `npm run planted`: every planted bug, and what finds it, as the table of docs/evidence.md.
const { values } = parseArgs({
  options: {
    /** Only bugs whose name contains this. */
    only: { type: 'string', default: '' },
    /** The most worlds that a bug may take to be found. */
    most: { type: 'string', default: '100000' },
    /** The same where the explorer has found it, or where nothing is said to follow from it. */
    'most-more': { type: 'string', default: '3000' },
    /** Puts the table into docs/evidence.md. */
    write: { type: 'boolean', default: false },
    /** Keeps what is done in a file, and goes on from there. */
    state: { type: 'string' },
  },
});

/** Hunts one bug: the explorer runs the reducers only; the simulator runs everything. */
async function hunt(bug: Bug): Promise<Hunted> {
  using build = plant(bug);
  const isReducer = bug.module.startsWith('protocol/');
  const explored = isReducer ? await explore(build) : undefined;
  const isEnough = explored !== undefined || bug.coveredBy !== undefined;
  const mostWorlds = Number(isEnough ? values['most-more'] : values.most);
  const simulated = await simulate(build, mostWorlds);
  return { explored, simulated, mostWorlds };
}

/** Whether a bug is as it is said to be: found, or harmless. */
function isAsSaid({ coveredBy }: Bug, { explored, simulated }: Hunted): boolean {
  return (explored === undefined && simulated === undefined) === (coveredBy !== undefined);
}

const wanted = BUGS.filter(({ name }) => name.includes(values.only));
if (values.write && wanted.length < BUGS.length)
  throw new RangeError('--write needs all bugs, and so no --only');
const kept = new Map(values.state === undefined ? [] : readKept(values.state));
const waiting = wanted.filter(({ name }) => !kept.has(name));

/** Two of them hunt at a time on two cores, each with a single process. */
async function huntOn(): Promise<void> {
  for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
    const startedMs = performance.now();
    const hunted = await hunt(bug);
    kept.set(bug.name, hunted);
    if (values.state !== undefined) writeKept(values.state, kept);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
    const mark = isAsSaid(bug, hunted) ? '' : ' !';
    process.stderr.write(`${kept.size}/${wanted.length} ${bug.name} (${seconds} s)${mark}\n`);
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, huntOn));

const table = tableOf(wanted, kept);
process.stdout.write(`${table}\n`);
if (values.write) {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  writeTable(table, commit);
}
const wrong = wanted.filter((bug) => !isAsSaid(bug, kept.get(bug.name) ?? { mostWorlds: 0 }));
for (const { name, coveredBy } of wrong) {
  process.stdout.write(`${coveredBy === undefined ? 'Not found' : 'Not harmless'}: ${name}\n`);
}
process.exitCode = wrong.length === 0 ? 0 : 1;
