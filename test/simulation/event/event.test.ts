import { describe, expect, it } from 'vitest';
import { shrink } from '../shrink.ts';
import { playSeeds } from '../runs.ts';
import { playEvent } from './world.ts';

/** How many worlds are played, and from which seed on. */
const RUNS = Math.ceil(Number(process.env['SIMULATION_RUNS'] ?? 3_000) / 60);
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('in a world of lost answers, late requests and dying processes', () => {
  it('no set or clear happens twice, undoes a newer one, or is told of when it is over', async () => {
    const isEnough = ({ failures }: { readonly failures: readonly unknown[] }): boolean =>
      failures.length > 0;
    const { grantCount, failures } = await playSeeds(FIRST_SEED, RUNS, isEnough, { kind: 'event' });
    const [first] = failures;
    if (first !== undefined) {
      const { run } = await shrink(first.seed, playEvent);
      const replay = `npm run simulate -- --kind event --runs 1 --seed ${first.seed}`;
      throw new Error([replay, ...run.violations, ...run.history].join('\n'));
    }
    // A world in which nobody sets anything would be safe as well.
    expect(grantCount).toBeGreaterThan(5 * RUNS);
  }, 3_600_000);

  it('the same seed tells the same story', async () => {
    const [first, again, other] = await Promise.all([3, 3, 4].map((seed) => playEvent(seed)));
    expect(again).toEqual(first);
    expect(other?.hash).not.toBe(first?.hash);
  });
});
