import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sum } from '../../src/protocol/rate-line.ts';
import { MAX_SHARES, type RateValue } from '../../src/protocol/rate-record.ts';
import { aheadOfAnswer, allowedBy, beliefEnd, planShare, refreshAt } from '../../src/protocol/rate-share.ts';
import { ASK, id, LIMIT, NOW_MS, plan, seen, share, SKEW_MS, TTL_MS, WINDOW_MS, written } from './sharing.ts';
import { at } from './tools.ts';

describe('a first share', () => {
  it('is what is wanted, and half of what nobody wants', () => {
    const made = plan({});
    expect(made).toMatchObject({ kind: 'written', count: 60, entitled: 20 });
    expect(written(made).shares).toEqual([
      { id: id(1), count: 60, wanted: 20, needed: 1, stampMs: NOW_MS + 1_000, ttlMs: TTL_MS },
    ]);
  });

  it('is of a time before any that the server’s clock can have reached when it creates the object', () => {
    expect(written(planShare(undefined, ASK)).shares).toMatchObject([{ stampMs: 0, count: 60 }]);
    const early = { shares: [share(2, { stampMs: 0, count: 90 })] };
    // Created a minute ago: its ttl is over, and the window after it.
    expect(plan(early).count).toBe(60);
    expect(planShare({ ...seen(early), createdAt: NOW_MS - 26_000 }, ASK).count).toBe(10);
  });

  it('is what is left, where others have the most', () => {
    expect(plan({ shares: [share(2, { count: 95 })] }).count).toBe(5);
    expect(plan({ spent: [{ count: 95, untilMs: NOW_MS }] }).count).toBe(5);
  });

  it('stands in line where nothing is left', () => {
    const made = plan({ shares: [share(2, { count: 100 })] });
    expect(made).toMatchObject({ kind: 'written', count: 0, entitled: 20 });
    expect(written(made).shares[1]).toMatchObject({ id: id(1), count: 0, wanted: 20 });
  });

  it('leaves no reserve to itself where others want more than they have', () => {
    expect(plan({ shares: [share(2, { count: 10, wanted: 11 })] }).count).toBe(20);
  });

  it('lasts longer with each process that has one', () => {
    const shares = Array.from({ length: 9 }, (_, number) => share(number + 2, { count: 1 }));
    expect(written(plan({ shares })).shares[9]).toMatchObject({ ttlMs: 10 * 6_000 });
  });

  it('is none where the line is full', () => {
    const shares = Array.from({ length: MAX_SHARES }, (_, number) => share(number + 2, { count: 0 }));
    expect(plan({ shares })).toMatchObject({ kind: 'full', count: 0 });
    expect(plan({ shares: shares.slice(1) })).toMatchObject({ kind: 'written' });
  });

  it('is none for another limit or window, nor where the answer says no time', () => {
    expect(plan({ limit: 99 }).kind).toBe('mismatch');
    expect(plan({ windowMs: 9_999 }).kind).toBe('mismatch');
    const { serverTime: _none, ...timeless } = seen({});
    expect(planShare(timeless, ASK).kind).toBe('timeless');
  });
});

describe('what counts', () => {
  const endMs = NOW_MS + TTL_MS + WINDOW_MS + SKEW_MS;

  it('is a share until its ttl, a window and the room for clocks that differ have passed', () => {
    const shares = [share(2, { count: 100 })];
    expect(plan({ shares }, {}, endMs - 1)).toMatchObject({ count: 0 });
    expect(plan({ shares }, {}, endMs)).toMatchObject({ count: 60 });
  });

  it('is a spent part until a window and the room for clocks that differ have passed', () => {
    const spent = [{ count: 100, untilMs: NOW_MS }];
    expect(plan({ spent }, {}, NOW_MS + WINDOW_MS + SKEW_MS - 1)).toMatchObject({ count: 0 });
    expect(plan({ spent }, {}, NOW_MS + WINDOW_MS + SKEW_MS)).toMatchObject({ count: 60 });
  });

  it('is not what a process wants that may be dead, nor its place in the line', () => {
    const dead = share(2, { count: 50, wanted: 100 });
    const waiting = share(3, { count: 0, wanted: 100 });
    const later = plan({ shares: [dead, waiting] }, { wanted: 100 }, NOW_MS + TTL_MS);
    expect(later.count).toBe(50);
    expect(written(later).shares.map((each) => each.id)).toEqual([id(2), id(1)]);
  });
});

