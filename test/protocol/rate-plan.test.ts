import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sum } from '../../src/protocol/rate-line.ts';
import { MAX_SPENT_PARTS, type Share, type SpentPart } from '../../src/protocol/rate-record.ts';
import { planShare, type ShareAsk, type SharePlan } from '../../src/protocol/rate-share.ts';
import { ASK, id, NOW_MS, plan, share, TTL_MS, written } from './sharing.ts';

const idsOf = (made: SharePlan): string[] => written(made).shares.map((each) => each.id);

describe('the reserve', () => {
  it('is half of what is left when all have what they want', () => {
    expect(plan({ shares: [share(2)] }).count).toBe(20 + 35);
  });

  it('is not kept for a process that may be dead, whatever it wanted', () => {
    expect(plan({ shares: [share(2, { wanted: 50 })] }, {}, NOW_MS + TTL_MS).count).toBe(20 + 35);
  });
});

describe('the line', () => {
  const wish = { wanted: 100, needed: 50 };
  const due = { ...wish, isDue: true };
  const had = share(1, { ...wish, count: 50 });
  const other = share(2, { ...wish, count: 50 });
  const starving = share(3, { ...wish, count: 0 });

  it('stays as it is where all who want something can begin', () => {
    expect(idsOf(plan({ shares: [had, share(2, { ...wish, count: 10 })] }, due))).toEqual([id(1), id(2)]);
  });

  it('stays as it is for a process that may be dead', () => {
    const dead = { ...starving, count: 10, ttlMs: 1 };
    expect(idsOf(plan({ shares: [had, dead] }, due, NOW_MS + 1))).toEqual([id(1), id(3)]);
  });

  it('keeps the place of a process that has had nothing yet', () => {
    const waiting = { ...had, count: 0 };
    expect(idsOf(plan({ shares: [waiting, other, starving] }, due))).toEqual([id(1), id(2), id(3)]);
  });

  it('keeps the place of a process that writes before its turn is over', () => {
    const made = plan({ shares: [{ ...had, needed: 40 }, other, starving] }, wish);
    expect(idsOf(made)).toEqual([id(1), id(2), id(3)]);
  });

  it('is stood in for as long as a window, and a share lasts no longer for that', () => {
    const minute = { windowMs: 60_000 };
    const ttlOf = (count: number) =>
      written(plan({ ...minute, shares: [share(2, { count })] }, minute)).shares;
    expect(ttlOf(100)[1]).toMatchObject({ count: 0, ttlMs: 60_000 });
    expect(ttlOf(99)[1]).toMatchObject({ count: 1, ttlMs: TTL_MS });
  });
});

describe('what is free', () => {
  const before = share(3, { count: 0, wanted: 10, needed: 6 });
  const spent = [{ count: 90, untilMs: NOW_MS }];

  it('is left to those who stand before it and cannot begin yet', () => {
    expect(plan({ shares: [before], spent }).count).toBe(4);
    const having = [{ count: 80, untilMs: NOW_MS }];
    expect(plan({ shares: [share(2), before], spent: having }).count).toBe(4);
  });

  it('is not taken once either, but for what they do not need', () => {
    const once = { isOnce: true, wanted: 5, needed: 5 };
    expect(plan({ shares: [before], spent }, once)).toMatchObject({ once: 0 });
    expect(plan({ shares: [before], spent }, { ...once, needed: 4 })).toMatchObject({ once: 4 });
  });

  it('is not left to those who stand behind', () => {
    const own = share(1, { count: 2 });
    expect(plan({ shares: [own, before], spent }, { isDue: true }).count).toBe(10);
  });

  it('is not left to a process that may be dead', () => {
    const dead = share(3, { count: 3, needed: 9, ttlMs: 1 });
    expect(plan({ shares: [dead], spent }, {}, NOW_MS + 1).count).toBe(7);
  });

  it('is not what a process has already', () => {
    const own = share(1, { count: 9 });
    expect(plan({ shares: [before, own], spent }, { isDue: true }).count).toBe(9);
  });
});

describe('a plan', () => {
  it('leaves alone what others spent', () => {
    const spent = [{ count: 9, untilMs: NOW_MS - 5 }];
    expect(written(plan({ spent })).spent).toEqual(spent);
  });

  it('gives back all, also where nobody wants more', () => {
    const taken = [{ count: 7, ageMs: 0 }];
    const made = plan({ shares: [share(1), share(2)] }, { wanted: 0, needed: 0, taken });
    expect(made).toMatchObject({ count: 0, spent: 7 });
    expect(idsOf(made)).toEqual([id(2)]);
  });

  it('counts what was handed out from the latest that goes beyond what is kept', () => {
    const taken = [
      { count: 20, ageMs: 1_050 },
      { count: 15, ageMs: 5_250 },
    ];
    const shares = [share(1, { count: 60, wanted: 60 }), share(2, { count: 40, wanted: 200 })];
    const made = plan({ shares }, { wanted: 20, isDue: true, taken });
    expect(written(made).spent).toEqual([{ count: 15, untilMs: NOW_MS + 1_000 - 5_000 }]);
  });

  it('takes once without standing in line', () => {
    const once = { isOnce: true, isStanding: false, wanted: 5, needed: 5 };
    expect(plan({ shares: [share(2)] }, once)).toMatchObject({ kind: 'written', once: 5 });
    expect(planShare(undefined, { ...ASK, ...once })).toMatchObject({ kind: 'written', once: 5 });
  });
});

