import { describe, expect, it } from 'vitest';
import type { LockRecord } from '../../src/protocol/record.ts';
import { release, type ReleaseState, type ReleaseStep, startRelease } from '../../src/protocol/release.ts';
import {
  ABSENT,
  applied,
  at,
  BUSY,
  failure,
  FORBIDDEN,
  found,
  History,
  read,
  record,
  REFUSED,
  RELEASE_SETTINGS,
  seen,
  theirs,
  tick,
  UNKNOWN,
  version,
  wrote,
} from './tools.ts';

const V1 = version(7, 1);
const V2 = version(7, 2);
const DELETED = { kind: 'applied' } as const;

/** A release that has sent its first request at 0. */
function releasing(content: LockRecord, isInTime = true): History<ReleaseState, ReleaseStep> {
  const holding = { record: content, version: V1, lastRequest: 4 };
  const earlier = { isInTime, isUndecided: false };
  const [state, step] = startRelease(holding, earlier, { ...RELEASE_SETTINGS, untilMs: 8_000 }, at(0));
  expect(step.kind).toBe(content.counter === undefined ? 'delete' : 'patch');
  return new History(release, state);
}

/** Goes on after the pause that a step asks for. */
function after(history: History<ReleaseState, ReleaseStep>, step: ReleaseStep): ReleaseStep {
  if (step.kind !== 'wait') throw new Error(`expected a pause, got ${step.kind}`);
  return history.next(tick(at(step.untilMs)));
}

describe('releasing a record without a counter', () => {
  const plain = (isInTime = true): History<ReleaseState, ReleaseStep> => releasing(record(), isInTime);

  it('is one delete, guarded by the generation alone: a refresh of ours may still move the rest', () => {
    const holding = { record: record(), version: V1, lastRequest: 4 };
    const [, step] = startRelease(holding, { isInTime: true, isUndecided: false }, RELEASE_SETTINGS, at(0));
    expect(step).toEqual({ kind: 'delete', generation: '7', request: 5, limitMs: 10_000 });
  });

  it('says true where it was applied', () => {
    expect(plain().next(wrote(at(50), DELETED))).toEqual({ kind: 'released', wasHeld: true });
  });

  it('says false where it was gone', () => {
    expect(plain().next(wrote(at(50), REFUSED))).toEqual({ kind: 'released', wasHeld: false });
  });

  it('sends the same request again after an unknown outcome, and then takes gone for its own doing', () => {
    const history = plain();
    const step = after(history, history.next(wrote(at(50), UNKNOWN)));
    expect(step).toMatchObject({ kind: 'delete', generation: '7', request: 5 });
    expect(history.next(wrote(at(2_500), REFUSED))).toEqual({ kind: 'released', wasHeld: true });
  });

  it('takes nothing for its own doing that was first sent after the deadline', () => {
    const history = plain(false);
    after(history, history.next(wrote(at(50), UNKNOWN)));
    expect(history.next(wrote(at(2_500), REFUSED))).toEqual({ kind: 'released', wasHeld: false });
  });

  it('takes nothing for its own doing after attempts that were not applied', () => {
    const history = plain();
    expect(after(history, history.next(wrote(at(50), BUSY)))).toMatchObject({ kind: 'delete', request: 5 });
    expect(history.next(wrote(at(2_500), REFUSED))).toEqual({ kind: 'released', wasHeld: false });
  });

  it('leaves the object to its ttl once its time is over, and says why', () => {
    const history = plain();
    after(history, history.next(wrote(at(50), BUSY)));
    expect(history.next(tick(at(7_999)))).toEqual({ kind: 'carry-on' });
    expect(history.next(tick(at(8_000)))).toEqual({ kind: 'failed', failure: failure('busy') });
    expect(history.next(wrote(at(8_001), DELETED))).toEqual({ kind: 'carry-on' });
  });

  it('says so where there was no answer in all its time', () => {
    expect(plain().next(tick(at(8_000)))).toMatchObject({
      kind: 'failed',
      failure: { kind: 'unavailable', detail: expect.stringContaining('no answer') },
    });
  });

  it('pauses as long as the ration of writes asks for, no longer than its time, and not a moment less', () => {
    const history = plain();
    const pause = history.next(wrote(at(50), BUSY));
    expect(pause).toEqual({ kind: 'wait', untilMs: 1_000 });
    expect(history.next(tick(at(999)))).toEqual(pause);
    expect(history.next(tick(at(1_000)))).toMatchObject({ kind: 'delete', limitMs: 3_500 });
    const second = after(history, history.next(wrote(at(7_000), BUSY)));
    expect(second).toMatchObject({ kind: 'delete' });
    expect(history.next(wrote(at(7_300), BUSY))).toMatchObject({ kind: 'wait', untilMs: 8_250 });
    expect(history.next(tick(at(8_000)))).toEqual({ kind: 'failed', failure: failure('busy') });
  });

  it('pauses no longer than half of what is left, so that the last of its time is not slept through', () => {
    const history = plain();
    for (let atMs = 1_000; atMs <= 4_000; atMs += 1_000) after(history, history.next(wrote(at(atMs), BUSY)));
    const late = { ...wrote(at(6_800), BUSY), draw: 0.99 };
    expect(history.next(late)).toEqual({ kind: 'wait', untilMs: 7_400 });
  });

  it('fails at once where trying again does not help', () => {
    expect(plain().next(wrote(at(50), FORBIDDEN))).toEqual(FORBIDDEN);
  });

  it('keeps time for a second attempt', () => {
    const holding = { record: record(), version: V1, lastRequest: 4 };
    const settings = { ...RELEASE_SETTINGS, untilMs: 8_000 };
    const [, step] = startRelease(holding, { isInTime: true, isUndecided: false }, settings, at(0));
    expect(step).toMatchObject({ limitMs: 4_000 });
  });

  it.each([
    { timeoutMs: 1_500, limitMs: 1_000 },
    { timeoutMs: 700, limitMs: 700 },
  ])(
    'waits $limitMs ms of $timeoutMs for the answer, since the ration allows no other attempt before',
    ({ timeoutMs, limitMs }) => {
      const holding = { record: record(), version: V1, lastRequest: 4 };
      const settings = { ...RELEASE_SETTINGS, untilMs: timeoutMs };
      const [, step] = startRelease(holding, { isInTime: true, isUndecided: false }, settings, at(0));
      expect(step).toMatchObject({ kind: 'delete', limitMs });
    },
  );
});

