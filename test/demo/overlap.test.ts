import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beliefsOf, findOverlaps, judge, type Look } from '../../src/cli/demo/overlap.ts';

const yes = (leaseId: string, atMs: number, remainingMs = 100): Look => ({
  worker: `w-${leaseId}`,
  leaseId,
  atMs,
  isHeld: true,
  remainingMs,
});
const no = (leaseId: string, atMs: number): Look => ({
  worker: `w-${leaseId}`,
  leaseId,
  atMs,
  isHeld: false,
  remainingMs: 0,
});

describe('a belief', () => {
  it('lasts from the first look that says true to the first that says false', () => {
    const [belief, ...more] = beliefsOf([yes('a', 10), yes('a', 30), no('a', 50)], 'deadline');
    expect(belief).toMatchObject({ worker: 'w-a', fromMs: 10, untilMs: 50 });
    expect(more).toEqual([]);
  });

  it('of a killed process lasts to the deadline that it knew last', () => {
    expect(beliefsOf([yes('a', 10, 80), yes('a', 30, 75)], 'deadline')).toMatchObject([
      { fromMs: 10, untilMs: 105 },
    ]);
  });

  it('of a process that was stopped past its deadline ends there, not at the look on waking', () => {
    expect(beliefsOf([yes('a', 10, 80), no('a', 5_000)], 'deadline')).toMatchObject([
      { fromMs: 10, untilMs: 90 },
    ]);
  });

  it('goes on through a stop when the look on waking still says true', () => {
    expect(beliefsOf([yes('a', 10, 80), yes('a', 5_000, 5)], 'deadline')).toMatchObject([
      { fromMs: 10, untilMs: 5_005 },
    ]);
  });

  it('breaks in two where a doubt lay between', () => {
    const looks = [yes('a', 10), no('a', 20), yes('a', 40), no('a', 50)];
    expect(beliefsOf(looks, 'deadline')).toMatchObject([
      { fromMs: 10, untilMs: 20 },
      { fromMs: 40, untilMs: 50 },
    ]);
  });
});

describe('the judge', () => {
  it('finds nothing where one lease follows another', () => {
    const verdict = judge([yes('a', 10), no('a', 20), yes('b', 25), no('b', 30)]);
    expect(verdict).toEqual({ overlaps: [], leaseCount: 2, lookCount: 4, closestMs: 5 });
  });

  it('finds nothing where one lease begins the moment the other has ended', () => {
    expect(judge([yes('a', 10), no('a', 20), yes('b', 20), no('b', 30)]).overlaps).toEqual([]);
  });

  it('finds two that looked and held at once', () => {
    const looks = [yes('a', 10), yes('b', 15), yes('a', 20), no('a', 22), no('b', 30)];
    expect(judge(looks).overlaps).toEqual([{ workers: ['w-a', 'w-b'], fromMs: 15, forMs: 7 }]);
  });

  it('finds a lock that was taken over before a silent holder stopped believing', () => {
    const { overlaps } = judge([yes('dead', 10, 100), yes('b', 105), no('b', 120)]);
    expect(overlaps).toEqual([{ workers: ['w-dead', 'w-b'], fromMs: 105, forMs: 5 }]);
  });

  it('finds a stopped holder that still believes on waking', () => {
    const looks = [yes('stopped', 10, 50), yes('b', 70), no('b', 90), yes('stopped', 200, 1)];
    expect(judge(looks).overlaps).toMatchObject([{ workers: ['w-stopped', 'w-b'], forMs: 20 }]);
  });

  it('finds two leases of one process at once', () => {
    const anna = { worker: 'anna' };
    const one = [
      { ...yes('a', 10), ...anna },
      { ...no('a', 20), ...anna },
    ];
    const other = [
      { ...yes('b', 15), ...anna },
      { ...no('b', 25), ...anna },
    ];
    expect(judge([...one, ...other]).overlaps).toHaveLength(1);
  });

  it('accuses nobody in the middle of a run whose last look may not have arrived', () => {
    const soFar = [yes('a', 10), yes('b', 15), yes('b', 35)];
    expect(findOverlaps(beliefsOf(soFar, 'proven'))).toEqual([]);
    expect(judge(soFar).overlaps).toHaveLength(1);
  });

  it('accuses in the middle of a run where both have looked before and after', () => {
    const soFar = [yes('a', 10), yes('b', 15), yes('a', 30), yes('b', 35)];
    expect(findOverlaps(beliefsOf(soFar, 'proven'))).toMatchObject([{ fromMs: 15, forMs: 15 }]);
  });
});

/** Looks that a holder could have sent between `fromMs` and `untilMs`, the last of them false or missing. */
function looksOf(leaseId: string, fromMs: number, untilMs: number, isSilent: boolean): readonly Look[] {
  const middleMs = (fromMs + untilMs) / 2;
  const held = [yes(leaseId, fromMs, untilMs - fromMs), yes(leaseId, middleMs, untilMs - middleMs)];
  return isSilent ? held : [...held, no(leaseId, untilMs)];
}

const durations = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 50 }),
    held: fc.integer({ min: 2, max: 50 }),
    isSilent: fc.boolean(),
  }),
  { minLength: 2, maxLength: 8 },
);

describe('over random runs, in whatever order the looks arrive, the judge', () => {
  it('clears every run in which one lease follows another', () => {
    fc.assert(
      fc.property(durations, fc.infiniteStream(fc.nat()), (leases, order) => {
        let nowMs = 0;
        const looks = leases.flatMap(({ gap, held, isSilent }, index) => {
          const fromMs = nowMs + gap;
          nowMs = fromMs + held;
          return looksOf(`l${index}`, fromMs, nowMs, isSilent);
        });
        const keyed = looks.map((look) => ({ look, key: order.next().value ?? 0 }));
        const shuffled = keyed.toSorted((one, other) => one.key - other.key).map(({ look }) => look);
        const verdict = judge(shuffled);
        expect(verdict.overlaps).toEqual([]);
        expect(verdict.leaseCount).toBe(leases.length);
        expect(verdict.closestMs).toBe(Math.min(...leases.slice(1).map(({ gap }) => gap)));
      }),
    );
  });

  it('convicts every run into which one early grant is slipped', () => {
    fc.assert(
      fc.property(
        durations,
        fc.nat(),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (leases, pick, at) => {
          let nowMs = 0;
          const spans = leases.map(({ gap, held, isSilent }, index) => {
            const fromMs = nowMs + gap;
            nowMs = fromMs + held;
            return { leaseId: `l${index}`, fromMs, untilMs: nowMs, isSilent };
          });
          const victim = spans[pick % spans.length] ?? { leaseId: '', fromMs: 0, untilMs: 0 };
          const intrudesMs = victim.fromMs + at * (victim.untilMs - victim.fromMs);
          const looks = [
            ...spans.flatMap((span) => looksOf(span.leaseId, span.fromMs, span.untilMs, span.isSilent)),
            ...looksOf('intruder', intrudesMs, intrudesMs + 0.5, false),
          ];
          const pairs = judge(looks).overlaps.map(({ workers }) => workers.toSorted().join());
          expect(pairs).toContain(['w-intruder', `w-${victim.leaseId}`].toSorted().join());
        },
      ),
    );
  });
});
