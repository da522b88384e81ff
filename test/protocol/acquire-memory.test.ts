import { describe, expect, it } from 'vitest';
import { acquire } from '../../src/protocol/acquire.ts';
import { noteCurrent, noteRefused, rationed } from '../../src/protocol/acquire-knowledge.ts';
import {
  type AcquireState,
  mayHaveWritten,
  startAcquiring,
  startAnew,
} from '../../src/protocol/acquire-state.ts';
import type { Version } from '../../src/protocol/version.ts';
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
  UNKNOWN,
  version,
  waited,
  wrote,
} from './tools.ts';

const V = version(5, 1);
const START = startAcquiring(ACQUIRE_SETTINGS, OURS);

/** The state after reads that showed these versions, in this order; undefined for none. */
function afterReads(...shown: readonly (Version | undefined)[]): AcquireState {
  return shown.reduce(noteCurrent, START);
}

describe('what an acquisition has seen', () => {
  it('is nothing at first', () => {
    expect(START).toMatchObject({ replaced: [], undecidedCount: 0, refusalCount: 0, hasTakenOver: false });
    expect(START.current).toBeUndefined();
  });

  it.each([
    ['after another one', [V, version(5, 2), V]],
    ['after nothing', [V, undefined, V]],
    ['long after another one', [V, version(5, 2), version(6, 1), V]],
  ])('tells a reading for old that shows a version again %s', (_what, shown) => {
    expect(afterReads(...shown).readsMayBeOld).toBe(true);
  });

  it.each([
    ['the same version', [V, V, V]],
    ['ever newer versions', [V, version(5, 2), version(6, 1)]],
    ['a first version after nothing', [undefined, undefined, V]],
  ])('does not distrust readings that show %s', (_what, shown) => {
    expect(afterReads(...shown).readsMayBeOld).toBe(false);
  });

  it('knows a version for replaced that refused a takeover', () => {
    const write = { record: record(), sentAt: at(0), expected: V };
    const refused = noteRefused(afterReads(V), write, at(10));
    expect(refused).toMatchObject({
      replaced: [V],
      refusedTakeover: { version: V, atMs: 10 },
      refusalCount: 1,
    });
    expect(refused.current).toBeUndefined();
  });

  it('is bounded, and the latest is what is kept', () => {
    const versions = Array.from({ length: 200 }, (_, index) => version(index + 1, 1));
    const write = { record: record(), sentAt: at(0) };
    const refused = versions.reduce(
      (state, expected) => noteRefused(state, { ...write, expected }, at(0)),
      START,
    );
    for (const { replaced } of [afterReads(...versions, V), refused]) {
      expect(replaced).toHaveLength(64);
      expect(replaced.at(-1)).toEqual(version(200, 1));
    }
  });
});

describe('the ration of writes', () => {
  it('doubles at least, even where reads come less far apart than writes', () => {
    const backoff = { minMs: 10, maxMs: 500, factor: 2 };
    const state = startAcquiring({ ...ACQUIRE_SETTINGS, backoff }, OURS);
    expect(rationed(state, tick(at(100))).nextWriteMs).toBe(100 + 1_500);
  });

  it('grows after a store that was busy, and not after a request that never left', () => {
    const busy = acquiring();
    busy.next(wrote(at(50), BUSY));
    expect(busy.next(read(at(100), ABSENT))).toEqual({ kind: 'wait', untilMs: 1_550 });
    const unsent = acquiring();
    unsent.next(wrote(at(50), { kind: 'not-applied', failure: failure() }));
    expect(unsent.next(read(at(100), ABSENT))).toEqual({ kind: 'wait', untilMs: 1_000 });
  });

  it('is over at its very end', () => {
    const history = acquiring();
    history.next(wrote(at(50), { kind: 'not-applied', failure: failure() }));
    expect(history.next(read(at(1_000), ABSENT)).kind).toBe('create');
    const anew = new History(acquire, startAnew({ ...history.state, nextWriteMs: 2_000 }, NEXT));
    expect(anew.next(tick(at(2_000))).kind).toBe('create');
  });

  it('spares only the first create after a refusal, and only while no other write is undecided', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    expect(history.next(read(at(100), ABSENT)).kind).toBe('create');
    history.next(wrote(at(150), BUSY));
    expect(history.next(read(at(200), ABSENT)).kind).toBe('wait');
    const undecided = acquiring();
    undecided.next(wrote(at(50), UNKNOWN));
    waited(undecided, undecided.next(read(at(100), ABSENT)));
    expect(undecided.next(read(at(3_000), ABSENT)).kind).toBe('create');
    undecided.next(wrote(at(3_050), REFUSED));
    expect(undecided.next(read(at(3_100), ABSENT)).kind).toBe('wait');
  });
});

