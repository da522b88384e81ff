import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Backoff, type BackoffSettings, nextPause, NO_BACKOFF } from '../../src/protocol/backoff.ts';

const SETTINGS: BackoffSettings = { minMs: 100, maxMs: 2_000, factor: 2 };

/** The pauses of one waiter whose every draw is the same. */
function pauses(settings: BackoffSettings, draw: number, count: number): number[] {
  let backoff: Backoff = NO_BACKOFF;
  return Array.from({ length: count }, () => {
    const [delayMs, next] = nextPause(settings, backoff, draw);
    backoff = next;
    return delayMs;
  });
}

it('doubles the cap up to the most', () => {
  expect(pauses(SETTINGS, 0.999_999, 7).map(Math.round)).toEqual([200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
});

it('comes to rest at the most, however long a wait goes on', () => {
  const [, second] = nextPause(SETTINGS, 3, 0.5);
  expect(second).toBe(4);
  expect(nextPause(SETTINGS, 4, 0.5)[1]).toBe(4);
  // A cap that meets the most exactly is at rest, too.
  expect(nextPause({ ...SETTINGS, maxMs: 1_600 }, 3, 0.5)[1]).toBe(3);
});

it('never draws less than the least', () => {
  expect(pauses(SETTINGS, 0, 7)).toEqual(Array.from({ length: 7 }, () => 100));
});

it('starts again after a reset', () => {
  const [, later] = nextPause(SETTINGS, nextPause(SETTINGS, NO_BACKOFF, 0.5)[1], 0.5);
  expect(nextPause(SETTINGS, later, 0.5)[0]).toBeGreaterThan(nextPause(SETTINGS, NO_BACKOFF, 0.5)[0]);
});

it('stays within its bounds, however long it goes on', () => {
  const settings = fc
    .record({
      minMs: fc.integer({ min: 1, max: 60_000 }),
      more: fc.integer({ min: 0, max: 600_000 }),
      factor: fc.integer({ min: 1, max: 10 }),
    })
    .map(({ minMs, more, factor }) => ({ minMs, maxMs: minMs + more, factor }));
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(settings, draw, (bounds, drawn) => {
      const drawnMs = pauses(bounds, drawn, 100);
      expect(Math.min(...drawnMs)).toBeGreaterThanOrEqual(bounds.minMs);
      expect(Math.max(...drawnMs)).toBeLessThanOrEqual(bounds.maxMs);
    }),
  );
});
