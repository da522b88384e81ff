import { describe, expect, it } from 'vitest';
import { hold, type HoldStep } from '../../src/protocol/hold.ts';
import { type HoldSettings, type HoldState, isHeldAt } from '../../src/protocol/hold-state.ts';
import type { LockRecord } from '../../src/protocol/record.ts';
import {
  ABSENT,
  applied,
  at,
  BUSY,
  failure,
  FORBIDDEN,
  found,
  History,
  holding,
  read,
  record,
  refreshAsked,
  REFUSED,
  resumed,
  seen,
  theirs,
  tick,
  TTL_MS,
  UNKNOWN,
  version,
  wrote,
} from './tools.ts';

const V1 = version(7, 1);
const V2 = version(7, 2);
const V3 = version(7, 3);

function lease(
  changes: Partial<HoldSettings> = {},
  content: LockRecord = record(),
): History<HoldState, HoldStep> {
  return new History(hold, holding(changes, content));
}

/** A lease whose first refresh has just left, at 20 000. */
function refreshing(changes: Partial<HoldSettings> = {}): History<HoldState, HoldStep> {
  const history = lease(changes);
  history.next(tick(at(20_000)));
  return history;
}

/** A lease that reads, since its first refresh, sent at 20 000, came to `outcome` at 20 100. */
function reading(outcome: typeof UNKNOWN = UNKNOWN): History<HoldState, HoldStep> {
  const history = refreshing();
  expect(history.next(wrote(at(20_100), outcome)).kind).toBe('get');
  return history;
}

describe('a lease', () => {
  it('is held until its ttl less the margin after the send that won it', () => {
    const { state } = lease();
    expect(isHeldAt(state, at(53_999))).toBe(true);
    expect(isHeldAt(state, at(54_000))).toBe(false);
  });

  it('is not held once its machine slept longer than the margin has room for, before anything is told', () => {
    const { state } = lease();
    expect(isHeldAt(state, at(1_000, 3_000))).toBe(true);
    expect(isHeldAt(state, at(1_000, 3_001))).toBe(false);
  });

  it('is lost at its deadline, whatever comes first then', () => {
    const events = [
      tick(at(54_000)),
      resumed(at(54_000)),
      refreshAsked(at(54_000)),
      wrote(at(54_000), applied(V2)),
      read(at(54_000), found(seen(record(), V1))),
    ];
    for (const event of events) {
      expect(refreshing().next(event)).toEqual({ kind: 'lost', reason: 'expired' });
    }
  });

  it('that is lost stays lost, and sends nothing more', () => {
    const history = refreshing();
    history.next(tick(at(54_000)));
    for (const event of [wrote(at(54_001), applied(V2)), tick(at(60_000)), refreshAsked(at(60_000))]) {
      expect(history.next(event)).toEqual({ kind: 'carry-on' });
      expect(isHeldAt(history.state, at(100))).toBe(false);
    }
  });

  it('ends by maxHoldMs, counted from the grant, however healthy', () => {
    const history = lease({ maxHoldMs: 30_000 });
    expect(isHeldAt(history.state, at(30_099))).toBe(true);
    expect(isHeldAt(history.state, at(30_100))).toBe(false);
    expect(history.next(tick(at(30_100)))).toEqual({ kind: 'lost', reason: 'max-hold' });
  });
});

