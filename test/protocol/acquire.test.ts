import { describe, expect, it } from 'vitest';
import { acquire } from '../../src/protocol/acquire.ts';
import { mayHaveWritten, startAcquiring } from '../../src/protocol/acquire-state.ts';
import {
  ABSENT,
  ACQUIRE_SETTINGS,
  acquiring,
  applied,
  at,
  BUSY,
  failure,
  FORBIDDEN,
  found,
  granted,
  History,
  NEXT,
  OURS,
  read,
  record,
  REFUSED,
  seen,
  staleOf,
  theirs,
  tick,
  TTL_MS,
  UNKNOWN,
  version,
  waited,
  wrote,
} from './tools.ts';

const V = version(5, 1);

describe('a create', () => {
  it('is the first request, with a whole record', () => {
    const first = new History(acquire, startAcquiring(ACQUIRE_SETTINGS, OURS));
    const step = first.next(tick(at(0)));
    expect(step).toMatchObject({ kind: 'create', request: 1, limitMs: 10_000, record: record() });
  });

  it('that was applied is held from its send, not from its answer', () => {
    const hold = granted(acquiring().next(wrote(at(9_000), applied(V))));
    expect(hold).toMatchObject({ deadlineMs: 54_000, version: V, creditedAt: at(0) });
  });

  it.each([
    ['refused', REFUSED],
    ['unknown', UNKNOWN],
    ['not applied', BUSY],
    ['not sent', { kind: 'not-applied', failure: failure() } as const],
  ])('that was %s is followed by a read', (_what, outcome) => {
    expect(acquiring().next(wrote(at(50), outcome))).toMatchObject({ kind: 'get', limitMs: 10_000 });
  });

  it('that failed ends the acquisition with the reason', () => {
    const step = acquiring().next(wrote(at(50), FORBIDDEN));
    expect(step).toEqual(FORBIDDEN);
  });

  it('goes out again under the same lease id, as a new request, where a read shows nothing', () => {
    const history = acquiring();
    history.next(wrote(at(50), UNKNOWN));
    const pause = history.next(read(at(100), ABSENT));
    expect(pause.kind).toBe('wait');
    expect(waited(history, pause).kind).toBe('get');
    expect(history.next(read(at(3_000), ABSENT))).toMatchObject({
      kind: 'create',
      request: 2,
      record: { leaseId: OURS },
    });
  });

  it('goes out at once, but once only, where the object is gone after the first refusal', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    expect(history.next(read(at(100), ABSENT)).kind).toBe('create');
    history.next(wrote(at(150), REFUSED));
    expect(history.next(read(at(200), ABSENT)).kind).toBe('wait');
  });
});

describe('a record of somebody else', () => {
  it('is waited for while it is fresh', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    expect(history.next(read(at(100), found(seen(theirs(), V)))).kind).toBe('wait');
  });

  it.each([
    ['stale', staleOf(theirs({ counter: '7' }), V), {}],
    ['free', seen(theirs({ state: 'free', counter: '7' }), V), {}],
    ['an orphan of this process', seen(theirs({ counter: '7' }), V), { isOwnOrphan: true }],
    ['unchanged for long enough', seen(theirs({ counter: '7' }), V), { observedSinceMs: -62_000 }],
  ])(
    'that is %s is replaced, guarded by the version just read, with a raised counter',
    (_what, object, memory) => {
      const history = acquiring();
      history.next(wrote(at(50), REFUSED));
      waited(history, history.next(read(at(100), found(object), memory)));
      expect(history.next(read(at(3_000), found(object), memory))).toMatchObject({
        kind: 'overwrite',
        expected: V,
        record: { state: 'held', leaseId: OURS, refreshCount: 0, ttlMs: TTL_MS, counter: '8' },
      });
    },
  );

  it('that cools down is left alone until its time is over, even where this process left it', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    const cooling = seen(theirs({ state: 'cooling' }), V);
    waited(history, history.next(read(at(100), found(cooling), { isOwnOrphan: true })));
    expect(history.next(read(at(3_000), found(cooling), { isOwnOrphan: true })).kind).toBe('wait');
  });

  it('is judged by its own ttl, not by the one of whoever looks', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    const long = theirs({ ttlMs: 10 * TTL_MS });
    const overOurTtl = seen(long, V, { serverTime: 1_000_000_000_000 + 9 * TTL_MS });
    waited(history, history.next(read(at(100), found(overOurTtl))));
    expect(history.next(read(at(3_000), found(overOurTtl))).kind).toBe('wait');
    history.next(tick(at(9_000)));
    expect(history.next(read(at(9_100), found(staleOf(long, V)))).kind).toBe('overwrite');
  });

  it('that moved between the read and the takeover refuses it', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    waited(history, history.next(read(at(100), found(staleOf(theirs(), V)))));
    history.next(read(at(3_000), found(staleOf(theirs(), V))));
    expect(history.next(wrote(at(3_100), REFUSED)).kind).toBe('get');
    const refreshed = seen(theirs({ refreshCount: 1 }), version(5, 2), { updatedAt: 1_000_000_000_001 });
    expect(history.next(read(at(3_200), found(refreshed))).kind).toBe('wait');
  });

  it('is not taken over again on the very version that was refused before it was watched for its ttl', () => {
    const history = acquiring();
    const stale = found(staleOf(theirs(), V));
    history.next(wrote(at(50), REFUSED));
    waited(history, history.next(read(at(100), stale)));
    expect(history.next(read(at(3_000), stale, { observedSinceMs: 100 })).kind).toBe('overwrite');
    history.next(wrote(at(3_100), REFUSED));
    // Watched since long before, but proved to be an old reading at 3 100.
    let step = history.next(read(at(60_000), stale, { observedSinceMs: -100_000 }));
    waited(history, step);
    step = history.next(read(at(3_100 + 64_999), stale, { observedSinceMs: -100_000 }));
    waited(history, step);
    expect(history.next(read(at(3_100 + 65_500), stale, { observedSinceMs: -100_000 })).kind).toBe(
      'overwrite',
    );
  });

  it('that is free is not taken again on the very version that was refused', () => {
    const history = acquiring();
    const free = found(seen(theirs({ state: 'free' }), V));
    history.next(wrote(at(50), REFUSED));
    waited(history, history.next(read(at(100), free)));
    expect(history.next(read(at(3_000), free)).kind).toBe('overwrite');
    history.next(wrote(at(3_100), REFUSED));
    waited(history, history.next(read(at(3_200), free)));
    expect(history.next(read(at(9_000), free)).kind).toBe('wait');
  });

  it('is looked at again no later than it can become stale, give or take the jitter', () => {
    const history = acquiring({ backoff: { minMs: 100, maxMs: 60_000, factor: 10 } });
    history.next(wrote(at(50), REFUSED));
    const soon = seen(theirs(), V, { serverTime: 1_000_000_000_000 + 60_000 });
    const step = history.next(read(at(100), found(soon)));
    history.next(tick(at(70_000)));
    expect(history.next(read(at(70_100), found(soon)))).toEqual({
      kind: 'wait',
      untilMs: 70_100 + 1_000 + 50,
    });
    expect(step).toEqual({ kind: 'wait', untilMs: 100 + 550 });
  });

  it('that changes hands resets the pauses', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    let nowMs = 100;
    const pauses = [theirs(), theirs(), theirs(), theirs({ leaseId: NEXT })].map((content) => {
      const step = history.next(read(at(nowMs), found(seen(content, V))));
      const untilMs = step.kind === 'wait' ? step.untilMs : 0;
      history.next(tick(at(untilMs)));
      const pauseMs = untilMs - nowMs;
      nowMs = untilMs;
      return pauseMs;
    });
    expect(pauses).toEqual([150, 250, 450, 150]);
  });
});

