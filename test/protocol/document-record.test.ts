import { describe, expect, it } from 'vitest';
import {
  documentCodec,
  type DocumentKind,
  fateOf,
  REMEMBERED_WRITES,
} from '../../src/protocol/document-record.ts';
import { LOCK_CODEC } from '../../src/protocol/record.ts';
import { record } from './tools.ts';

interface Colour {
  readonly colour: string;
}

const KIND: DocumentKind<Colour> = {
  schema: 'gcs-mutex-colour/1',
  kind: 'colour',
  encode: ({ colour }) => ({ colour }),
  decode: (key) => (key('colour') === '' ? 'it has no colour' : { colour: key('colour') }),
};
const CODEC = documentCodec(KIND);
const [NEWER_ID, OLDER_ID] = ['a'.repeat(32), 'b'.repeat(32)];
const RED = { value: { colour: 'red' }, writeIds: [NEWER_ID, OLDER_ID] };

function decoded(changes: Record<string, unknown>) {
  return CODEC.decode({ ...CODEC.encode(RED), ...changes });
}

describe('a document in custom metadata', () => {
  it('names its form and its writes besides its own keys, and reads as it was written', () => {
    expect(CODEC.encode(RED)).toEqual({
      colour: 'red',
      schema: 'gcs-mutex-colour/1',
      writes: `${NEWER_ID} ${OLDER_ID}`,
    });
    expect(CODEC.decode(CODEC.encode(RED))).toEqual({ kind: 'record', record: RED });
    expect(decoded({ 'key-of': 'a stranger' })).toEqual({ kind: 'record', record: RED });
  });

  it('is read only where every key of it parses', () => {
    for (const writes of [
      undefined,
      '',
      'a'.repeat(31),
      'a'.repeat(33),
      `${NEWER_ID}  ${OLDER_ID}`,
      NEWER_ID.toUpperCase(),
    ])
      expect(decoded({ writes })).toEqual({ kind: 'foreign', why: 'its writes do not parse' });
    const many = Array.from({ length: REMEMBERED_WRITES + 1 }, () => NEWER_ID);
    expect(decoded({ writes: many.join(' ') }).kind).toBe('foreign');
    expect(decoded({ writes: many.slice(1).join(' ') }).kind).toBe('record');
    expect(decoded({ colour: undefined })).toEqual({ kind: 'foreign', why: 'it has no colour' });
    expect(CODEC.decode(undefined).kind).toBe('foreign');
    expect(CODEC.decode(Object.create(CODEC.encode(RED))).kind).toBe('foreign');
  });

  it('of a later version is told from one of another kind', () => {
    expect(decoded({ schema: 'gcs-mutex-colour/2' })).toEqual({
      kind: 'newer',
      schema: 'gcs-mutex-colour/2',
    });
    const others = ['other/1', 'gcs-mutex-colour/0', 'gcs-mutex-colour/', 'gcs-mutex-colour/1234567'];
    const odd = ['my-gcs-mutex/1', 'gcs-mutex/1x', 'gcs-mutex-/1', 'gcs-mutex-Rate/1', 'gcs-mutex-a1/1'];
    for (const schema of [...others, ...odd]) {
      expect(decoded({ schema })).toEqual({
        kind: 'foreign',
        why: 'its schema is not one of gcs-mutex-colour',
      });
    }
  });

  it('of another kind is told by its form, so that nobody takes it for a stray object', () => {
    for (const schema of [
      'gcs-mutex/1',
      'gcs-mutex-rate/1',
      'gcs-mutex-colours/2',
      'gcs-mutex-pool/123456',
    ]) {
      expect(decoded({ schema })).toEqual({ kind: 'foreign', why: `it is of another kind, ${schema}` });
    }
  });

  it('is foreign to a lock, and a lock to it', () => {
    expect(LOCK_CODEC.decode(CODEC.encode(RED))).toMatchObject({ kind: 'foreign' });
    expect(CODEC.decode(LOCK_CODEC.encode(record()))).toMatchObject({ kind: 'foreign' });
    // Not even where one has all keys of the other.
    const both = { ...LOCK_CODEC.encode(record()), ...CODEC.encode(RED) };
    expect(LOCK_CODEC.decode(both)).toMatchObject({ kind: 'foreign' });
    expect(CODEC.decode({ ...both, schema: 'gcs-mutex/1' })).toMatchObject({ kind: 'foreign' });
  });

  it('shows a write of ours by its id alone', () => {
    expect(CODEC.isEcho(RED, { value: { colour: 'blue' }, writeIds: [NEWER_ID] })).toBe(true);
    expect(CODEC.isEcho(RED, { value: RED.value, writeIds: [OLDER_ID, NEWER_ID] })).toBe(false);
  });

  it('says what it is to whoever prints its body', () => {
    expect(CODEC.describe(RED)).toBe("A colour of gcs-mutex; its state is in this object's custom metadata.");
  });
});

describe('the fate of a write without an answer', () => {
  const write = (number: number): string => number.toString(16).padStart(32, '0');
  const ours = 'f'.repeat(32);

  /** A document after some writes of others, ours among them or not. */
  function history(length: number, oursAfter?: number) {
    const ids = Array.from({ length }, (_, index) => write(index));
    if (oursAfter !== undefined) ids.splice(oursAfter, 0, ours);
    return { value: RED.value, writeIds: ids.toReversed().slice(0, REMEMBERED_WRITES) };
  }

  it('is not told by a document that somebody removed, and others began anew', () => {
    const [before, now] = [write(1), write(2)].map((id) => ({ value: RED.value, writeIds: [id] }));
    expect(now && fateOf(ours, before, now)).toBe('unclear');
  });

  it('is never told wrongly, however many writes came before and after it', () => {
    for (let before = 0; before <= 20; before += 1) {
      for (let after = before === 0 ? 1 : 0; after <= 40; after += 1) {
        const from = before === 0 ? undefined : history(before);
        const applied = fateOf(ours, from, history(before + after, before));
        const missed = fateOf(ours, from, history(before + after));
        expect(applied, `applied after ${before} before ${after}`).not.toBe('not-applied');
        expect(missed, `not applied after ${before} before ${after}`).not.toBe('applied');
        const isRemembered = after < REMEMBERED_WRITES;
        if (isRemembered) expect([applied, missed]).toEqual(['applied', 'not-applied']);
      }
    }
  });
});
