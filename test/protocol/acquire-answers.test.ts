import { describe, expect, it } from 'vitest';
import { acquire } from '../../src/protocol/acquire.ts';
import { startAnew } from '../../src/protocol/acquire-state.ts';
import { isHeldAt } from '../../src/protocol/hold-state.ts';
import {
  ABSENT,
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

describe('a lost answer', () => {
  it('of a create is mended by a read that shows our lease id, from the first send on', () => {
    const history = acquiring();
    history.next(wrote(at(10_000), UNKNOWN));
    const hold = granted(history.next(read(at(10_100), found(seen(record(), V)))));
    expect(hold.deadlineMs).toBe(54_000);
    expect(hold.version).toEqual(V);
  });

  it('of an early create counts from the latest read that did not show it, never from a later create', () => {
    const history = acquiring();
    history.next(wrote(at(10_000), UNKNOWN));
    waited(history, history.next(read(at(10_100), ABSENT)));
    const readAt = 20_000;
    history.next(read(at(readAt), { kind: 'unreadable', failure: failure() }));
    const lookAt = history.state.phase.kind === 'waiting' ? history.state.phase.untilMs : 0;
    history.next(tick(at(lookAt)));
    expect(history.next(read(at(lookAt + 50), ABSENT)).kind).toBe('create');
    history.next(wrote(at(lookAt + 5_000), REFUSED));
    const hold = granted(history.next(read(at(lookAt + 5_100), found(seen(record(), V)))));
    // The read at `lookAt` still showed nothing, so the record is younger than that read's send.
    expect(hold.deadlineMs).toBe(lookAt + 54_000);
  });

  it('counts from the first send alone once a read was proved old', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    let step = history.next(read(at(100), found(staleOf(theirs(), V))));
    waited(history, step);
    expect(history.next(read(at(3_000), found(staleOf(theirs(), V)))).kind).toBe('overwrite');
    history.next(wrote(at(13_000), REFUSED));
    // V was refused, and yet this read shows it: readings may be old.
    step = history.next(read(at(13_100), found(staleOf(theirs(), V))));
    waited(history, step);
    const hold = granted(history.next(read(at(15_200), found(seen(record(), version(6, 1))))));
    expect(hold.deadlineMs).toBe(54_000);
  });

  it('of a takeover counts no earlier than the read just before it', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    const pause = history.next(read(at(100), found(staleOf(theirs(), V))));
    waited(history, pause);
    const readAt = pause.kind === 'wait' ? pause.untilMs : 0;
    expect(history.next(read(at(3_000), found(staleOf(theirs(), V)))).kind).toBe('overwrite');
    history.next(wrote(at(13_000), UNKNOWN));
    const hold = granted(history.next(read(at(13_100), found(seen(record(), version(6, 1))))));
    expect(hold.deadlineMs).toBe(readAt + 54_000);
  });

  it.each([
    ['another state', record({ state: 'free' })],
    ['another ttl', record({ ttlMs: TTL_MS / 2 })],
    ['another count', record({ refreshCount: 1 })],
    ['another lease id', theirs()],
  ])('is not mended by a record with %s', (_what, content) => {
    const history = acquiring();
    history.next(wrote(at(50), UNKNOWN));
    expect(history.next(read(at(100), found(seen(content, V)))).kind).not.toBe('granted');
  });

  it('is not dated by a read that showed our own lease id in an edited record', () => {
    const history = acquiring();
    history.next(wrote(at(50), UNKNOWN));
    const pause = history.next(read(at(40_000), found(seen(record({ ttlMs: TTL_MS - 1 }), V))));
    waited(history, pause);
    const step = history.next(read(at(50_000), found(seen(record(), V))));
    // The record was ours at 40 000 already: whoever watched it has counted from before.
    expect(granted(step).deadlineMs).toBe(54_000);
  });
});

