import { expect } from 'vitest';
import { type Kind, playCalls } from './random-calls.ts';

const RUNS = process.env['CALLS_RUNS'];
const FIRST_SEED = Number(process.env['CALLS_SEED'] ?? 1);

/** How many sequences are played side by side: they share the turns of the event loop. */
const SIDE_BY_SIDE = 8;

/** What came of many sequences. */
interface Played {
  /** What must not be, of the first sequence in which anything was: how to play it again, and what it was. */
  readonly wrong: readonly string[];
  /** How often calls came to what, in all of them. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Of these calls some came to something, or nothing was tried; a replay of one sequence need not have them. */
export function expectTried({ counts }: Played, calls: readonly string[]): void {
  if (RUNS === undefined) expect([...counts.keys()]).toEqual(expect.arrayContaining([...calls]));
}

/** Plays so many sequences of each kind, unless the environment says otherwise. */
export async function playMany(usualRuns: number): Promise<Played> {
  const runs = Number(RUNS ?? usualRuns);
  const plays = Array.from({ length: runs }, (_, index) => FIRST_SEED + index).flatMap((seed) =>
    (['semaphore', 'pool'] as const).map((kind) => ({ kind, seed })),
  );
  const counts = new Map<string, number>();
  let wrong: readonly string[] = [];
  const playOn = async (): Promise<void> => {
    for (let next = plays.shift(); next !== undefined; next = plays.shift()) {
      const played = await playCalls(next.kind, next.seed).catch(failed);
      for (const [what, count] of played.counts) counts.set(what, (counts.get(what) ?? 0) + count);
      if (played.wrong.length === 0) continue;
      if (wrong.length === 0) wrong = [replay(next.kind, next.seed), ...played.wrong];
      return;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, playOn));
  return { wrong, counts };
}

/** What was to be had at the end could not be: that says too little without the seed. */
function failed(error: unknown): Played {
  return { wrong: [String(error)], counts: new Map() };
}

function replay(kind: Kind, seed: number): string {
  return `the ${kind} of CALLS_SEED=${seed} CALLS_RUNS=1 npx vitest run test/group/random-calls.test.ts`;
}
