import { describe, expect, it } from 'vitest';
import type { OtherContent } from '../../src/protocol/codec.ts';
import { REMEMBERED_WRITES } from '../../src/protocol/document-record.ts';
import type { SeenObject } from '../../src/protocol/outcome.ts';
import {
  ABSENT,
  AT_1,
  Changing,
  FIRST_ID,
  found,
  other,
  patching,
  SECOND_ID,
  seen,
  V1,
  V2,
  type Body,
  type Settings,
} from './changing.ts';
import { applied, at, BUSY, failure, REFUSED, UNKNOWN, version } from './tools.ts';

describe('a change', () => {
  it('reads first, and begins with a reading that is already there', () => {
    expect(new Changing().first).toEqual({ kind: 'get', limitMs: 10_000 });
    expect(new Changing({}, at(0), AT_1).first).toMatchObject({ kind: 'patch', expected: V1 });
  });

  it('creates the document where there is none', () => {
    expect(new Changing().read(100, ABSENT)).toEqual({
      kind: 'create',
      record: { value: { count: 1 }, writeIds: [FIRST_ID] },
      request: 1,
      limitMs: 10_000,
    });
  });

  it('patches the very version that was read, and puts its id before those that were there', () => {
    const change = new Changing();
    expect(change.read(100, AT_1)).toEqual({
      kind: 'patch',
      expected: V1,
      record: { value: { count: 5 }, writeIds: [FIRST_ID, other(1)] },
      request: 1,
      limitMs: 10_000,
    });
    expect(change.wrote(150, applied(V2))).toEqual({ kind: 'written', value: { count: 5 } });
  });

  it('shows what was read to whoever decides: the value, its version and the server’s times', () => {
    const shown: unknown[] = [];
    const decide: Settings['decide'] = (document) => {
      shown.push(document);
      return { kind: 'leave', why: 'seen' };
    };
    const change = new Changing({ decide });
    expect(change.read(100, AT_1)).toEqual({ kind: 'left', why: 'seen' });
    expect(shown).toEqual([{ value: { count: 4 }, version: V1, updatedAt: 7, createdAt: 5 }]);
  });

  it('writes nothing where there is nothing to write', () => {
    expect(new Changing().read(100, found(seen(10, [other(1)], V1)))).toEqual({ kind: 'left', why: 'full' });
  });

  it('forgets the oldest of very many ids', () => {
    const ids = Array.from({ length: REMEMBERED_WRITES }, (_, index) => other(index));
    const step = new Changing().read(100, found(seen(4, ids, V1)));
    expect(step).toMatchObject({ record: { writeIds: [FIRST_ID, ...ids.slice(0, -1)] } });
  });

  it.each<OtherContent>([
    { kind: 'foreign', why: 'it is a picture' },
    { kind: 'newer', schema: 'gcs-mutex-count/2' },
  ])('leaves anything else alone: $kind', (content) => {
    const object: SeenObject<Body> = { version: V1, content, updatedAt: 7, createdAt: 5 };
    expect(new Changing().read(100, found(object))).toEqual({ kind: 'other', object, content });
  });
});

describe('a change that is refused', () => {
  it('reads again after a pause, decides anew, and writes under a new id', () => {
    const change = patching();
    const pause = change.wrote(150, REFUSED);
    // Not before the ration of one write a second allows another.
    expect(pause).toEqual({ kind: 'wait', untilMs: 1_100 });
    expect(change.after(pause)).toMatchObject({ kind: 'get' });
    expect(change.read(1_200, found(seen(8, [other(2), other(1)], V2)))).toMatchObject({
      kind: 'patch',
      expected: V2,
      record: { value: { count: 9 }, writeIds: [SECOND_ID, other(2), other(1)] },
      request: 2,
    });
  });

  it('ends where what others wrote leaves nothing to write', () => {
    const change = patching();
    change.after(change.wrote(150, REFUSED));
    expect(change.read(1_200, found(seen(10, [other(2)], V2)))).toEqual({ kind: 'left', why: 'full' });
  });

  it('was applied where a network doubled it, and the answer was for the second copy', () => {
    const shown = found(seen(9, [other(2), FIRST_ID, other(1)], V2));
    for (const outcome of [REFUSED, BUSY]) {
      const change = patching();
      change.after(change.wrote(150, outcome));
      expect(change.read(1_200, shown)).toEqual({ kind: 'written', value: { count: 5 } });
    }
  });
});