describe('an object that is no lock record', () => {
  it('ends the acquisition, and is never written to', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    const object = seen({ kind: 'foreign', why: 'a test says so' }, V);
    expect(history.next(read(at(100), found(object)))).toEqual({
      kind: 'foreign',
      object,
      why: 'a test says so',
    });
    expect(history.next(tick(at(1_000_000)))).toEqual({ kind: 'carry-on' });
  });

  it('but a newer schema counts as held, for ever', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    const newer = seen({ kind: 'newer', schema: 'gcs-mutex/2' }, V, { serverTime: 2_000_000_000_000 });
    const memory = { observedSinceMs: -1e12, isOwnOrphan: true };
    const step = history.next(read(at(100), found(newer), memory));
    waited(history, step);
    expect(history.next(read(at(1e9), found(newer), memory)).kind).toBe('wait');
  });
});

describe('an attempt that does not wait', () => {
  const trying = (): ReturnType<typeof acquiring> => acquiring({ mode: 'try' });

  it('takes a busy takeover of a stale record for the answer, not for a reason to go on', () => {
    const history = trying();
    history.next(wrote(at(50), REFUSED));
    const stale = staleOf(theirs(), V);
    const pause = history.next(read(at(100), found(stale)));
    expect(waited(history, pause).kind).toBe('get');
    expect(history.next(read(at(3_000), found(stale))).kind).toBe('overwrite');
    expect(history.next(wrote(at(3_050), BUSY)).kind).toBe('get');
    expect(history.next(read(at(3_100), found(stale)))).toEqual({ kind: 'held', object: stale });
  });

  it('ends at the first sight of a holder', () => {
    const history = trying();
    history.next(wrote(at(50), REFUSED));
    const object = seen(theirs(), V);
    expect(history.next(read(at(100), found(object)))).toEqual({ kind: 'held', object });
  });

  it('takes a stale record over all the same', () => {
    const history = trying();
    history.next(wrote(at(50), REFUSED));
    waited(history, history.next(read(at(100), found(staleOf(theirs(), V)))));
    expect(history.next(read(at(3_000), found(staleOf(theirs(), V)))).kind).toBe('overwrite');
  });

  it('takes a busy store for a holder once a read shows nobody', () => {
    const history = trying();
    expect(history.next(wrote(at(50), BUSY)).kind).toBe('get');
    expect(history.next(read(at(100), ABSENT))).toEqual({ kind: 'held' });
  });

  it('ends where two creates in a row were refused by holders that were gone again', () => {
    const history = trying();
    history.next(wrote(at(50), REFUSED));
    history.next(read(at(100), ABSENT));
    history.next(wrote(at(150), REFUSED));
    expect(history.next(read(at(200), ABSENT))).toEqual({ kind: 'held' });
  });
});

describe('what may be left behind', () => {
  it('is nothing while no write was sent or all were refused', () => {
    expect(mayHaveWritten(startAcquiring(ACQUIRE_SETTINGS, OURS))).toBe(false);
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    expect(mayHaveWritten(history.state)).toBe(false);
  });

  it('is a record while a write is on its way, or was never heard of again', () => {
    const history = acquiring();
    expect(mayHaveWritten(history.state)).toBe(true);
    history.next(wrote(at(50), UNKNOWN));
    expect(mayHaveWritten(history.state)).toBe(true);
    history.next(read(at(100), ABSENT));
    expect(mayHaveWritten(history.state)).toBe(true);
  });

  it('is a record while a first refresh is to confirm it', () => {
    const history = acquiring();
    history.next(wrote(at(54_000), applied(V)));
    expect(mayHaveWritten(history.state)).toBe(true);
  });
});
