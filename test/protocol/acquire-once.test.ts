import { describe, expect, it } from 'vitest';
import { acquire } from '../../src/protocol/acquire.ts';
import { type Sighting, startAcquiring } from '../../src/protocol/acquire-state.ts';
import {
  ABSENT,
  ACQUIRE_SETTINGS,
  applied,
  at,
  BUSY,
  found,
  granted,
  History,
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

const V1 = version(7, 1);
const V2 = version(9, 1);

/** An acquisition that begins with what somebody saw at 0, tried once. */
function tryingOnce(sighting: Sighting['read'], mode: 'once' | 'wait' = 'once') {
  const settings = { ...ACQUIRE_SETTINGS, mode };
  return new History(acquire, startAcquiring(settings, OURS, { sentAt: at(0), read: sighting }));
}

describe('an acquisition that begins with a sighting', () => {
  it('creates where nothing was there, and counts from then', () => {
    const history = tryingOnce({ outcome: ABSENT });
    expect(history.next(tick(at(50)))).toMatchObject({ kind: 'create', record: { leaseId: OURS } });
    expect(granted(history.next(wrote(at(90), applied(V1)))).deadlineMs).toBe(50 + 54_000);
  });

  it('overwrites a stale record, guarded by the version that was seen', () => {
    const history = tryingOnce({ outcome: found(staleOf(theirs(), V1)) });
    expect(history.next(tick(at(50)))).toMatchObject({ kind: 'overwrite', expected: V1 });
    expect(history.next(wrote(at(90), applied(V2)))).toMatchObject({ kind: 'granted', wasTakenOver: true });
  });

  it('looks at the age of what was seen, as any other does', () => {
    expect(tryingOnce({ outcome: found(seen(theirs(), V1)) }).next(tick(at(50)))).toMatchObject({
      kind: 'held',
    });
    const waiting = tryingOnce({ outcome: found(seen(theirs(), V1)) }, 'wait');
    expect(waiting.next(tick(at(50)))).toMatchObject({ kind: 'wait' });
    const watched = { outcome: found(seen(theirs(), V1)), observedSinceMs: -70_000 };
    expect(tryingOnce(watched).next(tick(at(50)))).toMatchObject({ kind: 'overwrite' });
    const orphan = { outcome: found(seen(theirs(), V1)), isOwnOrphan: true };
    expect(tryingOnce(orphan).next(tick(at(50)))).toMatchObject({ kind: 'overwrite' });
  });

  it('leaves alone what is not a record', () => {
    const foreign = { kind: 'foreign', why: 'it is a picture' } as const;
    expect(tryingOnce({ outcome: found(seen(foreign, V1)) }).next(tick(at(50)))).toMatchObject({
      kind: 'foreign',
    });
    const newer = { kind: 'newer', schema: 'gcs-mutex/2' } as const;
    expect(tryingOnce({ outcome: found(seen(newer, V1)) }).next(tick(at(50)))).toMatchObject({
      kind: 'held',
    });
  });
});

describe('an acquisition that is tried once', () => {
  const creating = () => {
    const history = tryingOnce({ outcome: ABSENT });
    history.next(tick(at(50)));
    return history;
  };

  it.each([
    ['refused', REFUSED],
    ['put off by 429 or 409', BUSY],
  ])('ends without another look where its write was %s', (_what, outcome) => {
    expect(creating().next(wrote(at(90), outcome))).toEqual({ kind: 'held' });
  });

  it('recognises its record where the answer was lost', () => {
    const history = creating();
    expect(history.next(wrote(at(90), UNKNOWN))).toMatchObject({ kind: 'get' });
    expect(history.next(read(at(120), found(seen(record(), V1))))).toMatchObject({ kind: 'granted' });
  });

  it('goes on looking while a write of its own may yet be applied', () => {
    const history = creating();
    history.next(wrote(at(90), UNKNOWN));
    const again = waited(history, history.next(read(at(120), ABSENT)));
    expect(again).toMatchObject({ kind: 'get' });
    expect(history.next(read(at(2_000), ABSENT))).toMatchObject({ kind: 'create' });
    // Refused by its own first copy, perhaps.
    expect(history.next(wrote(at(2_050), REFUSED))).toMatchObject({ kind: 'get' });
    expect(history.next(read(at(2_100), found(seen(theirs(), V1))))).toMatchObject({ kind: 'held' });
  });
});