describe('a change without an answer', () => {
  /** Its write at 100 has no answer; what is read next says what became of it. */
  function unanswered(changes: Partial<Settings> = {}): Changing {
    const change = patching(changes);
    expect(change.wrote(150, UNKNOWN)).toMatchObject({ kind: 'get' });
    return change;
  }

  it('was applied where its id is there', () => {
    expect(unanswered().read(200, found(seen(5, [FIRST_ID, other(1)], V2)))).toEqual({
      kind: 'written',
      value: { count: 5 },
    });
  });

  it('was applied where its id is there below those of others', () => {
    const shown = found(seen(9, [other(3), other(2), FIRST_ID, other(1)], version(7, 5)));
    expect(unanswered().read(200, shown)).toEqual({ kind: 'written', value: { count: 5 } });
  });

  it('is sent once more as it was where the same version is still there', () => {
    const change = unanswered();
    const pause = change.read(200, AT_1);
    expect(pause).toEqual({ kind: 'wait', untilMs: 1_100 });
    expect(change.after(pause)).toMatchObject({
      kind: 'patch',
      expected: V1,
      record: { value: { count: 5 }, writeIds: [FIRST_ID, other(1)] },
      request: 1,
    });
  });

  it('was applied where the second copy is refused because of the first', () => {
    const change = unanswered();
    change.after(change.read(200, AT_1));
    expect(change.wrote(1_200, REFUSED)).toMatchObject({ kind: 'get' });
    expect(change.read(1_300, found(seen(5, [FIRST_ID, other(1)], V2)))).toMatchObject({ kind: 'written' });
  });

  it('stays undecided where the second copy surely did nothing', () => {
    const change = unanswered();
    change.after(change.read(200, AT_1));
    const pause = change.wrote(1_200, BUSY);
    expect(change.after(pause)).toMatchObject({ kind: 'get' });
    expect(change.read(3_000, found(seen(5, [FIRST_ID, other(1)], V2)))).toMatchObject({ kind: 'written' });
  });

  it('was not applied, and never will be, where another follows the write that it was to replace', () => {
    expect(unanswered().read(200, found(seen(7, [other(2), other(1)], V2)))).toMatchObject({
      kind: 'patch',
      expected: V2,
      record: { value: { count: 8 }, writeIds: [SECOND_ID, other(2), other(1)] },
      request: 2,
    });
  });

  it('was not applied where only keys of others were edited since', () => {
    expect(unanswered().read(200, found(seen(4, [other(1)], V2)))).toMatchObject({
      kind: 'patch',
      expected: V2,
      request: 2,
    });
  });

  const full = Array.from({ length: REMEMBERED_WRITES }, (_, index) => other(100 + index));
  it.each([
    ['so much was written since that its id would be forgotten', found(seen(9, full, version(7, 30)))],
    ['the document is gone', ABSENT],
  ])('is given up as undecided where %s', (_what, outcome) => {
    expect(unanswered().read(200, outcome)).toMatchObject({
      kind: 'failed',
      failure: { kind: 'unavailable', detail: expect.stringContaining('nobody can tell') },
      mayBeApplied: true,
    });
    const anew = unanswered({ whenUnclear: 'decide-anew' }).read(200, outcome);
    expect(anew).toMatchObject({ request: 2, record: { value: { count: outcome === ABSENT ? 1 : 10 } } });
  });

  it('is read of again where the store did not say what is there', () => {
    const change = unanswered();
    const pause = change.read(200, { kind: 'unreadable', failure: failure() });
    expect(change.after(pause)).toMatchObject({ kind: 'get' });
    expect(change.read(1_300, found(seen(5, [FIRST_ID, other(1)], V2)))).toMatchObject({ kind: 'written' });
  });

  it('is known to be open, or not, where it was to create the document', () => {
    const creating = (): Changing => {
      const change = new Changing();
      expect(change.read(100, ABSENT)).toMatchObject({ kind: 'create' });
      change.wrote(150, UNKNOWN);
      return change;
    };
    const open = creating();
    expect(open.after(open.read(200, ABSENT))).toMatchObject({ kind: 'create', request: 1 });
    expect(creating().read(200, found(seen(1, [FIRST_ID], V1)))).toMatchObject({ kind: 'written' });
    expect(creating().read(200, found(seen(2, [other(2), other(1)], V2)))).toMatchObject({ request: 2 });
    expect(creating().read(200, found(seen(2, full, V2)))).toMatchObject({
      kind: 'failed',
      mayBeApplied: true,
    });
  });
});
