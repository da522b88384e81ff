import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { runProgram } from '../../../scripts/command-line.ts';
import { HELP, readSettings, type Settings } from './arguments.ts';
import type { Bug } from './bugs.ts';
import { plant } from './build.ts';
import { explore, type Hunted, simulate } from './hunts.ts';
import { readKept, tableOf, writeKept, writeTable } from './report.ts';

// `npm run planted`: every planted bug, and what finds it, as the table of docs/evidence.md.
await runProgram('planted', async () => {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { bugs, isWritten } = settings;
  const kept = await huntAll(settings);
  const table = tableOf(bugs, kept);
  process.stdout.write(`${table}\n`);
  if (isWritten) {
    const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
    writeTable(table, commit);
  }
  const wrong = bugs.filter((bug) => !isAsSaid(bug, kept.get(bug.name) ?? { mostWorlds: 0 }));
  for (const { name, coveredBy } of wrong) {
    process.stdout.write(`${coveredBy === undefined ? 'Not found' : 'Not harmless'}: ${name}\n`);
  }
  return wrong.length === 0 ? 0 : 1;
});

/** As many of them hunt at a time as there are cores, each with a single process. */
async function huntAll(settings: Settings): Promise<ReadonlyMap<string, Hunted>> {
  const { bugs, stateFile } = settings;
  const kept = new Map(stateFile === undefined ? [] : readKept(stateFile));
  const waiting = bugs.filter(({ name }) => !kept.has(name));
  const huntOn = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const startedMs = performance.now();
      const hunted = await hunt(bug, settings);
      kept.set(bug.name, hunted);
      if (stateFile !== undefined) writeKept(stateFile, kept);
      const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
      const mark = isAsSaid(bug, hunted) ? '' : ' !';
      process.stderr.write(`${kept.size}/${bugs.length} ${bug.name} (${seconds} s)${mark}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, huntOn));
  return kept;
}

/** Hunts one bug: the explorer runs the reducers only; the simulator runs everything. */
async function hunt(bug: Bug, settings: Settings): Promise<Hunted> {
  using build = plant(bug);
  // The explorer's histories are those of a lock.
  const isReducer = bug.kind === undefined && bug.module.startsWith('protocol/');
  const explored = isReducer ? await explore(build) : undefined;
  const isEnough = explored !== undefined || bug.coveredBy !== undefined;
  const mostWorlds = isEnough ? settings.mostMoreWorlds : settings.mostWorlds;
  const simulated = await simulate(build, mostWorlds, bug.kind);
  return { explored, simulated, mostWorlds };
}

/** Whether a bug is as it is said to be: found, or harmless. */
function isAsSaid({ coveredBy }: Bug, { explored, simulated }: Hunted): boolean {
  return (explored === undefined && simulated === undefined) === (coveredBy !== undefined);
}
