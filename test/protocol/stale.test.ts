import { describe, expect, it } from 'vitest';
import {
  observe,
  type StaleRules,
  standingOf,
  timeUntilReplaceable,
  timeUntilStale,
} from '../../src/protocol/stale.ts';
import { at, seen, theirs, TTL_MS, version } from './tools.ts';

const RULES: StaleRules = { clockSkewMs: 2_000, takeover: 'server-clock' };
const UPDATED_MS = 1_000_000_000_000;
const OBSERVED_MS = TTL_MS * 1.05 + 2_000;

/** A record last refreshed at `UPDATED_MS` + `fraction`, in an answer whose `Date` is `dateMs` later. */
function shown(dateMs: number, fraction = 0): ReturnType<typeof seen> {
  return seen(theirs(), version(5, 1), { updatedAt: UPDATED_MS + fraction, serverTime: UPDATED_MS + dateMs });
}

describe('by the clocks of the server', () => {
  it('a record is stale from its ttl and the skew after its last update on', () => {
    expect(timeUntilStale(shown(62_000), RULES, 0, 0, false)).toBe(0);
    expect(timeUntilStale(shown(61_000), RULES, 0, 0, false)).toBeGreaterThan(0);
  });

  it('a Date that is cut to its second makes the wait longer, never shorter', () => {
    expect(timeUntilStale(shown(62_000, 1), RULES, 0, 0, false)).toBeGreaterThan(0);
    expect(timeUntilStale(shown(63_000, 1), RULES, 0, 0, false)).toBe(0);
  });

  it('the next look is due when a Date that says so can first be seen', () => {
    // The second that Date shows may be nearly over, and 62 000 is the first that is enough.
    expect(timeUntilStale(shown(31_000), RULES, 0, 0, false)).toBe(30_000);
    expect(timeUntilStale(shown(31_000, 1), RULES, 0, 0, false)).toBe(31_000);
    expect(timeUntilStale(shown(61_000), RULES, 0, 0, false)).toBe(1);
  });

  it('the ttl of the record counts, however long', () => {
    const long = seen(theirs({ ttlMs: 10 * TTL_MS }), version(5, 1), { serverTime: UPDATED_MS + 601_000 });
    expect(timeUntilStale(long, RULES, 0, 0, false)).toBeGreaterThan(0);
    expect(timeUntilStale({ ...long, serverTime: UPDATED_MS + 602_000 }, RULES, 0, 0, false)).toBe(0);
  });

  it('an answer without a usable Date proves nothing', () => {
    const { serverTime: _none, ...object } = shown(1_000_000);
    expect(timeUntilStale(object, RULES, 0, 0, false)).toBe(OBSERVED_MS);
  });

  it('a Date before the last update proves nothing', () => {
    expect(timeUntilStale(shown(-3_600_000), RULES, 0, 0, false)).toBe(OBSERVED_MS);
  });

  it('no Date counts where only the own observation is trusted, or the reading may be old', () => {
    const observation: StaleRules = { ...RULES, takeover: 'observation' };
    expect(timeUntilStale(shown(1_000_000), observation, 0, 0, false)).toBe(OBSERVED_MS);
    expect(timeUntilStale(shown(1_000_000), RULES, 0, 0, true)).toBe(OBSERVED_MS);
  });

  it('no Date counts where the store leaves the last update as it was through a refresh', () => {
    const frozen = seen(theirs({ refreshCount: 3 }), version(5, 4), { serverTime: UPDATED_MS + 1_000_000 });
    expect(timeUntilStale(frozen, RULES, 0, 0, false)).toBe(OBSERVED_MS);
    const alive = { ...frozen, updatedAt: UPDATED_MS + 1 };
    expect(timeUntilStale(alive, RULES, 0, 0, false)).toBe(0);
    expect(timeUntilStale({ ...alive, version: version(5, 1) }, RULES, 0, 0, false)).toBe(OBSERVED_MS);
  });

  it('what is no record is never stale', () => {
    const date = { serverTime: UPDATED_MS + 1_000_000_000 };
    const newer = seen({ kind: 'newer', schema: 'gcs-mutex/2' }, version(5, 1), date);
    const foreign = seen({ kind: 'foreign', why: 'a test says so' }, version(5, 1), date);
    expect(timeUntilStale(newer, RULES, 0, 1e12, false)).toBe(Infinity);
    expect(timeUntilStale(foreign, RULES, 0, 1e12, false)).toBe(Infinity);
    for (const object of [newer, foreign]) {
      expect(timeUntilReplaceable(object, { isOwnOrphan: true }, RULES, 1e12)).toBe(Infinity);
    }
  });
});