describe('a share that becomes smaller', () => {
  const own = share(1, { count: 60, wanted: 60 });
  const others = share(2, { count: 40, wanted: 200 });

  it('frees at once what was never handed out', () => {
    const made = plan({ shares: [own, others] }, { wanted: 20, isDue: true });
    expect(made.count).toBe(20);
    expect(written(made).spent).toEqual([]);
  });

  it('leaves what was handed out, beyond what it keeps, until that is a window old', () => {
    const taken = [
      { count: 15, ageMs: 1_050 },
      { count: 20, ageMs: 5_250 },
    ];
    const made = plan({ shares: [own, others] }, { wanted: 20, isDue: true, taken });
    // The sixteenth to the twentieth of the latest are kept, so that the twenty-first is the latest to count by itself.
    expect(made).toMatchObject({ count: 20, spent: 15 });
    expect(written(made).spent).toEqual([{ count: 15, untilMs: NOW_MS + 1_000 - 5_000 }]);
  });

  it('goes to what everybody may have, when it is due', () => {
    const greedy = { wanted: 200, isDue: true };
    expect(plan({ shares: [own, others] }, greedy).count).toBe(50);
    const known = { ...own, wanted: 200 };
    expect(plan({ shares: [known, others] }, { ...greedy, isDue: false }).kind).toBe('as-it-is');
  });

  it('is given back whole: it leaves the line', () => {
    const taken = [{ count: 7, ageMs: 0 }];
    const made = plan({ shares: [own, others] }, { wanted: 0, needed: 0, taken });
    expect(made).toMatchObject({ count: 0, spent: 7 });
    expect(written(made)).toMatchObject({
      shares: [{ id: id(2) }],
      spent: [{ count: 7, untilMs: NOW_MS + 1_000 }],
    });
    expect(plan({ shares: [others] }, { wanted: 0, needed: 0 }).kind).toBe('as-it-is');
  });
});

describe('a line that is too long for the limit', () => {
  it('goes on when whoever had its turn writes again: it goes to the end', () => {
    const wish = { wanted: 100, needed: 50 };
    const shares = [50, 50, 0].map((count, index) => share(index + 1, Object.assign({ count }, wish)));
    const made = plan({ shares }, { wanted: 100, needed: 50, isDue: true });
    expect(made).toMatchObject({ count: 0, entitled: 0 });
    expect(written(made).shares.map((each) => [each.id, each.count])).toEqual([
      [id(2), 50],
      [id(3), 0],
      [id(1), 0],
    ]);
  });
});

describe('what is taken once', () => {
  const once = { isOnce: true, wanted: 5, needed: 5 };

  it('counts from then on for as long as nobody knows when it was used', () => {
    const made = plan({ shares: [share(2)] }, once);
    expect(made).toMatchObject({ kind: 'written', once: 5, count: 0 });
    expect(written(made)).toMatchObject({
      shares: [{ id: id(2) }],
      spent: [{ count: 5, untilMs: NOW_MS + 1_000 + TTL_MS }],
    });
  });

  it('waits for others who came first, and leaves the line when it is served', () => {
    const waiting = share(2, { count: 0, wanted: 98, needed: 98 });
    const made = plan({ shares: [waiting] }, once);
    expect(made).toMatchObject({ once: 0, count: 0 });
    const [first, own] = written(made).shares;
    expect([first?.id, own?.id]).toEqual([id(2), id(1)]);
    expect(own).toMatchObject({ count: 0, wanted: 5, needed: 5 });
    expect(plan({ shares: [waiting] }, { ...once, isStanding: false }).kind).toBe('as-it-is');
    expect(written(plan({ shares: [own ?? share(1)] }, once)).shares).toEqual([]);
  });
});

