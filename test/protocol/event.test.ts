import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentCodec, type DocumentRecord } from '../../src/protocol/document-record.ts';
import { EVENT, clearEvent, type EventState, NEVER_SET, setEvent } from '../../src/protocol/event-record.ts';
import { type EventWaitSettings, startEventWait, waitForEvent } from '../../src/protocol/event-wait.ts';
import type { ReadOutcome } from '../../src/protocol/outcome.ts';
import { decodeText, encodeText } from '../../src/protocol/text.ts';
import { at, failure, version } from './tools.ts';

const CODEC = documentCodec(EVENT);
const ID = 'a'.repeat(32);

describe('text in custom metadata', () => {
  it('is printable ASCII, and comes back as it was', () => {
    const anything = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(anything, (text) => {
        const encoded = encodeText(text);
        expect(encoded).toMatch(/^[ -~]*$/);
        expect(decodeText(encoded)).toBe(text);
      }),
    );
  });

  it('is as it stands where it is printable ASCII, but for the percent sign', () => {
    expect(encodeText('{"a": [1]}~ ')).toBe('{"a": [1]}~ ');
    expect(encodeText('100 % ü')).toBe('100 %25 %C3%BC');
  });

  it.each(['%', '%4', '%zz', '%c3%bc', '%41', 'ü', '%ff'])(
    'is not read where nobody wrote it so: %j',
    (encoded) => {
      expect(decodeText(encoded)).toBeUndefined();
    },
  );
});

describe('the state of an event', () => {
  it('counts each set, and keeps the payload of the latest', () => {
    const once = setEvent(undefined, 'one');
    expect(once).toEqual({ isSet: true, payload: 'one', setCount: 1 });
    expect(clearEvent(once)).toEqual({ isSet: false, payload: 'one', setCount: 1 });
    expect(setEvent(clearEvent(once), 'two')).toEqual({ isSet: true, payload: 'two', setCount: 2 });
    expect(clearEvent(undefined)).toEqual({ isSet: false, payload: '', setCount: 0 });
    expect(clearEvent(undefined)).toEqual(NEVER_SET);
  });

  it('reads as it was written', () => {
    for (const value of [NEVER_SET, setEvent(undefined, 'naïve %'), clearEvent(setEvent(undefined, ' '))]) {
      const record = { value, writeIds: [ID] };
      expect(CODEC.decode(CODEC.encode(record))).toEqual({ kind: 'record', record });
    }
  });

  const metadata = CODEC.encode({ value: setEvent(undefined, 'p'), writeIds: [ID] });
  // So that also the next number is one that counts by ones.
  const MOST_SETS = Number.MAX_SAFE_INTEGER - 1;

  it('is said to people as what it is', () => {
    expect(CODEC.describe({ value: NEVER_SET, writeIds: [ID] })).toMatch(/^An event of gcs-mutex; /);
  });

  it('counts as far as numbers can be told apart', () => {
    expect(CODEC.decode({ ...metadata, sets: String(MOST_SETS) })).toMatchObject({
      record: { value: { setCount: MOST_SETS } },
    });
  });

  it.each([
    [{ state: 'open' }, 'its state is neither set nor clear'],
    [{ state: '' }, 'its state is neither set nor clear'],
    [{ payload: '%' }, 'its payload does not parse'],
    [{ sets: '-1' }, 'its count does not parse'],
    [{ sets: String(MOST_SETS + 1) }, 'its count does not parse'],
  ])('is none with %j, and says why', (changes, why) => {
    expect(CODEC.decode({ ...metadata, ...changes })).toEqual({ kind: 'foreign', why });
  });
});

const SETTINGS: EventWaitSettings = {
  takesOld: true,
  requestTimeoutMs: 10_000,
  backoff: { minMs: 100, maxMs: 2_000, factor: 2 },
  untilMs: 30_000,
};
type Reading = ReadOutcome<DocumentRecord<EventState>>;
const ABSENT: Reading = { kind: 'absent' };

function shown(value: EventState) {
  const content = { kind: 'record', record: { value, writeIds: [ID] } } as const;
  const object = { version: version(7, 1), content, updatedAt: 7, createdAt: 5 };
  return { kind: 'found', object } as const;
}

/** What a wait does after some readings, a second apart. */
function after(settings: Partial<EventWaitSettings>, ...readings: Reading[]) {
  let [state, step] = startEventWait({ ...SETTINGS, ...settings }, at(0));
  for (const [index, outcome] of readings.entries()) {
    const nowMs = index * 1_000;
    if (step.kind === 'wait') [state, step] = waitForEvent(state, { kind: 'tick', at: at(nowMs), draw: 0 });
    expect(step).toMatchObject({ kind: 'get' });
    [state, step] = waitForEvent(state, { kind: 'read', outcome, at: at(nowMs), draw: 0.5 });
  }
  return { state, step };
}

