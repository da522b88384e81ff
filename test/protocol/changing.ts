import { expect } from 'vitest';
import { changeDocument, type DocumentStep, startChange } from '../../src/protocol/document.ts';
import type { DocumentRecord } from '../../src/protocol/document-record.ts';
import type { ChangeSettings, DocumentState } from '../../src/protocol/document-state.ts';
import type { ReadOutcome, SeenObject, WriteOutcome } from '../../src/protocol/outcome.ts';
import type { ProtocolEvent } from '../../src/protocol/step.ts';
import type { Instant, Millis } from '../../src/protocol/timing.ts';
import type { Version } from '../../src/protocol/version.ts';
import { at, RELEASE_SETTINGS, version } from './tools.ts';

export interface Count {
  readonly count: number;
}
export type Body = DocumentRecord<Count>;
export type Step = DocumentStep<Count, string>;
export type Settings = ChangeSettings<Count, string>;

/** Ids of the change under test, and of writes of others. */
export const CHANGE_ID = 'a'.repeat(32);
export const FIRST_ID = `${'a'.repeat(28)}0001`;
export const SECOND_ID = `${'a'.repeat(28)}0002`;
export const other = (number: number): string => number.toString(16).padStart(32, '0');

export const SETTINGS: Settings = {
  ...RELEASE_SETTINGS,
  untilMs: 60_000,
  whenUnclear: 'fail',
  decide: (document) =>
    (document?.value.count ?? 0) >= 10
      ? { kind: 'leave', why: 'full' }
      : { kind: 'write', value: { count: (document?.value.count ?? 0) + 1 } },
};

export function seen(count: number, writeIds: readonly string[], of: Version): SeenObject<Body> {
  const record: Body = { value: { count }, writeIds };
  return { version: of, content: { kind: 'record', record }, updatedAt: 7, createdAt: 5 };
}

export function found(object: SeenObject<Body>): ReadOutcome<Body> {
  return { kind: 'found', object };
}

export const ABSENT: ReadOutcome<Body> = { kind: 'absent' };
export const V1 = version(7, 1);
export const V2 = version(7, 2);
export const AT_1 = found(seen(4, [other(1)], V1));

/** One change, from its first reading on. */
export class Changing {
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
export function patching(changes: Partial<Settings> = {}): Changing {
  const change = new Changing(changes);
  expect(change.read(100, AT_1)).toMatchObject({ kind: 'patch', expected: V1, request: 1 });
  return change;
}
