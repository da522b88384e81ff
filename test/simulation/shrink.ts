import type { Run, RunOptions } from './stage.ts';
import { play } from './world.ts';

/** How many runs a search for a shorter history may take. */
const MOST_RUNS = 3_000;

export interface Shrunk {
  /** The faults to leave out. */
  readonly without: ReadonlySet<string>;
  /** The run without them, with its history. */
  readonly run: Run;
}

/**
 * Leaves out of a run that fails every fault that it fails without, chunks first and then one by one, until each
 * that is left is needed.
 */
export async function shrink(
  seed: number,
  playRun: (seed: number, options?: RunOptions) => Promise<Run> = play,
): Promise<Shrunk> {
  const whole = await playRun(seed);
  const kinds = new Set(whole.violations.map(kindOf));
  const without = new Set<string>();
  let faults = [...new Set(whole.faults)];
  let runCount = 0;
  let size = Math.ceil(faults.length / 2);
  while (size >= 1 && runCount < MOST_RUNS) {
    let hasShrunk = false;
    for (let from = 0; from < faults.length;) {
      const chunk = faults.slice(from, from + size);
      const run = await playRun(seed, { without: new Set([...without, ...chunk]) });
      runCount += 1;
      if (!run.violations.some((violation) => kinds.has(kindOf(violation)))) {
        from += size;
        continue;
      }
      for (const key of chunk) without.add(key);
      faults = [...new Set(run.faults)];
      hasShrunk = true;
    }
    if (!hasShrunk || size > 1) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return { without, run: await playRun(seed, { without, keepsHistory: true }) };
}

/** What is wrong, whenever and to whomever it happens. */
function kindOf(violation: string): string {
  return violation.replaceAll(/\b[0-9a-f]*\d[0-9a-f.]*\b/g, 'N');
}