describe('time', () => {
  it('is as late as the server’s clock can be, for a clock that is slow or stood still', () => {
    expect(aheadOfAnswer(at(0), at(0))).toBe(1_000);
    expect(aheadOfAnswer(at(0), at(950))).toBe(2_000);
    expect(aheadOfAnswer(at(0), { monotonicMs: 950, elapsedMs: 1_000 })).toBe(2_050);
    // One that counts sleep and was set back tells nothing.
    expect(aheadOfAnswer(at(0), { monotonicMs: 950, elapsedMs: -5_000 })).toBe(2_000);
    // Both clocks begin anywhere.
    const from = { monotonicMs: 7_000, elapsedMs: 3_000 };
    expect(aheadOfAnswer(from, { monotonicMs: 7_950, elapsedMs: 4_000 })).toBe(2_050);
  });

  it('ends a belief before the ttl, and at a sleep', () => {
    const belief = { count: 5, ttlMs: 10_000, sentAt: at(0) };
    expect(beliefEnd(belief)).toBe(9_000);
    expect(allowedBy(belief, at(8_999))).toBe(5);
    expect(allowedBy(belief, at(9_000))).toBe(0);
    expect(allowedBy(belief, { monotonicMs: 100, elapsedMs: 601 })).toBe(0);
    expect(allowedBy(belief, { monotonicMs: 100, elapsedMs: 600 })).toBe(5);
    expect(allowedBy(undefined, at(0))).toBe(0);
  });

  it('makes a share due early enough that writing it may fail twice', () => {
    expect(refreshAt({ count: 5, ttlMs: 15_000, sentAt: at(1_000) })).toBe(6_000);
  });
});

it('no plan ever counts more than the limit, or makes anything of another’s share', () => {
  const number = fc.nat(60);
  const shares = fc.uniqueArray(
    fc.record({ who: fc.integer({ min: 1, max: 8 }), count: number, wanted: number, ageMs: fc.nat(40_000) }),
    { selector: ({ who }) => who, maxLength: 8 },
  );
  const spentParts = fc.array(fc.record({ count: fc.nat(20), ageMs: fc.nat(20_000) }), { maxLength: 30 });
  const ask = fc.record({
    wanted: fc.nat(120),
    needed: fc.integer({ min: 1, max: 60 }),
    isDue: fc.boolean(),
    isOnce: fc.boolean(),
    isStanding: fc.boolean(),
    taken: fc.array(fc.record({ count: fc.integer({ min: 1, max: 9 }), ageMs: fc.nat(10_000) }), {
      maxLength: 5,
    }),
  });
  fc.assert(
    fc.property(shares, spentParts, ask, (drawn, parts, asked) => {
      const value = {
        shares: drawn.map(({ who, ageMs, ...rest }) => share(who, { ...rest, stampMs: NOW_MS - ageMs })),
        spent: parts.map(({ count, ageMs }) => ({ count, untilMs: NOW_MS - ageMs })),
      };
      // Who takes once has no share to take from.
      const from = asked.isOnce ? [] : asked.taken;
      const taken = from.toSorted((one, other) => one.ageMs - other.ageMs);
      const made = plan(value, { ...asked, taken });
      if (made.decision.kind === 'leave') return;
      const after = made.decision.value;
      const total = (of: RateValue): number =>
        sum(of.shares.map(({ count }) => count)) + sum(of.spent.map(({ count }) => count));
      const alive = (ms: number, ttlMs: number): boolean => NOW_MS < ms + ttlMs + WINDOW_MS + SKEW_MS;
      const before = total({
        ...seen(value).value,
        shares: value.shares.filter((each) => alive(each.stampMs, each.ttlMs)),
        spent: value.spent.filter((each) => alive(each.untilMs, 0)),
      });
      // What was too much before (others than this limiter made it so) never grows.
      expect(total(after)).toBeLessThanOrEqual(Math.max(LIMIT, before));
      for (const each of after.shares) if (each.id !== id(1)) expect(value.shares).toContainEqual(each);
      // What is kept and what is left together cover all that was taken, as far as the share allowed that.
      const own = value.shares.find((each) => each.id === id(1) && alive(each.stampMs, each.ttlMs));
      expect(made.count + made.spent).toBeGreaterThanOrEqual(
        Math.min(own?.count ?? 0, sum(taken.map(({ count }) => count))),
      );
      expect(after.spent.length).toBeLessThanOrEqual(24);
    }),
    { numRuns: 500 },
  );
});
