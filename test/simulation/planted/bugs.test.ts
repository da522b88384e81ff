import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUGS, changesOf } from './bugs.ts';
import { mutate } from './build.ts';

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));

describe('the planted bugs', () => {
  it.each(BUGS)('$name: still has a place in the code', (bug) => {
    const mutated = mutate(bug, DIST);
    for (const { module, instead } of changesOf(bug)) expect(mutated.get(module)).toContain(instead);
  });

  it('have names of their own', () => {
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
    expect(BUGS.filter(({ coveredBy }) => coveredBy === undefined).length).toBeGreaterThanOrEqual(20);
  });

  it('that another guard makes harmless stand beside one without that guard', () => {
    for (const { name, coveredBy } of BUGS) {
      if (coveredBy === undefined) continue;
      const pair = BUGS.find((bug) => bug.name.startsWith(`${name}, and `));
      expect(pair?.also, name).toBeDefined();
      expect(pair?.coveredBy).toBeUndefined();
    }
  });
});
