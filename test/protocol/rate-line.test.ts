import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entitlements, sum, type Wish } from '../../src/protocol/rate-line.ts';

const wish = (wanted: number, needed = 1): Wish => ({ wanted, needed });

describe('what a line is entitled to', () => {
  it.each([
    ['all of it to the only one', [wish(1_000)], 1_000, [1_000]],
    ['no more than is wanted', [wish(7)], 1_000, [7]],
    [
      'the same to all who want more',
      [wish(900), wish(900), wish(900), wish(900)],
      1_000,
      [250, 250, 250, 250],
    ],
    ['what a modest one leaves to the others', [wish(900), wish(100), wish(900)], 1_000, [450, 100, 450]],
    ['what does not go round to the first', [wish(9), wish(9), wish(9)], 10, [4, 3, 3]],
    [
      'what does not go round to the first of those who have the least',
      [wish(20, 8), wish(20), wish(20)],
      13,
      [8, 3, 2],
    ],
    ['what does not go round to who can use it', [wish(3), wish(9), wish(9)], 10, [3, 4, 3]],
    ['nothing to whom it does not reach: it waits for its turn', [wish(5), wish(5), wish(5)], 2, [1, 1, 0]],
    ['nothing to who wants nothing', [wish(0, 0), wish(5)], 5, [0, 5]],
    ['what it needs to begin with, before others get more', [wish(10), wish(8, 8), wish(10)], 10, [1, 8, 1]],
    ['nothing rather than too little', [wish(10, 4), wish(8, 8)], 10, [10, 0]],
    ['nothing to nobody', [], 10, []],
  ])('is %s', (_what, line, limit, counts) => {
    expect(entitlements(line, limit)).toEqual(counts);
  });

  it('is never more than the limit, nor than anybody wants, and leaves nothing that somebody could use', () => {
    const wishes = fc
      .tuple(fc.nat(50), fc.integer({ min: 1, max: 50 }))
      .map(([wanted, needed]) => wish(wanted === 0 ? 0 : Math.max(wanted, needed), needed));
    fc.assert(
      fc.property(fc.array(wishes, { maxLength: 12 }), fc.integer({ min: 1, max: 120 }), (line, limit) => {
        const counts = entitlements(line, limit);
        expect(sum(counts)).toBeLessThanOrEqual(limit);
        for (const [index, { wanted, needed }] of line.entries()) {
          const count = counts[index] ?? -1;
          expect(count === 0 || (count >= needed && count <= wanted)).toBe(true);
        }
        const isServed = line.some(
          ({ wanted }, index) => (counts[index] ?? 0) > 0 && wanted > (counts[index] ?? 0),
        );
        if (isServed) expect(sum(counts)).toBe(limit);
      }),
    );
  });
});
