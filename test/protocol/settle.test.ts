import { describe, expect, it } from 'vitest';
import { settle, type SettleState, type SettleStep, startSettling } from '../../src/protocol/settle.ts';
import {
  ABSENT,
  at,
  failure,
  FORBIDDEN,
  found,
  History,
  OURS,
  read,
  record,
  REFUSED,
  RELEASE_SETTINGS,
  seen,
  theirs,
  tick,
  version,
  wrote,
} from './tools.ts';

const V1 = version(7, 1);

/** A settlement until 10 000 that has sent its first read at 0. */
function settling(): History<SettleState, SettleStep> {
  const [state, step] = startSettling(OURS, 3, { ...RELEASE_SETTINGS, untilMs: 10_000 }, at(0));
  expect(step.kind).toBe('get');
  return new History(settle, state);
}

describe('clearing away what an ended acquisition may leave behind', () => {
  it('deletes our record when it shows up, by its generation', () => {
    const history = settling();
    const step = history.next(read(at(50), found(seen(record(), V1))));
    expect(step).toMatchObject({ kind: 'delete', generation: '7', request: 4 });
    expect(history.next(wrote(at(100), { kind: 'applied' }))).toEqual({ kind: 'settled', isClear: true });
  });

  it('frees our record in place where the record says that it has a counter', () => {
    const step = settling().next(read(at(50), found(seen(record({ counter: '8' }), V1))));
    expect(step).toMatchObject({ kind: 'patch', expected: V1, record: { state: 'free', counter: '8' } });
  });

  it('is clear where somebody else has replaced our record meanwhile', () => {
    const history = settling();
    history.next(read(at(50), found(seen(record(), V1))));
    expect(history.next(wrote(at(100), REFUSED))).toEqual({ kind: 'settled', isClear: true });
  });

  it.each([
    ['nothing', ABSENT],
    ['a record of somebody else', found(seen(theirs(), V1))],
    ['our record, freed', found(seen(record({ state: 'free', counter: '7' }), V1))],
    ['something foreign', found(seen({ kind: 'foreign', why: 'a test says so' }, V1))],
    ['a newer record', found(seen({ kind: 'newer', schema: 'gcs-mutex/2' }, V1))],
    ['no answer', { kind: 'unreadable', failure: failure() } as const],
  ])('writes nothing where a read shows %s, and looks again until its time is over', (_what, outcome) => {
    const history = settling();
    for (let nowMs = 50; nowMs < 10_000;) {
      const step = history.next(read(at(nowMs), outcome));
      if (step.kind !== 'wait') throw new Error(`expected a pause, got ${step.kind}`);
      nowMs = step.untilMs;
      const next = history.next(tick(at(nowMs)));
      expect(next.kind).toBe(nowMs < 10_000 ? 'get' : 'settled');
    }
    expect(history.next(tick(at(20_000)))).toEqual({ kind: 'carry-on' });
  });

  it('leaves the rest to the ttl once its time is over, also in the middle of a request', () => {
    const history = settling();
    expect(history.next(tick(at(9_999)))).toEqual({ kind: 'carry-on' });
    expect(history.next(tick(at(10_000)))).toEqual({ kind: 'settled', isClear: false });
    const ending = settling();
    ending.next(read(at(50), found(seen(record(), V1))));
    expect(ending.next(tick(at(10_000)))).toEqual({ kind: 'settled', isClear: false });
  });

  it('goes on pausing where it is woken too early, but not beyond its time', () => {
    const history = settling();
    const pause = history.next(read(at(50), ABSENT));
    expect(pause).toEqual({ kind: 'wait', untilMs: 200 });
    expect(history.next(tick(at(199)))).toEqual(pause);
    const late = settling();
    expect(late.next(read(at(9_900), ABSENT))).toEqual({ kind: 'wait', untilMs: 10_050 });
    expect(late.next(tick(at(10_000)))).toEqual({ kind: 'settled', isClear: false });
  });

  it('reads within the time of one request, and within what is left', () => {
    const [state, first] = startSettling(OURS, 3, { ...RELEASE_SETTINGS, untilMs: 15_000 }, at(0));
    expect(first).toEqual({ kind: 'get', limitMs: 10_000 });
    const history = new History(settle, state);
    history.next(read(at(9_000), ABSENT));
    expect(history.next(tick(at(9_150)))).toEqual({ kind: 'get', limitMs: 5_850 });
  });

  it('gives up where it may not read or not write', () => {
    expect(settling().next(read(at(50), FORBIDDEN))).toEqual({ kind: 'settled', isClear: false });
    const history = settling();
    history.next(read(at(50), found(seen(record(), V1))));
    expect(history.next(wrote(at(100), FORBIDDEN))).toEqual({ kind: 'settled', isClear: false });
  });
});
