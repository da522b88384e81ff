import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import { mutate } from './build.ts';

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));

describe('the planted bugs', () => {
  it.each(BUGS)('$name: still has a place in the code', (bug) => {
    expect(mutate(bug, DIST)).toContain(bug.instead);
  });

  it('have names of their own', () => {
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
    expect(BUGS.length).toBeGreaterThanOrEqual(20);
  });
});