describe('an acquisition', () => {
  it('goes on waiting where it is woken too early', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    const pause = history.next(read(at(100), found(seen(theirs(), V))));
    expect(history.next(tick(at(101)))).toEqual(pause);
    expect(waited(history, pause).kind).toBe('get');
  });

  it('takes no notice of what it did not ask for', () => {
    const writing = acquiring();
    const before = writing.state;
    for (const event of [tick(at(10)), read(at(10), ABSENT), wrote(at(10), { kind: 'applied' })]) {
      expect(acquire(before, event)).toEqual([before, { kind: 'carry-on' }]);
    }
    writing.next(wrote(at(50), UNKNOWN));
    const reading = writing.state;
    for (const event of [tick(at(60)), wrote(at(60), applied(V))]) {
      expect(acquire(reading, event)).toEqual([reading, { kind: 'carry-on' }]);
    }
  });

  it('does not recognise a record under a lease id that it has not sent yet', () => {
    const history = acquiring();
    history.next(wrote(at(54_000), applied(V)));
    history.next(wrote(at(54_050), REFUSED));
    expect(history.next(read(at(54_100), ABSENT))).toEqual({ kind: 'anew' });
    expect(history.next(tick(at(54_150)))).toEqual({ kind: 'carry-on' });
    const anew = new History(acquire, startAnew(history.state, NEXT));
    expect(anew.next(tick(at(54_200))).kind).toBe('get');
    expect(anew.next(read(at(54_300), found(seen(record({ leaseId: NEXT }), V)))).kind).toBe('wait');
  });

  it('knows how many of its writes are undecided still once one of them is recognised', () => {
    const one = acquiring();
    one.next(wrote(at(50), UNKNOWN));
    granted(one.next(read(at(100), found(seen(record(), V)))));
    expect(mayHaveWritten(one.state)).toBe(false);
    const two = acquiring();
    two.next(wrote(at(50), UNKNOWN));
    waited(two, two.next(read(at(100), ABSENT)));
    two.next(read(at(3_000), ABSENT));
    two.next(wrote(at(3_050), UNKNOWN));
    granted(two.next(read(at(3_100), found(seen(record(), V)))));
    expect(two.state.undecidedCount).toBe(1);
  });

  it('may read what was forbidden before, and finds out anew when it is forbidden again', () => {
    for (const shown of [ABSENT, found(staleOf(theirs(), V))]) {
      const history = acquiring();
      history.next(wrote(at(50), UNKNOWN));
      waited(history, history.next(read(at(100), FORBIDDEN)));
      const write = history.next(read(at(3_000), shown));
      expect(write.kind).toBe(shown === ABSENT ? 'create' : 'overwrite');
      // Refused, but not because of an object that may not be read.
      history.next(wrote(at(3_050), REFUSED));
      waited(history, history.next(read(at(3_100), FORBIDDEN)));
      expect(history.next(read(at(9_000), FORBIDDEN)).kind).toBe('create');
    }
  });
});

describe('a grant', () => {
  const overwriting = (shown: Parameters<typeof seen>[0], memory = {}): ReturnType<typeof acquiring> => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    const object = found(seen(shown, V));
    waited(history, history.next(read(at(100), object, memory)));
    const step = history.next(read(at(3_000), object, memory));
    expect(step.kind).toBe('overwrite');
    if ('record' in step) expect(step.record).toStrictEqual(record());
    return history;
  };

  it('says whether somebody held the record that it replaced', () => {
    expect(acquiring().next(wrote(at(50), applied(V)))).toMatchObject({ wasTakenOver: false });
    const free = overwriting(theirs({ state: 'free' }));
    expect(free.next(wrote(at(3_100), applied(version(6, 1))))).toMatchObject({ wasTakenOver: false });
    const orphan = overwriting(theirs(), { isOwnOrphan: true });
    expect(orphan.next(wrote(at(3_100), applied(version(6, 1))))).toMatchObject({ wasTakenOver: true });
  });

  it('says so as well where a refresh had to come first', () => {
    const history = overwriting(theirs(), { isOwnOrphan: true });
    expect(history.next(wrote(at(60_000), applied(version(6, 1)))).kind).toBe('patch');
    expect(history.next(wrote(at(60_100), applied(version(6, 2))))).toMatchObject({
      kind: 'granted',
      wasTakenOver: true,
    });
  });

  it('does not come of a refresh that was answered after its own deadline', () => {
    const history = acquiring();
    expect(history.next(wrote(at(54_000), applied(V))).kind).toBe('patch');
    expect(history.next(wrote(at(108_000), applied(version(5, 2))))).toMatchObject({
      kind: 'patch',
      record: { refreshCount: 2 },
    });
    expect(history.next(wrote(at(108_100), applied(version(5, 3)))).kind).toBe('granted');
  });
});

describe('an attempt that does not wait', () => {
  const stale = found(staleOf(theirs(), V));

  it('goes on after a takeover whose answer was lost, and after a create that was in the way of others', () => {
    const lost = acquiring({ mode: 'try' });
    lost.next(wrote(at(50), REFUSED));
    waited(lost, lost.next(read(at(100), stale)));
    expect(lost.next(read(at(3_000), stale)).kind).toBe('overwrite');
    lost.next(wrote(at(3_050), UNKNOWN));
    expect(lost.next(read(at(3_100), stale)).kind).toBe('wait');
    const busy = acquiring({ mode: 'try' });
    busy.next(wrote(at(50), BUSY));
    expect(busy.next(read(at(100), stale)).kind).toBe('wait');
  });

  it('is the only one that takes a busy takeover for an answer', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    waited(history, history.next(read(at(100), stale)));
    history.next(read(at(3_000), stale));
    history.next(wrote(at(3_050), BUSY));
    expect(history.next(read(at(3_100), stale)).kind).toBe('wait');
  });
});
