import { describe, expect, it } from 'vitest';
import { nextEnd, overAt, reckon } from '../../src/protocol/rate-reckoning.ts';
import { EARLIEST_MS, type RateValue, type Share } from '../../src/protocol/rate-record.ts';

const NOW_MS = 1_790_000_000_000;
const CREATED_MS = NOW_MS - 600_000;
const WINDOW_MS = 10_000;
const SKEW_MS = 2_000;
const REST_MS = WINDOW_MS + SKEW_MS;
const TTL_MS = 15_000;

function share(number: number, changes: Partial<Share> = {}): Share {
  const id = number.toString(16).padStart(16, '0');
  return { id, count: 10, wanted: 10, needed: 1, stampMs: NOW_MS, ttlMs: TTL_MS, ...changes };
}

function seen(value: Partial<RateValue>, updatedAt = CREATED_MS) {
  const whole = { limit: 100, windowMs: WINDOW_MS, shares: [], spent: [], ...value };
  return { value: whole, createdAt: CREATED_MS, updatedAt };
}

describe('what counts', () => {
  it('is a share until a window after its ttl, though its process is dead before', () => {
    const document = seen({ shares: [share(1)] });
    const at = (ms: number) => reckon(document, NOW_MS + ms, SKEW_MS);
    const alive = ({ shares, isAlive }: ReturnType<typeof at>): boolean[] => shares.map(isAlive);
    expect(alive(at(TTL_MS - 1))).toEqual([true]);
    expect(alive(at(TTL_MS))).toEqual([false]);
    expect(alive(at(TTL_MS + REST_MS - 1))).toEqual([false]);
    expect(alive(at(TTL_MS + REST_MS))).toEqual([]);
  });

  it('is what was spent until a window later, and a place in the line until its ttl', () => {
    const document = seen({ shares: [share(1, { count: 0 })], spent: [{ count: 2, untilMs: NOW_MS }] });
    const counts = (ms: number): number[] => {
      const { shares, spent } = reckon(document, NOW_MS + ms, SKEW_MS);
      return [shares.length, spent.length];
    };
    expect(counts(REST_MS - 1)).toEqual([1, 1]);
    expect(counts(REST_MS)).toEqual([1, 0]);
    expect(counts(TTL_MS)).toEqual([0, 0]);
  });
});

describe('a limiter is over', () => {
  it.each<[string, Partial<RateValue>, number]>([
    ['as soon as it is written, where nothing counts', {}, CREATED_MS],
    [
      'when its last share is',
      { shares: [share(1), share(2, { stampMs: NOW_MS + 5 })] },
      TTL_MS + REST_MS + 5,
    ],
    ['when the last in line has gone', { shares: [share(1, { count: 0 })] }, TTL_MS],
    ['when what was spent is', { spent: [{ count: 1, untilMs: NOW_MS + 7 }] }, REST_MS + 7],
    [
      'when a share is that was written by whoever made it',
      { shares: [share(1, { stampMs: 3 })] },
      CREATED_MS - NOW_MS + 3 + TTL_MS + REST_MS,
    ],
  ])('%s', (_when, value, ms) => {
    expect(overAt(seen(value), SKEW_MS)).toBe(ms === CREATED_MS ? CREATED_MS : NOW_MS + ms);
  });

  it('at a time that counts from when it was made, where that is below the earliest of the server', () => {
    const over = (untilMs: number) => overAt(seen({ spent: [{ count: 1, untilMs }] }), SKEW_MS);
    expect(over(EARLIEST_MS - 1)).toBe(CREATED_MS + EARLIEST_MS - 1 + REST_MS);
    // That is long ago.
    expect(over(EARLIEST_MS)).toBe(CREATED_MS);
  });

  it('not before it was written', () => {
    expect(overAt(seen({ spent: [{ count: 1, untilMs: 0 }] }, NOW_MS), SKEW_MS)).toBe(NOW_MS);
  });
});

describe('more comes free by itself', () => {
  it.each<[string, Partial<RateValue>, number | undefined]>([
    ['never, where only live processes have some', { shares: [share(1)] }, undefined],
    ['never, of those that only stand in line', { shares: [share(1, { count: 0, ttlMs: 1 })] }, undefined],
    ['when the share of a dead one ends', { shares: [share(1, { ttlMs: 1 }), share(2)] }, 1 + REST_MS],
    [
      'when the first of what was spent does',
      { shares: [share(2, { ttlMs: 1 })], spent: [9, -9].map((ms) => ({ count: 1, untilMs: NOW_MS + ms })) },
      REST_MS - 9,
    ],
    ['not again, where it has ended', { spent: [{ count: 1, untilMs: NOW_MS - REST_MS }] }, undefined],
  ])('%s', (_when, value, ms) => {
    const end = nextEnd(seen(value), NOW_MS + 1, SKEW_MS);
    expect(end).toBe(ms === undefined ? undefined : NOW_MS + ms);
  });
});