describe('one look', () => {
  it('tells how a record stands, whoever may take it over by what rule', () => {
    const standing = (object: ReturnType<typeof seen>, rules = RULES): string => standingOf(object, rules);
    const foreign = seen({ kind: 'foreign', why: 'a test says so' }, version(5, 1));
    expect(standing(foreign)).toBe('unusable');
    expect(standing(seen({ kind: 'newer', schema: 'gcs-mutex/2' }, version(5, 1)))).toBe('held');
    expect(standing(seen(theirs({ state: 'free' }), version(5, 1)))).toBe('free');
    for (const takeover of ['server-clock', 'observation'] as const) {
      expect(standing(shown(61_000), { ...RULES, takeover })).toBe('held');
      expect(standing(shown(62_000), { ...RULES, takeover })).toBe('stale');
    }
    expect(standing(shown(62_000), { ...RULES, clockSkewMs: 3_000 })).toBe('held');
  });
});

describe('by having watched it', () => {
  it('a record is stale after its ttl with the drift of a clock and the skew', () => {
    expect(timeUntilStale(shown(0), RULES, 500, 500 + OBSERVED_MS - 1, true)).toBe(1);
    expect(timeUntilStale(shown(0), RULES, 500, 500 + OBSERVED_MS, true)).toBe(0);
  });

  it('the same record keeps the time of its first sighting', () => {
    const first = observe(undefined, shown(0), 1_000);
    expect(observe(first, shown(9_000), 9_000)).toEqual({ ...first, sinceMs: 1_000 });
  });

  it('edits of keys that are not its own keep the time: a dead lock does not live on by them', () => {
    const first = observe(undefined, seen(theirs(), version(5, 1)), 1_000);
    const edited = seen(theirs({ holder: 'edited', metadata: { a: 'b' } }), version(5, 9));
    expect(observe(first, edited, 9_000)?.sinceMs).toBe(1_000);
  });

  it.each([
    ['refresh count', seen(theirs({ refreshCount: 1 }), version(5, 1))],
    ['lease id', seen(theirs({ leaseId: 'd'.repeat(32) }), version(5, 1))],
    ['ttl', seen(theirs({ ttlMs: TTL_MS + 1 }), version(5, 1))],
    ['state', seen(theirs({ state: 'cooling' }), version(5, 1))],
    ['generation', seen(theirs(), version(6, 1))],
  ])('another %s starts anew', (_what, object) => {
    const first = observe(undefined, seen(theirs(), version(5, 1)), at(1_000).monotonicMs);
    expect(observe(first, object, 9_000)?.sinceMs).toBe(9_000);
  });

  it('a ttl and a refresh count that read the same one after the other are not mistaken', () => {
    const first = observe(undefined, seen(theirs({ ttlMs: 6_000, refreshCount: 10 }), version(5, 1)), 1_000);
    const other = seen(theirs({ ttlMs: 60_001, refreshCount: 0 }), version(5, 1));
    expect(observe(first, other, 9_000)?.sinceMs).toBe(9_000);
  });

  it('what is no record is not watched', () => {
    expect(
      observe(undefined, seen({ kind: 'newer', schema: 'gcs-mutex/2' }, version(5, 1)), 1),
    ).toBeUndefined();
  });
});

describe('one reading of a record', () => {
  const rules = { clockSkewMs: 2_000, takeover: 'observation' } as const;

  it('that nobody has watched before counts from now', () => {
    const object = seen(theirs(), version(7, 1));
    expect(timeUntilReplaceable(object, {}, rules, 1_000_000)).toBe(TTL_MS * 1.05 + 2_000);
    expect(timeUntilReplaceable(object, { observedSinceMs: 930_000 }, rules, 1_000_000)).toBe(0);
  });

  it('that is free, or left behind by this very process, may be replaced at once; one that cools may not', () => {
    const free = seen(theirs({ state: 'free' }), version(7, 1));
    expect(timeUntilReplaceable(free, {}, rules, 0)).toBe(0);
    const orphan = { isOwnOrphan: true };
    expect(timeUntilReplaceable(seen(theirs(), version(7, 1)), orphan, rules, 0)).toBe(0);
    const cooling = seen(theirs({ state: 'cooling' }), version(7, 1));
    expect(timeUntilReplaceable(cooling, orphan, rules, 0)).toBeGreaterThan(60_000);
  });
});
