import { describe, expect, it } from 'vitest';
import { playSeeds } from '../runs.ts';
import { shrink } from '../shrink.ts';
import { playPool } from './world.ts';

/** One for each 75 of a lock's: they take longer. */
const RUNS = Math.ceil(Number(process.env['SIMULATION_RUNS'] ?? 3_000) / 75);
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('in the same worlds, a resource pool', () => {
  it('gives each resource to one at a time, none that was removed, and all of them when everybody has gone', async () => {
    const isEnough = ({ failures }: { readonly failures: readonly unknown[] }): boolean =>
      failures.length > 0;
    const { grantCount, failures } = await playSeeds(FIRST_SEED, RUNS, isEnough, { kind: 'pool' });
    const [first] = failures;
    if (first !== undefined) {
      const { run } = await shrink(first.seed, playPool);
      const replay = `npm run simulate -- --kind pool --runs 1 --seed ${first.seed}`;
      throw new Error([replay, ...run.violations, ...run.history].join('\n'));
    }
    expect(grantCount).toBeGreaterThan(RUNS);
  }, 3_600_000);

  it('has the same story for the same seed', async () => {
    const alone = await playPool(1, { keepsHistory: true });
    const [again] = await Promise.all([playPool(1, { keepsHistory: true }), playPool(2)]);
    expect(again).toEqual(alone);
    expect(alone.history.join('\n')).toContain('insert pools/one/use-');
  });
});
