import { describe, expect, it } from 'vitest';
import { shrink } from './shrink.ts';
import type { Run, RunOptions } from './stage.ts';

/** A world that fails whenever these faults come together, whatever else happens. */
function failingWith(...needed: readonly string[]) {
  const all = Array.from({ length: 40 }, (_, index) => `fault ${index}`);
  return (_seed: number, { without = new Set<string>() }: RunOptions = {}): Promise<Run> => {
    const faults = all.filter((key) => !without.has(key));
    const fails = needed.every((key) => faults.includes(key));
    const violations = fails
      ? [`${faults.length}.5 ms: handles 1 and 2 both believe`]
      : ['1 ms: something else'];
    return Promise.resolve({ violations, faults, grantCount: 0, requestCount: 0, hash: 0, history: faults });
  };
}

describe('the search for a shorter history', () => {
  it('leaves exactly the faults that are needed', async () => {
    const { run, without } = await shrink(1, failingWith('fault 3', 'fault 17', 'fault 39'));
    expect(run.history).toEqual(['fault 3', 'fault 17', 'fault 39']);
    expect(without.size).toBe(37);
  });

  it('leaves nothing where no fault is needed', async () => {
    const { run } = await shrink(1, failingWith());
    expect(run.history).toEqual([]);
    expect(run.violations).toEqual(['0.5 ms: handles 1 and 2 both believe']);
  });
});