describe('a refresh', () => {
  it('is due its interval after the credited send', () => {
    expect(lease().next(tick(at(100)))).toEqual({ kind: 'wait', untilMs: 20_000 });
  });

  it('writes all of the record under a new count, guarded by both numbers', () => {
    const history = lease({}, record({ counter: '7', metadata: { a: 'b' } }));
    expect(history.next(tick(at(20_000)))).toMatchObject({
      kind: 'patch',
      expected: V1,
      request: 2,
      limitMs: 10_000,
      record: record({ counter: '7', metadata: { a: 'b' }, refreshCount: 1 }),
    });
  });

  it('may take half of what is left to the deadline', () => {
    expect(lease().next(tick(at(44_000)))).toMatchObject({ kind: 'patch', limitMs: 5_000 });
  });

  it('that was applied moves the deadline from its send, not from its answer', () => {
    const history = refreshing();
    expect(history.next(wrote(at(29_000), applied(V2)))).toEqual({ kind: 'wait', untilMs: 40_000 });
    expect(history.state).toMatchObject({ deadlineMs: 74_000, version: V2, creditedCount: 1 });
  });

  it('is the only one under way', () => {
    const history = refreshing();
    expect(history.next(tick(at(25_000)))).toEqual({ kind: 'carry-on' });
    expect(history.next(refreshAsked(at(25_000)))).toEqual({ kind: 'carry-on' });
  });

  it.each([
    ['not applied', BUSY],
    ['failed', FORBIDDEN],
  ])(
    'that was %s is sent again as the very same request, and counts from its first send',
    (_what, outcome) => {
      const history = refreshing();
      expect(history.next(wrote(at(20_100), outcome))).toEqual({ kind: 'wait', untilMs: 21_000 });
      expect(history.next(tick(at(21_000)))).toMatchObject({ kind: 'patch', request: 2, expected: V1 });
      history.next(wrote(at(21_100), applied(V2)));
      expect(history.state.deadlineMs).toBe(74_000);
    },
  );

  it('that keeps failing lets the lease live to its deadline, and no longer', () => {
    const history = refreshing();
    let step = history.next(wrote(at(20_100), FORBIDDEN));
    for (let count = 0; count < 50 && step.kind === 'wait'; count++) {
      const nowMs = Math.min(step.untilMs, 54_000);
      step = history.next(tick(at(nowMs)));
      if (step.kind === 'patch') step = history.next(wrote(at(nowMs + 10), FORBIDDEN));
    }
    expect(step).toEqual({ kind: 'lost', reason: 'expired' });
  });

  it('asked for by the user leaves at once, unless a write left within the last second', () => {
    expect(lease().next(refreshAsked(at(5_000)))).toMatchObject({
      kind: 'patch',
      record: { refreshCount: 1 },
    });
    expect(lease().next(refreshAsked(at(300)))).toEqual({ kind: 'wait', untilMs: 1_000 });
  });
});

describe('a refresh that was refused or never answered', () => {
  it.each([
    ['refused', REFUSED],
    ['unknown', UNKNOWN],
  ])('(%s) is looked for, and credits nothing by itself', (_what, outcome) => {
    const history = reading(outcome);
    expect(history.state.deadlineMs).toBe(54_000);
  });

  it('counts from its own first send where the object shows its count', () => {
    const history = reading();
    history.next(read(at(21_000), found(seen(record({ refreshCount: 1 }), V2))));
    expect(history.state).toMatchObject({ deadlineMs: 74_000, version: V2, creditedCount: 1 });
  });

  it('credits nothing where the object shows a smaller count, and goes again under a new one', () => {
    const history = reading(REFUSED);
    const step = history.next(read(at(21_000), found(seen(record(), V2))));
    expect(step.kind).toBe('wait');
    expect(history.state.deadlineMs).toBe(54_000);
    expect(history.next(tick(at(22_000)))).toMatchObject({
      kind: 'patch',
      expected: V2,
      request: 3,
      record: { refreshCount: 2 },
    });
  });

  it('counts from its send even where it was applied after a later one was sent', () => {
    const history = reading();
    history.next(read(at(21_000), found(seen(record(), V1))));
    history.next(tick(at(30_000)));
    // The first one lands now, so the second is refused.
    history.next(wrote(at(30_100), REFUSED));
    history.next(read(at(30_200), found(seen(record({ refreshCount: 1 }), V2))));
    expect(history.state).toMatchObject({ deadlineMs: 74_000, creditedCount: 1 });
  });

  it.each([
    ['taken over', 'taken-over', found(seen(theirs(), version(8, 1)))],
    ['deleted', 'deleted', ABSENT],
    ['foreign', 'edited', found(seen({ kind: 'foreign', why: 'a test says so' }, V2))],
    ['newer', 'edited', found(seen({ kind: 'newer', schema: 'gcs-mutex/2' }, V2))],
    ['freed', 'edited', found(seen(record({ state: 'free' }), V2))],
    ['written anew under our id', 'edited', found(seen(record(), version(8, 1)))],
    ['given another ttl', 'edited', found(seen(record({ ttlMs: TTL_MS + 1 }), V2))],
    ['given a counter', 'edited', found(seen(record({ counter: '7' }), V2))],
    ['given a count never sent', 'edited', found(seen(record({ refreshCount: 2 }), V2))],
  ])('shows the loss where the record was %s', (_what, reason, outcome) => {
    const history = reading(REFUSED);
    expect(history.next(read(at(21_000), outcome))).toEqual({ kind: 'lost', reason });
  });

  it.each([
    ['unreadable', { kind: 'unreadable', failure: failure() } as const],
    ['forbidden', FORBIDDEN],
  ])('is looked for again where the read was %s: that says nothing', (_what, outcome) => {
    const history = reading();
    const step = history.next(read(at(20_200), outcome));
    if (step.kind !== 'wait') throw new Error('no pause');
    expect(history.next(tick(at(step.untilMs))).kind).toBe('get');
    expect(isHeldAt(history.state, at(step.untilMs))).toBe(true);
  });
});