describe('a share that is not due', () => {
  const own = share(1, { count: 20, wanted: 20 });
  const full = share(2, { count: 80, wanted: 80 });
  const seeking = { ...own, wanted: 40 };
  const leaving = (count: number): Share => share(2, { count, wanted: count });

  it.each<[string, Share[], Partial<ShareAsk>]>([
    ['as many are wanted as before, and are there', [{ ...own, needed: 20 }, full], { needed: 20 }],
    ['more are wanted, and others know that', [seeking, full], { wanted: 60 }],
    ['no more comes of it than a twentieth of the limit', [seeking, leaving(75)], { wanted: 40 }],
    [
      'too few are free to begin with',
      [share(1, { count: 15, wanted: 20, needed: 20 }), leaving(81)],
      { wanted: 20, needed: 20 },
    ],
  ])('is left as it is where %s', (_where, shares, ask) => {
    expect(plan({ shares }, ask)).toMatchObject({ kind: 'as-it-is', count: shares[0]?.count, spent: 0 });
  });

  it.each<[string, Share[], Partial<ShareAsk>, Partial<Share>]>([
    ['others cannot know that more are wanted', [own, full], { wanted: 40 }, { count: 20, wanted: 40 }],
    ['more are needed to begin with', [seeking, full], { wanted: 40, needed: 30 }, { needed: 30 }],
    ['more comes of it than a twentieth of the limit', [seeking, leaving(74)], { wanted: 40 }, { count: 26 }],
    [
      'enough are free to begin with',
      [share(1, { count: 15, wanted: 20, needed: 20 }), leaving(80)],
      { wanted: 20, needed: 20 },
      { count: 20 },
    ],
  ])('is written where %s', (_where, shares, ask, changes) => {
    expect(written(plan({ shares }, ask)).shares[0]).toMatchObject(changes);
  });
});

describe('what was spent', () => {
  const part = (index: number, changes: Partial<SpentPart> = {}): SpentPart => ({
    count: 2,
    untilMs: NOW_MS - 100 * index,
    ...changes,
  });
  /** Of two permits each, the latest first. */
  const parts = (number: number): SpentPart[] => Array.from({ length: number }, (_, index) => part(index));
  const countAfter = (spent: readonly SpentPart[], ms: number): number =>
    sum(spent.map(({ count, untilMs }) => (untilMs > ms ? count : 0)));

  it('is kept in as many parts as there is room for, the earliest first', () => {
    const spent = parts(MAX_SPENT_PARTS);
    expect(written(plan({ spent })).spent).toEqual(spent.toReversed());
  });

  it('is joined where that costs least, and then counts as long as the later part', () => {
    const joinedBy = (index: number, changes: Partial<SpentPart>): readonly SpentPart[] =>
      written(plan({ spent: parts(MAX_SPENT_PARTS + 1).with(index, part(index, changes)) })).spent;
    // Two permits would have to wait 100 ms longer everywhere else: here one has to, and there two for 40 ms.
    expect(joinedBy(7, { count: 1 })).toEqual(
      parts(MAX_SPENT_PARTS + 1)
        .toSpliced(6, 2, part(6, { count: 3 }))
        .toReversed(),
    );
    expect(joinedBy(20, { untilMs: part(20).untilMs + 40 })).toContainEqual(part(19, { count: 4 }));
    expect(joinedBy(20, { untilMs: part(20).untilMs - 60 })).toContainEqual(
      part(20, { count: 4, untilMs: part(20).untilMs - 60 }),
    );
  });

  it('never counts for a shorter time than before, however much there is', () => {
    const drawn = fc.record({ count: fc.integer({ min: 1, max: 9 }), ageMs: fc.nat(10_000) });
    fc.assert(
      fc.property(fc.array(drawn, { minLength: MAX_SPENT_PARTS, maxLength: 40 }), (all) => {
        const spent = all.map(({ count, ageMs }) => ({ count, untilMs: NOW_MS - ageMs }));
        const after = written(plan({ spent })).spent;
        expect(after.length).toBeLessThanOrEqual(MAX_SPENT_PARTS);
        expect(sum(after.map(({ count }) => count))).toBe(sum(spent.map(({ count }) => count)));
        for (const { untilMs } of spent)
          expect(countAfter(after, untilMs - 1)).toBeGreaterThanOrEqual(countAfter(spent, untilMs - 1));
      }),
    );
  });
});
