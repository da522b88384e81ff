import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { playInProcesses } from '../crew.ts';
import type { Kind } from '../kinds.ts';
import type { PlantedBuild } from './build.ts';

/** Those of the explorer's configurations that are closed in seconds, in the order of asking. */
const CONFIGS = ['everything', 'freeze', 'counter', 'observation', 'two-ttls', 'drift', 'skew'];

export interface Find {
  /** Where: the explorer's configuration with the states until then, or the simulator's seed, which counts the worlds. */
  readonly where: string;
  readonly what: string;
}

/** What came of the hunt for one bug. */
export interface Hunted {
  readonly explored?: Find | undefined;
  readonly simulated?: Find | undefined;
  /** How many worlds were played at the most. */
  readonly mostWorlds: number;
}

/** Explores what follows from a bug; undefined where nothing does. */
export async function explore(build: PlantedBuild): Promise<Find | undefined> {
  for (const name of CONFIGS) {
    const args = [build.explorer, '--config', name, '--faults', '1', '--consequences', '--json'];
    const options = { maxBuffer: 2 ** 28, timeout: 900_000 };
    const stdout = await promisify(execFile)(process.execPath, args, options).then(
      (output) => output.stdout,
      (error: unknown) => {
        // A violation ends it with 1, as a crash does, which prints nothing.
        const { stdout: told } = Object(error);
        if (told === '') throw error;
        return String(told);
      },
    );
    const [explored] = JSON.parse(stdout) as readonly Explored[];
    const violation = explored?.explored.violation;
    if (violation !== undefined) {
      return { where: `${name}, ${explored?.explored.states} states`, what: violation.what };
    }
  }
  return undefined;
}

/** What the explorer prints, as far as it is looked at. */
interface Explored {
  readonly explored: { readonly states: number; readonly violation?: { readonly what: string } };
}

/** Plays worlds until one of them fails, `mostWorlds` at the most, judging only what follows from a bug. */
export async function simulate(
  build: PlantedBuild,
  mostWorlds: number,
  kind: Kind = 'lock',
): Promise<Find | undefined> {
  const { failures } = await playInProcesses({
    firstSeed: 1,
    runCount: mostWorlds,
    workerCount: 1,
    shareSize: 100,
    judgesGuards: false,
    kind,
    worker: build.worker,
    onShare: (_share, { failures: found }) => found.length > 0,
  });
  const [first] = failures;
  return first && { where: `seed ${first.seed}`, what: saying(first.violations[0] ?? '') };
}

/** A violation without when it was, and to whom. */
function saying(violation: string): string {
  return violation
    .replace(/^[\d.]+ ms: /, '')
    .replaceAll(/\b(handles?|and|lease|counter|that is) [\da-f]+\b/g, '$1 …')
    .split('\n', 1)
    .join('');
}
