import { describe, expect, it } from 'vitest';
import { hold, type HoldStep } from '../../src/protocol/hold.ts';
import { type HoldSettings, type HoldState, isHeldAt, isRefreshed } from '../../src/protocol/hold-state.ts';
import {
  ABSENT,
  applied,
  at,
  BUSY,
  failure,
  found,
  History,
  holding,
  read,
  record,
  REFUSED,
  resumed,
  seen,
  tick,
  UNKNOWN,
  version,
  wrote,
} from './tools.ts';

/** A lease whose first refresh has just left, at 20 000. */
function refreshing(changes: Partial<HoldSettings> = {}): History<HoldState, HoldStep> {
  const history = new History(hold, holding(changes));
  expect(history.next(tick(at(20_000)))).toMatchObject({ kind: 'patch', freshConnection: false });
  return history;
}

/** Lets the refresh under way get no answer, and shows the record with `count`; then builds the next one. */
function leaveUndecided(history: History<HoldState, HoldStep>, nowMs: number, count: number): void {
  history.next(wrote(at(nowMs), UNKNOWN));
  const step = history.next(read(at(nowMs), found(seen(record({ refreshCount: count }), version(7, 1)))));
  if (step.kind === 'wait') history.next(tick(at(step.untilMs)));
}

describe('the refreshes that may have been applied', () => {
  it('are none at first, and there was no doubt', () => {
    expect(holding()).toMatchObject({ undecided: [], hadDoubt: false });
  });

  it('count each from its own first send', () => {
    const history = refreshing();
    leaveUndecided(history, 20_100, 0);
    const sentAtMs = history.state.lastWriteAt.monotonicMs;
    expect(sentAtMs).toBeGreaterThan(20_000);
    history.next(wrote(at(30_000), UNKNOWN));
    history.next(read(at(30_100), found(seen(record({ refreshCount: 2 }), version(7, 2)))));
    expect(history.state.deadlineMs).toBe(sentAtMs + 54_000);
  });

  it('are forgotten up to the one that counts, and kept beyond', () => {
    const history = refreshing();
    leaveUndecided(history, 20_100, 0);
    leaveUndecided(history, 22_000, 0);
    expect(history.state.undecided.map(({ count }) => count)).toEqual([1, 2]);
    const sentAtMs = history.state.undecided.at(-1)?.sentAt.monotonicMs ?? 0;
    history.next(wrote(at(25_000), UNKNOWN));
    history.next(read(at(25_100), found(seen(record({ refreshCount: 1 }), version(7, 2)))));
    expect(history.state.undecided.map(({ count }) => count)).toEqual([2, 3]);
    // The second one lands late, and is known still.
    expect(history.next(tick(at(40_000))).kind).toBe('patch');
    history.next(wrote(at(40_100), REFUSED));
    history.next(read(at(40_200), found(seen(record({ refreshCount: 2 }), version(7, 3)))));
    expect(history.state.deadlineMs).toBe(sentAtMs + 54_000);
  });

  it('are bounded, and one that is no longer known credits nothing', () => {
    const backoff = { minMs: 1, maxMs: 1, factor: 1 };
    const history = refreshing({ backoff, mutationIntervalMs: 0 });
    for (let nowMs = 20_001; nowMs < 20_401; nowMs++) leaveUndecided(history, nowMs, 0);
    expect(history.state.undecided).toHaveLength(256);
    history.next(wrote(at(21_000), UNKNOWN));
    history.next(read(at(21_100), found(seen(record({ refreshCount: 1 }), version(7, 2)))));
    expect(history.state).toMatchObject({ deadlineMs: 54_000, creditedCount: 1 });
    expect(isHeldAt(history.state, at(21_100))).toBe(true);
  });
});

describe('a lease', () => {
  it('takes no notice of what it did not ask for', () => {
    const resting = holding();
    const { state: patching } = refreshing();
    const answers = [wrote(at(21_000), applied(version(7, 2))), read(at(21_000), ABSENT)];
    for (const event of answers) expect(hold(resting, event)).toEqual([resting, { kind: 'carry-on' }]);
    expect(hold(patching, read(at(21_000), ABSENT))).toEqual([patching, { kind: 'carry-on' }]);
    const reading = refreshing();
    reading.next(wrote(at(20_100), UNKNOWN));
    const { state } = reading;
    for (const event of [wrote(at(21_000), applied(version(7, 2))), tick(at(21_000))])
      expect(hold(state, event)).toEqual([state, { kind: 'carry-on' }]);
  });

  it('goes on pausing where it is woken too early', () => {
    const history = refreshing();
    history.next(wrote(at(20_100), UNKNOWN));
    const pause = history.next(read(at(20_200), { kind: 'unreadable', failure: failure() }));
    expect(pause).toEqual({ kind: 'wait', untilMs: 20_350 });
    expect(history.next(tick(at(20_201)))).toEqual(pause);
    const resending = refreshing();
    expect(resending.next(wrote(at(20_100), BUSY))).toEqual({ kind: 'wait', untilMs: 21_000 });
    expect(resending.next(tick(at(20_200)))).toEqual({ kind: 'wait', untilMs: 21_000 });
  });

  it('that is lost has nothing under way', () => {
    const history = refreshing();
    history.next(tick(at(54_000)));
    expect(history.state).toMatchObject({ lost: 'expired', phase: { kind: 'resting' } });
  });
});

describe('whether a lease was refreshed between two moments', () => {
  const held = holding();
  const credited = { ...held, creditedCount: 1 };
  const doubtful = { ...held, doubtedCount: 1 };

  it.each([
    ['nothing happened', held, held, false],
    ['a refresh was credited', held, credited, true],
    ['none has been credited since', credited, credited, false],
    ['a doubt arose', held, doubtful, false],
    ['a doubt was settled', doubtful, credited, true],
    ['it was settled by a refresh that counted before', { ...doubtful, creditedCount: 1 }, credited, true],
    ['a refresh from before a doubt was credited', doubtful, { ...doubtful, creditedCount: 1 }, false],
  ])('where %s', (_what, before, after, isSo) => {
    expect(isRefreshed(before, after)).toBe(isSo);
  });
});

describe('a doubt', () => {
  it('sends its refresh over a connection of its own, and is not forgotten', () => {
    const history = new History(hold, holding());
    expect(history.next(resumed(at(10_000)))).toMatchObject({ kind: 'patch', freshConnection: true });
    expect(history.state.hadDoubt).toBe(true);
    history.next(wrote(at(10_100), applied(version(7, 2))));
    expect(history.next(tick(at(30_000)))).toMatchObject({ kind: 'patch', freshConnection: false });
    expect(history.state.hadDoubt).toBe(true);
  });

  it('does not begin anew while it is being settled', () => {
    const history = new History(hold, holding());
    expect(history.next(tick(at(10_000, 30_000))).kind).toBe('patch');
    expect(history.next(tick(at(10_100, 30_000)))).toEqual({ kind: 'carry-on' });
    expect(history.next(tick(at(12_000, 30_000)))).toEqual({ kind: 'carry-on' });
  });
});