describe('a doubt', () => {
  it('arises where the sleep-counting clock ran ahead, and one new refresh settles it', () => {
    const history = lease();
    expect(history.next(tick(at(10_000, 30_000)))).toMatchObject({
      kind: 'patch',
      expected: V1,
      record: { refreshCount: 1 },
    });
    expect(isHeldAt(history.state, at(10_000))).toBe(false);
    history.next(wrote(at(10_100, 30_000), applied(V2)));
    expect(history.state.deadlineMs).toBe(64_000);
    expect(isHeldAt(history.state, at(10_100, 30_000))).toBe(true);
  });

  it('arises on SIGCONT, though no clock shows anything', () => {
    const history = lease();
    expect(history.next(resumed(at(10_000))).kind).toBe('patch');
    expect(isHeldAt(history.state, at(10_000))).toBe(false);
  });

  it('is not settled by a refresh that left before it', () => {
    const history = refreshing();
    expect(history.next(resumed(at(21_000)))).toMatchObject({ kind: 'patch', record: { refreshCount: 2 } });
    history.next(wrote(at(21_100), REFUSED));
    const step = history.next(read(at(21_200), found(seen(record({ refreshCount: 1 }), V2))));
    expect(isHeldAt(history.state, at(21_200))).toBe(false);
    expect(step).toEqual({ kind: 'wait', untilMs: 22_000 });
    expect(history.next(tick(at(22_000)))).toMatchObject({
      kind: 'patch',
      expected: V2,
      record: { refreshCount: 3 },
    });
    history.next(wrote(at(22_100), applied(V3)));
    expect(history.state.deadlineMs).toBe(76_000);
    expect(isHeldAt(history.state, at(22_100))).toBe(true);
  });

  it('is not settled by an answer that waited out a sleep of its own', () => {
    const history = refreshing();
    const step = history.next(wrote(at(20_100, 30_000), applied(V2)));
    expect(step).toMatchObject({ kind: 'patch', expected: V2, record: { refreshCount: 2 } });
    expect(isHeldAt(history.state, at(20_100, 30_000))).toBe(false);
  });

  it('goes on while its refresh is not applied or unknown, to the deadline', () => {
    const history = lease();
    history.next(resumed(at(10_000)));
    history.next(wrote(at(10_100), BUSY));
    expect(isHeldAt(history.state, at(10_100))).toBe(false);
    expect(history.next(tick(at(12_000))).kind).toBe('patch');
    history.next(wrote(at(12_100), UNKNOWN));
    expect(isHeldAt(history.state, at(12_100))).toBe(false);
    expect(history.next(tick(at(54_000)))).toEqual({ kind: 'lost', reason: 'expired' });
  });

  it('ends in loss where somebody else has the lock by now', () => {
    const history = lease();
    history.next(tick(at(10_000, 90_000)));
    history.next(wrote(at(10_100, 90_000), REFUSED));
    const outcome = found(seen(theirs(), version(8, 1)));
    expect(history.next(read(at(10_200, 90_000), outcome))).toEqual({ kind: 'lost', reason: 'taken-over' });
  });

  it('sends no more than the ration of writes, however often the process is stopped', () => {
    const history = lease();
    const sentAt: number[] = [];
    for (let ms = 10_000; ms < 12_500; ms += 100) {
      if (history.next(resumed(at(ms))).kind === 'patch') sentAt.push(ms);
    }
    expect(sentAt).toEqual([10_000, 11_000, 12_000]);
  });
});