describe('a wait for an event', () => {
  const set = (setCount: number) => shown({ isSet: true, payload: 'p', setCount });
  const cleared = (setCount: number) => shown({ isSet: false, payload: 'p', setCount });

  it.each([
    ['it is set', {}, [set(3)]],
    ['it is set later', {}, [ABSENT, cleared(0), set(1)]],
    ['it was set and cleared since the first reading', {}, [cleared(3), cleared(4)]],
    ['it was made, set and cleared since the first reading', {}, [ABSENT, cleared(1)]],
    ['it was removed and made anew, set and cleared', {}, [cleared(3), cleared(1)]],
    ['it was removed, and made anew with the same number', {}, [cleared(1), ABSENT, cleared(1)]],
    ['a later one than that asked for was there already', { takesOld: false, after: 2 }, [cleared(3)]],
    ['the next one came', { takesOld: false }, [set(3), cleared(4)]],
  ])('is met where %s', (_what, settings, readings) => {
    expect(after(settings, ...readings).step).toMatchObject({
      kind: 'met',
      seen: { value: { payload: 'p' } },
    });
  });

  it.each([
    ['there is none', {}, [ABSENT, ABSENT]],
    ['it was set and cleared before the first reading', {}, [cleared(3), cleared(3)]],
    ['it was never set', {}, [cleared(0), cleared(0)]],
    ['it was removed', {}, [cleared(3), ABSENT, cleared(0)]],
    ['it was removed, and made anew without a set', {}, [cleared(3), cleared(0)]],
    ['it is set, but not since', { takesOld: false, after: 3 }, [set(3), cleared(3)]],
    ['it is set, but not since the first reading', { takesOld: false }, [set(3), set(3)]],
  ])('goes on where %s', (_what, settings, readings) => {
    expect(after(settings, ...readings).step).toMatchObject({ kind: 'wait' });
  });

  it('reads at once, and then with pauses that grow', () => {
    const [state, step] = startEventWait(SETTINGS, at(0));
    expect(step).toEqual({ kind: 'get', limitMs: 10_000 });
    const first = waitForEvent(state, { kind: 'read', outcome: ABSENT, at: at(50), draw: 0.5 });
    expect(first[1]).toEqual({ kind: 'wait', untilMs: 200 });
    expect(waitForEvent(first[0], { kind: 'tick', at: at(199), draw: 0 })[1]).toEqual(first[1]);
    const again = waitForEvent(first[0], { kind: 'tick', at: at(200), draw: 0 });
    expect(again[1]).toEqual({ kind: 'get', limitMs: 10_000 });
    const second = waitForEvent(again[0], { kind: 'read', outcome: ABSENT, at: at(250), draw: 1 });
    expect(second[1]).toEqual({ kind: 'wait', untilMs: 650 });
  });

  it('gives no request more time than it has itself, and ends on time', () => {
    const { state } = after({}, ABSENT);
    const late = waitForEvent(state, { kind: 'tick', at: at(25_000), draw: 0 });
    expect(late[1]).toEqual({ kind: 'get', limitMs: 5_000 });
    expect(waitForEvent(late[0], { kind: 'tick', at: at(29_999), draw: 0 })[1]).toEqual({ kind: 'carry-on' });
    const over = waitForEvent(late[0], { kind: 'tick', at: at(30_000), draw: 0 });
    expect(over[1]).toEqual({ kind: 'timed-out' });
    expect(waitForEvent(over[0], { kind: 'tick', at: at(30_001), draw: 0 })[1]).toEqual({ kind: 'carry-on' });
  });

  it('begins no pause when its time is up, and ends within one', () => {
    const { state } = after({}, ABSENT);
    const timedOut = { kind: 'timed-out' };
    expect(waitForEvent(state, { kind: 'tick', at: at(30_000), draw: 0 })[1]).toEqual(timedOut);
    const [reading] = waitForEvent(state, { kind: 'tick', at: at(29_000), draw: 0 });
    const shownAt = (ms: number) =>
      waitForEvent(reading, { kind: 'read', outcome: ABSENT, at: at(ms), draw: 0 })[1];
    expect(shownAt(29_999)).toMatchObject({ kind: 'wait' });
    expect(shownAt(30_000)).toEqual(timedOut);
  });

  it('hears no answer to a request that is over', () => {
    const { state, step } = after({}, ABSENT);
    const late = waitForEvent(state, { kind: 'read', outcome: set(1), at: at(0), draw: 0 });
    expect(late).toEqual([state, step]);
  });

  it('goes on where the store says nothing, and knows what it knew before', () => {
    const silent = { kind: 'unreadable', failure: failure() } as const;
    const first = after({}, silent);
    expect(first.step).toMatchObject({ kind: 'wait' });
    expect(first.state.after).toBeUndefined();
    expect(after({}, ABSENT, silent).state.after).toBe(0);
  });

  it('ends where the store refuses for good, or the object is something else', () => {
    const failed = { kind: 'failed', failure: failure('bucket-not-found') } as const;
    expect(after({}, failed).step).toEqual(failed);
    const content = { kind: 'foreign', why: 'a picture' } as const;
    const object = { version: version(7, 1), content, updatedAt: 7, createdAt: 5 };
    expect(after({}, { kind: 'found', object }).step).toEqual({ kind: 'other', object, content });
  });
});
