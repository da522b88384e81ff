import { type AnyRunOptions, play } from './kinds.ts';
import { withPlainSignals } from './signals.ts';
import type { Run } from './stage.ts';

/** How many worlds are played side by side: they share the turns of the event loop. */
const SIDE_BY_SIDE = 16;

export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
}

export interface Tally {
  readonly runCount: number;
  readonly grantCount: number;
  readonly requestCount: number;
  readonly failures: readonly Failure[];
}

export const NOTHING: Tally = { runCount: 0, grantCount: 0, requestCount: 0, failures: [] };

export function add(one: Tally, other: Tally): Tally {
  return {
    runCount: one.runCount + other.runCount,
    grantCount: one.grantCount + other.grantCount,
    requestCount: one.requestCount + other.requestCount,
    failures: [...one.failures, ...other.failures],
  };
}

/** Plays the runs of `count` seeds from `firstSeed` on; stops early where `isEnough` says so. */
export async function playSeeds(
  firstSeed: number,
  count: number,
  isEnough: (tally: Tally) => boolean = () => false,
  options: AnyRunOptions = {},
): Promise<Tally> {
  let nextSeed = firstSeed;
  let tally = NOTHING;
  const playOn = async (): Promise<void> => {
    while (nextSeed < firstSeed + count && !isEnough(tally)) {
      const seed = nextSeed;
      nextSeed += 1;
      const run = await play(seed, options);
      tally = add(tally, tallyOf(seed, run));
    }
  };
  await withoutStacks(() =>
    withPlainSignals(() => Promise.all(Array.from({ length: SIDE_BY_SIDE }, playOn))),
  );
  return { ...tally, failures: tally.failures.toSorted((one, other) => one.seed - other.seed) };
}

function tallyOf(seed: number, { grantCount, requestCount, violations }: Run): Tally {
  const failures = violations.length === 0 ? [] : [{ seed, violations }];
  return { runCount: 1, grantCount, requestCount, failures };
}

/** The errors that a world makes by the thousand are read by nobody: their stacks would take a tenth of the time. */
async function withoutStacks(act: () => Promise<unknown>): Promise<void> {
  const usual = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    await act();
  } finally {
    Error.stackTraceLimit = usual;
  }
}