describe('releasing a record with a counter', () => {
  const counted = record({ counter: '7', refreshCount: 3 });
  const counting = (isInTime = true): History<ReleaseState, ReleaseStep> => releasing(counted, isInTime);

  it('frees it in place, guarded by both numbers, and keeps its lease id and counter', () => {
    const holding = { record: counted, version: V1, lastRequest: 4 };
    const [, step] = startRelease(holding, { isInTime: true, isUndecided: false }, RELEASE_SETTINGS, at(0));
    expect(step).toMatchObject({
      kind: 'patch',
      expected: V1,
      request: 5,
      record: { ...counted, state: 'free' },
    });
  });

  it('says true where it was applied', () => {
    expect(counting().next(wrote(at(50), applied(V2)))).toEqual({ kind: 'released', wasHeld: true });
  });

  it.each([
    ['refused', REFUSED],
    ['unknown', UNKNOWN],
  ])('looks where it was %s: a free record of ours is released', (_what, outcome) => {
    const history = counting();
    expect(history.next(wrote(at(50), outcome)).kind).toBe('get');
    const free = found(seen(record({ counter: '7', state: 'free' }), V2));
    expect(history.next(read(at(100), free))).toEqual({ kind: 'released', wasHeld: true });
  });

  it('goes again as a new request where a late refresh of ours had moved it', () => {
    const history = counting();
    history.next(wrote(at(50), REFUSED));
    const held = found(seen(record({ counter: '7', refreshCount: 4 }), V2));
    const step = after(history, history.next(read(at(100), held)));
    expect(step).toMatchObject({ kind: 'patch', expected: V2, request: 6, record: { state: 'free' } });
  });

  it.each([
    ['gone', ABSENT],
    ['another generation', found(seen(record({ counter: '7' }), version(8, 1)))],
    ['under another lease id', found(seen(theirs({ counter: '8' }), V2))],
    ['no record any more', found(seen({ kind: 'foreign', why: 'a test says so' }, V2))],
    ['without its counter', found(seen(record(), V2))],
  ])('touches nothing where the object is %s', (_what, outcome) => {
    const refused = counting();
    refused.next(wrote(at(50), REFUSED));
    expect(refused.next(read(at(100), outcome))).toEqual({ kind: 'released', wasHeld: false });
    const unknown = counting();
    unknown.next(wrote(at(50), UNKNOWN));
    expect(unknown.next(read(at(100), outcome))).toEqual({ kind: 'released', wasHeld: true });
    const late = counting(false);
    late.next(wrote(at(50), UNKNOWN));
    expect(late.next(read(at(100), outcome))).toEqual({ kind: 'released', wasHeld: false });
  });

  it.each([
    ['says nothing', { kind: 'unreadable', failure: failure() } as const],
    ['is forbidden', FORBIDDEN],
  ])('looks again where the read %s', (_what, outcome) => {
    const history = counting();
    history.next(wrote(at(50), UNKNOWN));
    expect(history.next(tick(at(60)))).toEqual({ kind: 'carry-on' });
    const step = history.next(read(at(100), outcome));
    expect(step).toEqual({ kind: 'wait', untilMs: 250 });
    expect(history.next(tick(at(249)))).toEqual(step);
    expect(after(history, step).kind).toBe('get');
  });
});
