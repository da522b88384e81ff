import { describe, expect, it } from 'vitest';
import type { OtherContent } from '../../src/protocol/codec.ts';
import { changeDocument, type DocumentStep, startChange } from '../../src/protocol/document.ts';
import { type DocumentRecord, REMEMBERED_WRITES } from '../../src/protocol/document-record.ts';
import type { ChangeSettings, DocumentState } from '../../src/protocol/document-state.ts';
import type { ReadOutcome, SeenObject, WriteOutcome } from '../../src/protocol/outcome.ts';
import type { ProtocolEvent } from '../../src/protocol/step.ts';
import type { Instant, Millis } from '../../src/protocol/timing.ts';
import type { Version } from '../../src/protocol/version.ts';
import { applied, at, BUSY, failure, REFUSED, RELEASE_SETTINGS, UNKNOWN, version } from './tools.ts';

interface Count {
  readonly count: number;
}
type Body = DocumentRecord<Count>;
type Step = DocumentStep<Count, string>;
type Settings = ChangeSettings<Count, string>;

/** Ids of the change under test, and of writes of others. */
const CHANGE_ID = 'a'.repeat(32);
const FIRST_ID = `${'a'.repeat(28)}0001`;
const SECOND_ID = `${'a'.repeat(28)}0002`;
const other = (number: number): string => number.toString(16).padStart(32, '0');

const SETTINGS: Settings = {
  ...RELEASE_SETTINGS,
  untilMs: 60_000,
  whenUnclear: 'fail',
  decide: (document) =>
    (document?.value.count ?? 0) >= 10
      ? { kind: 'leave', why: 'full' }
      : { kind: 'write', value: { count: (document?.value.count ?? 0) + 1 } },
};

function seen(count: number, writeIds: readonly string[], of: Version): SeenObject<Body> {
  const record: Body = { value: { count }, writeIds };
  return { version: of, content: { kind: 'record', record }, updatedAt: 7, createdAt: 5 };
}

function found(object: SeenObject<Body>): ReadOutcome<Body> {
  return { kind: 'found', object };
}

const ABSENT: ReadOutcome<Body> = { kind: 'absent' };
const V1 = version(7, 1);
const V2 = version(7, 2);
const AT_1 = found(seen(4, [other(1)], V1));

/** One change, from its first reading on. */
class Changing {
  #state: DocumentState<Count, string>;
  readonly first: Step;

  constructor(changes: Partial<Settings> = {}, when: Instant = at(0), shown?: ReadOutcome<Body>) {
    [this.#state, this.first] = startChange({ ...SETTINGS, ...changes }, CHANGE_ID, when, shown);
  }

  read(ms: Millis, outcome: ReadOutcome<Body>): Step {
    return this.#next({ kind: 'read', outcome, at: at(ms), draw: 0.5 });
  }

  wrote(ms: Millis, outcome: WriteOutcome): Step {
    return this.#next({ kind: 'wrote', outcome, at: at(ms), draw: 0.5 });
  }

  tick(ms: Millis): Step {
    return this.#next({ kind: 'tick', at: at(ms), draw: 0.5 });
  }

  /** Goes on after the pause that a step asks for. */
  after(step: Step): Step {
    if (step.kind !== 'wait') throw new Error(`expected a pause, got ${step.kind}`);
    expect(this.tick(step.untilMs - 1)).toEqual(step);
    return this.tick(step.untilMs);
  }

  #next(event: ProtocolEvent<Body>): Step {
    const [state, step] = changeDocument(this.#state, event);
    this.#state = state;
    return step;
  }
}

/** A change that has read the document at version 1 and sent its patch at 100. */
function patching(changes: Partial<Settings> = {}): Changing {
  const change = new Changing(changes);
  expect(change.read(100, AT_1)).toMatchObject({ kind: 'patch', expected: V1, request: 1 });
  return change;
}

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
      failure: { kind: 'unavailable' },
      mayBeApplied: true,
    });
    const anew = unanswered({ whenUnclear: 'decide-anew' }).read(200, outcome);
    expect(anew).toMatchObject({ request: 2, record: { value: { count: outcome === ABSENT ? 1 : 10 } } });
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
    expect(reading.tick(60_000)).toMatchObject({ kind: 'failed', mayBeApplied: false });
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
