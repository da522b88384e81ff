import { describe, expect, it } from 'vitest';
import { ABSENT, AT_1, Changing, FIRST_ID, found, other, patching, seen, V1, V2 } from './changing.ts';
import { applied, BUSY, failure, REFUSED, UNKNOWN } from './tools.ts';

describe('a store in trouble', () => {
  it('is read again after a pause where it did not say what is there', () => {
    const change = new Changing();
    const pause = change.read(100, { kind: 'unreadable', failure: failure() });
    expect(pause).toEqual({ kind: 'wait', untilMs: 250 });
    expect(change.after(pause)).toMatchObject({ kind: 'get' });
  });

  it('is read again after 429 or 409, with pauses that grow', () => {
    const change = patching({ mutationIntervalMs: 0 });
    const first = change.wrote(150, BUSY);
    expect([first, change.after(first)]).toMatchObject([{ kind: 'wait', untilMs: 300 }, { kind: 'get' }]);
    // Another request, since an answer may be replayed, but the same write: a copy of the first may be under way.
    expect(change.read(400, AT_1)).toMatchObject({ request: 2, record: { writeIds: [FIRST_ID, other(1)] } });
    expect(change.wrote(450, BUSY)).toEqual({ kind: 'wait', untilMs: 450 + 100 + 0.5 * 300 });
  });

  it('that moves no version number shows by the id that a write was made', () => {
    const change = patching();
    change.wrote(150, UNKNOWN);
    const shown = found(seen(5, [FIRST_ID, other(1)], V1));
    expect(change.read(200, shown)).toEqual({ kind: 'written', value: { count: 5 } });
  });

  it('that refuses for good ends it', () => {
    const outcome = { kind: 'failed', failure: failure('retention') } as const;
    expect(patching().wrote(150, outcome)).toEqual({ ...outcome, mayBeApplied: false });
    expect(new Changing().read(100, outcome)).toEqual({ ...outcome, mayBeApplied: false });
  });

  const FORBIDDEN = { kind: 'failed', failure: failure('permission-denied') } as const;

  it('that forbids the reading of what may not be there is asked by one guarded create', () => {
    const change = new Changing();
    expect(change.read(100, FORBIDDEN)).toMatchObject({ kind: 'create', request: 1 });
    expect(change.wrote(150, applied(V1))).toMatchObject({ kind: 'written' });
    const refused = new Changing();
    refused.read(100, FORBIDDEN);
    expect(refused.wrote(150, REFUSED)).toMatchObject({ kind: 'failed', failure: FORBIDDEN.failure });
    const silent = new Changing();
    silent.read(100, FORBIDDEN);
    silent.wrote(150, UNKNOWN);
    expect(silent.read(200, FORBIDDEN)).toMatchObject({ kind: 'failed', mayBeApplied: true });
  });

  it('that forbids the reading of what was there ends it', () => {
    const change = patching();
    change.wrote(150, UNKNOWN);
    expect(change.read(200, FORBIDDEN)).toEqual({ ...FORBIDDEN, mayBeApplied: true });
    const again = new Changing();
    again.read(100, FORBIDDEN);
    again.after(again.wrote(150, BUSY));
    expect(again.read(1_200, FORBIDDEN)).toEqual({ ...FORBIDDEN, mayBeApplied: false });
  });

  it('that forbids the reading is not taken to have nothing', () => {
    const change = new Changing({ decide: () => ({ kind: 'leave', why: 'nothing' }) });
    expect(change.read(100, FORBIDDEN)).toMatchObject({ kind: 'failed', failure: FORBIDDEN.failure });
  });

  it('that allows the reading later is believed then', () => {
    const change = new Changing();
    change.read(100, FORBIDDEN);
    change.wrote(150, UNKNOWN);
    const pause = change.read(200, ABSENT);
    expect(change.after(pause)).toMatchObject({ kind: 'create', request: 1 });
    change.after(change.wrote(1_200, BUSY));
    expect(change.read(3_000, found(seen(10, [other(1)], V2)))).toEqual({ kind: 'left', why: 'full' });
  });
});

describe('the time for a change', () => {
  it('ends it wherever it is, and says whether a write may have been applied', () => {
    const reading = new Changing();
    expect(reading.tick(59_999)).toEqual({ kind: 'carry-on' });
    expect(reading.tick(60_000)).toEqual({
      kind: 'failed',
      failure: { kind: 'unavailable', detail: 'There was no answer in time.' },
      mayBeApplied: false,
    });
    expect(patching().tick(60_000)).toMatchObject({ kind: 'failed', mayBeApplied: true });
    const pausing = patching();
    pausing.wrote(150, BUSY);
    expect(pausing.tick(60_000)).toMatchObject({
      kind: 'failed',
      failure: { kind: 'busy' },
      mayBeApplied: false,
    });
    expect(pausing.tick(60_001)).toEqual({ kind: 'carry-on' });
  });

  it('leaves room for another request after one without an answer', () => {
    const change = new Changing({ untilMs: 8_000 });
    expect(change.first).toMatchObject({ limitMs: 4_000 });
    expect(change.read(4_000, ABSENT)).toMatchObject({ kind: 'create', limitMs: 2_000 });
  });
});
