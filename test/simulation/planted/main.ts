import { parseArgs } from 'node:util';
import { BUGS } from './bugs.ts';
import { plant } from './build.ts';
import { explore, simulate } from './hunts.ts';

/** The most worlds that a bug may take to be found; fewer where the explorer has found it already. */
const MOST_WORLDS = 100_000;
const MOST_WORLDS_MORE = 3_000;

// `npm run planted`: every planted bug, and what finds it, as the table of docs/evidence.md.
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, most: { type: 'string', default: String(MOST_WORLDS) } },
});

process.stdout.write('| bug | in | the explorer finds | the simulator finds |\n| --- | --- | --- | --- |\n');
let missedCount = 0;
for (const bug of BUGS.filter(({ name }) => name.includes(values.only))) {
  using build = plant(bug);
  // The explorer runs the reducers only.
  const isReducer = bug.module.startsWith('protocol/');
  const explored = isReducer ? await explore(build) : undefined;
  const simulated = await simulate(build, explored === undefined ? Number(values.most) : MOST_WORLDS_MORE);
  if (explored === undefined && simulated === undefined) missedCount += 1;
  const cells = [explored, simulated].map((find) =>
    find === undefined ? '—' : `${find.what} (${find.where})`,
  );
  process.stdout.write(`| ${bug.name} | \`${bug.module}\` | ${cells.join(' | ')} |\n`);
}
if (missedCount > 0) process.stdout.write(`\n${missedCount} found by neither.\n`);
process.exitCode = missedCount === 0 ? 0 : 1;
