import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { laterOf, leaseDeadline, MAX_DRIFT, sleptBetween } from '../../src/protocol/timing.ts';
import { at, HOLD_SETTINGS } from './tools.ts';

const { timing } = HOLD_SETTINGS;

it('ends a lease its ttl less the margin after the send', () => {
  expect(leaseDeadline(at(1_000), timing)).toBe(55_000);
});

it('finds no sleep in what the margin has room for once drift is paid', () => {
  expect(sleptBetween(at(0), at(10_000, 3_000), timing)).toBe(false);
  expect(sleptBetween(at(0), at(10_000, 3_001), timing)).toBe(true);
});

it('counts only the sleep since the earlier moment', () => {
  expect(sleptBetween(at(0, 9_000), at(10_000, 12_000), timing)).toBe(false);
  expect(sleptBetween(at(0, 9_000), at(10_000, 12_001), timing)).toBe(true);
});

it('finds no sleep where the sleep-counting clock stepped back', () => {
  expect(sleptBetween(at(0, 5_000), at(10_000, -5_000), timing)).toBe(false);
});

it('takes the later of two moments by the monotonic clock', () => {
  expect(laterOf(at(1, 9_000), at(2))).toEqual(at(2));
  expect(laterOf(at(2), at(1, 9_000))).toEqual(at(2));
  // Nothing passed on that clock: the machine may have slept, after the first.
  expect(laterOf(at(2), at(2, 9_000))).toEqual(at(2, 9_000));
});

it('never lets belief reach a whole ttl of real time, whatever the clocks do and however long the sleep', () => {
  const rate = fc.double({ min: 1 - MAX_DRIFT, max: 1 + MAX_DRIFT, noNaN: true });
  const share = fc.double({ min: 0.06, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(
      rate,
      rate,
      share,
      fc.double({ min: 0, max: 2, noNaN: true }),
      (mono, elapsed, margin, sleep) => {
        const lease = { ttlMs: 60_000, marginMs: margin * 60_000 };
        // The last moment at which the monotonic clock still allows belief, after a sleep of `sleep` ttls.
        const awakeMs = leaseDeadline(at(0), lease) / mono;
        const realMs = awakeMs + sleep * lease.ttlMs;
        const now = { monotonicMs: mono * awakeMs, elapsedMs: elapsed * realMs };
        if (!sleptBetween(at(0), now, lease)) expect(realMs).toBeLessThan(lease.ttlMs + 1e-6);
      },
    ),
    { numRuns: 1_000 },
  );
});