describe('a sleep, a stop or a slow answer', () => {
  it.each([
    ['of a create', (answer: ReturnType<typeof at>) => acquiring().next(wrote(answer, applied(V)))],
    [
      'of a read that recognises a create',
      (answer: ReturnType<typeof at>) => {
        const history = acquiring();
        history.next(wrote(at(50), UNKNOWN));
        return history.next(read(answer, found(seen(record(), V))));
      },
    ],
  ])('before the answer %s makes a refresh necessary before the grant', (_what, answer) => {
    expect(answer(at(5_000, 3_001))).toMatchObject({
      kind: 'patch',
      expected: V,
      record: { refreshCount: 1 },
    });
    expect(answer(at(54_000))).toMatchObject({ kind: 'patch', expected: V, record: { refreshCount: 1 } });
    expect(answer(at(5_000, 3_000)).kind).toBe('granted');
    expect(answer(at(53_999)).kind).toBe('granted');
  });

  it('the refresh that came first grants from its own send', () => {
    const history = acquiring();
    history.next(wrote(at(54_000), applied(V)));
    const hold = granted(history.next(wrote(at(55_000), applied(version(5, 2)))));
    expect(hold).toMatchObject({ deadlineMs: 108_000, version: version(5, 2), lastCount: 1 });
    expect(isHeldAt(hold, at(55_000))).toBe(true);
  });

  it('the lease goes on refreshing where that refresh was answered after the next one was due', () => {
    const history = acquiring();
    history.next(wrote(at(54_000), applied(V)));
    const hold = granted(history.next(wrote(at(80_000), applied(version(5, 2)))));
    // What is under way in a granted state is nothing: its first tick must send.
    expect(hold.phase.kind).toBe('resting');
  });

  it('that refresh goes out at once, since a sleep lets the ration of writes pass too', () => {
    const step = acquiring().next(wrote(at(10, 60_000), applied(V)));
    expect(step).toMatchObject({ kind: 'patch', record: { refreshCount: 1 } });
  });

  it('that refresh waits for the ration of writes where no time has passed', () => {
    const history = acquiring();
    history.next(wrote(at(50), UNKNOWN));
    const stale = found(staleOf(theirs(), V));
    waited(history, history.next(read(at(100), stale)));
    history.next(read(at(3_000), stale));
    history.next(wrote(at(3_100), REFUSED));
    // An old reading: what is recognised later counts from the first write alone, which is too long ago.
    waited(history, history.next(read(at(3_200), stale)));
    const memory = { observedSinceMs: -100_000 };
    expect(history.next(read(at(70_000), stale, memory)).kind).toBe('overwrite');
    history.next(wrote(at(70_050), UNKNOWN));
    const step = history.next(read(at(70_100), found(seen(record(), version(6, 1)))));
    expect(step).toEqual({ kind: 'wait', untilMs: 71_000 });
    expect(history.next(tick(at(71_000)))).toMatchObject({ kind: 'patch', record: { refreshCount: 1 } });
  });

  it('that refresh, if it finds the record gone, costs the lease id', () => {
    const history = acquiring();
    history.next(wrote(at(54_000), applied(V)));
    expect(history.next(wrote(at(55_000), REFUSED)).kind).toBe('get');
    expect(history.next(read(at(55_100), ABSENT))).toEqual({ kind: 'anew' });
    const anew = new History(acquire, startAnew(history.state, NEXT));
    const step = anew.next(tick(at(55_200)));
    expect(step).toMatchObject({ kind: 'create', request: 3, record: { leaseId: NEXT } });
  });

  it('a new lease id does not get round the ration of writes', () => {
    const history = acquiring();
    history.next(wrote(at(54_000), applied(V)));
    history.next(wrote(at(54_050), REFUSED));
    history.next(read(at(54_100), ABSENT));
    const anew = new History(acquire, startAnew(history.state, NEXT));
    expect(anew.next(tick(at(54_200))).kind).toBe('get');
    expect(anew.next(read(at(54_300), ABSENT))).toEqual({ kind: 'wait', untilMs: 55_000 });
  });

  it('a new lease id does not recognise records of the old one', () => {
    const history = acquiring();
    history.next(wrote(at(54_000), applied(V)));
    history.next(wrote(at(55_000), REFUSED));
    history.next(read(at(55_100), ABSENT));
    const anew = new History(acquire, startAnew(history.state, NEXT));
    anew.next(tick(at(55_200)));
    anew.next(wrote(at(55_300), REFUSED));
    expect(anew.next(read(at(55_400), found(seen(record(), V)))).kind).toBe('wait');
  });
});

describe('a read', () => {
  it('that says nothing is repeated after a pause', () => {
    const history = acquiring();
    history.next(wrote(at(50), UNKNOWN));
    const step = history.next(read(at(100), { kind: 'unreadable', failure: failure() }));
    expect(waited(history, step).kind).toBe('get');
  });

  it.each(['unauthenticated', 'bucket-not-found', 'rejected'] as const)(
    'that ends with %s ends it',
    (kind) => {
      const history = acquiring();
      history.next(wrote(at(50), REFUSED));
      const outcome = { kind: 'failed', failure: failure(kind) } as const;
      expect(history.next(read(at(100), outcome))).toEqual(outcome);
    },
  );

  it('that is forbidden may mean that there is no object: one create tells', () => {
    const history = acquiring();
    history.next(wrote(at(50), UNKNOWN));
    waited(history, history.next(read(at(100), FORBIDDEN)));
    expect(history.next(read(at(3_000), FORBIDDEN))).toMatchObject({ kind: 'create' });
  });

  it('that is forbidden after the holder has gone is followed by a create too', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    waited(history, history.next(read(at(100), found(seen(theirs(), V)))));
    // Without permission to list, the store says 403 for the lock that was just released.
    const step = history.next(read(at(3_000), FORBIDDEN));
    expect(step).toMatchObject({ kind: 'create', record: { leaseId: OURS } });
    expect(history.next(wrote(at(3_100), applied(version(6, 1)))).kind).toBe('granted');
  });

  it('that is forbidden is not the end while nobody knows whether there is an object', () => {
    const history = acquiring();
    history.next(wrote(at(50), BUSY));
    waited(history, history.next(read(at(100), FORBIDDEN)));
    expect(history.next(read(at(3_000), FORBIDDEN)).kind).toBe('create');
    history.next(wrote(at(3_100), BUSY));
    waited(history, history.next(read(at(3_200), FORBIDDEN)));
    expect(history.next(read(at(6_000), FORBIDDEN)).kind).toBe('create');
    expect(history.next(wrote(at(6_100), FORBIDDEN))).toEqual(FORBIDDEN);
  });

  it('that stays forbidden though the object is there ends it', () => {
    const history = acquiring();
    history.next(wrote(at(50), REFUSED));
    waited(history, history.next(read(at(100), FORBIDDEN)));
    expect(history.next(read(at(3_000), FORBIDDEN)).kind).toBe('create');
    history.next(wrote(at(3_100), REFUSED));
    expect(history.next(read(at(3_200), FORBIDDEN))).toEqual(FORBIDDEN);
  });
});
