import { describe, expect, it } from 'vitest';
import { playSeeds } from '../runs.ts';
import { shrink } from '../shrink.ts';
import { playRate } from './world.ts';

/** How many worlds are played, and from which seed on. */
const RUNS = Math.ceil(Number(process.env['SIMULATION_RUNS'] ?? 3_000) / 120);
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('in the same worlds, a rate limiter', () => {
  it('never hands out more than the limit in a window, and gives everybody something in the end', async () => {
    const isEnough = ({ failures }: { readonly failures: readonly unknown[] }): boolean =>
      failures.length > 0;
    const { grantCount, failures } = await playSeeds(FIRST_SEED, RUNS, isEnough, { kind: 'rate' });
    const [first] = failures;
    if (first !== undefined) {
      const { run } = await shrink(first.seed, playRate);
      throw new Error(
        [
          `npm run simulate -- --kind rate --runs 1 --seed ${first.seed}`,
          ...run.violations,
          ...run.history,
        ].join('\n'),
      );
    }
    // A world in which nobody takes anything would be safe as well.
    expect(grantCount).toBeGreaterThan(5 * RUNS);
  }, 3_600_000);

  it('has the same story for the same seed', async () => {
    const [first, again, other] = await Promise.all([3, 3, 4].map((seed) => playRate(seed)));
    expect(again).toEqual(first);
    expect(other?.hash).not.toBe(first?.hash);
  });
});
