import { type Codec, foreign, ownText, schemaOf } from './codec.ts';

/**
 * What a document says: its value, and which writes made it so.
 *
 * A document is an object that many change by reading and writing it: never held by anybody, and never deleted by
 * those who change it.
 */
export interface DocumentRecord<Value> {
  readonly value: Value;
  /** The write that made it say so, and those before it, newest first; 32 hexadecimal digits each. */
  readonly writeIds: readonly string[];
}

/**
 * How many writes a document remembers. Whoever got no answer finds out what became of its write as long as no more
 * than so many came after it: 15 s at the one write a second that the store takes.
 */
export const REMEMBERED_WRITES = 16;

/** One kind of document. */
export interface DocumentKind<Value> {
  /** Names its form, such as `gcs-mutex-semaphore/1`. */
  readonly schema: string;
  /** What it is, for people. */
  readonly kind: string;
  /** Always every key: a patch leaves keys alone that it does not name. `schema` and `writes` are taken. */
  encode(value: Value): Readonly<Record<string, string>>;
  /** Reads keys that came from the server and may be anything; a string says why they are none of this kind. */
  decode(keys: (name: string) => string): Value | string;
}

/** How the documents of a kind are kept. */
export function documentCodec<Value extends object>(kind: DocumentKind<Value>): Codec<DocumentRecord<Value>> {
  return {
    encode: ({ value, writeIds }) => ({
      ...kind.encode(value),
      schema: kind.schema,
      writes: writeIds.join(' '),
    }),
    decode(metadata) {
      const own = schemaOf(metadata, kind.schema);
      if ('kind' in own) return own;
      const writeIds = ownText(own.metadata, 'writes').split(' ');
      const areIds = writeIds.every((id) => /^[0-9a-f]{32}$/.test(id));
      if (!areIds || writeIds.length > REMEMBERED_WRITES) return foreign('its writes do not parse');
      const value = kind.decode((name) => ownText(own.metadata, name));
      if (typeof value === 'string') return foreign(value);
      return { kind: 'record', record: { value, writeIds } };
    },
    isEcho: (sent, shown) => sent.writeIds[0] === shown.writeIds[0],
    describe: () =>
      `${articleOf(kind.kind)} ${kind.kind} of gcs-mutex; its state is in this object's custom metadata.`,
  };
}

function articleOf(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'An' : 'A';
}

/** The record that a write leaves behind. */
export function written<Value>(
  value: Value,
  writeId: string,
  before: DocumentRecord<Value> | undefined,
): DocumentRecord<Value> {
  return { value, writeIds: [writeId, ...(before?.writeIds ?? [])].slice(0, REMEMBERED_WRITES) };
}

/**
 * What a document that was read says of a write of ours without an answer, which was to replace `before`:
 *
 * - `applied`: its id is there, whatever came after it.
 * - `not-applied`: it never will be. Ids are kept in the order of the writes, and ours could only have come right
 *   after `before`; something else did.
 * - `unclear`: so much was written since then that neither shows.
 */
export function fateOf<Value>(
  writeId: string,
  before: DocumentRecord<Value> | undefined,
  now: DocumentRecord<Value>,
): 'applied' | 'not-applied' | 'unclear' {
  if (now.writeIds.includes(writeId)) return 'applied';
  const last = before?.writeIds[0];
  if (last !== undefined && now.writeIds.includes(last)) return 'not-applied';
  // Ours was to be the first of all, and the first of all is there.
  if (last === undefined && now.writeIds.length < REMEMBERED_WRITES) return 'not-applied';
  return 'unclear';
}
