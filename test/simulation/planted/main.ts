import { availableParallelism } from 'node:os';
import { playInProcesses } from '../crew.ts';
import { BUGS, type Bug } from './bugs.ts';
import { plant } from './build.ts';

/** The most runs that a bug may take to be found. */
const MOST_RUNS = 100_000;

interface Found {
  readonly bug: Bug;
  /** The first failing seed that was seen; undefined where none was. */
  readonly seed?: number;
  readonly violation?: string;
  readonly runCount: number;
}

/** Plays worlds with one bug in the library until one of them fails. */
async function hunt(bug: Bug): Promise<Found> {
  using build = plant(bug);
  const { failures, runCount } = await playInProcesses({
    firstSeed: 1,
    runCount: MOST_RUNS,
    workerCount: availableParallelism(),
    shareSize: 50,
    worker: build.worker,
    onShare: (_share, { failures: found }) => found.length > 0,
  });
  const [first] = failures;
  if (first === undefined) return { bug, runCount };
  return { bug, runCount, seed: first.seed, violation: saying(first.violations[0] ?? '') };
}

/** A violation without when it was, and to whom. */
function saying(violation: string): string {
  return violation
    .replace(/^[\d.]+ ms: /, '')
    .replaceAll(/\b[0-9a-f]{4,32}\b/g, '…')
    .split('\n', 1)
    .join('');
}

const [wanted] = process.argv.slice(2);
const bugs = BUGS.filter(({ name }) => wanted === undefined || name.includes(wanted));
process.stdout.write('| bug | in | first seed | what the checker says |\n| --- | --- | --- | --- |\n');
let missedCount = 0;
for (const bug of bugs) {
  const { seed, violation, runCount } = await hunt(bug);
  if (seed === undefined) missedCount += 1;
  const result = seed === undefined ? `**none** in ${runCount} | ` : `${seed} | ${violation}`;
  process.stdout.write(`| ${bug.name} | \`${bug.module}\` | ${result} |\n`);
}
process.exitCode = missedCount === 0 ? 0 : 1;
