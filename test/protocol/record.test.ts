import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRecord,
  encodeRecord,
  isLeaseId,
  isPrintableAscii,
  LOCK_CODEC,
  type LockRecord,
  MAX_HOLDER_LENGTH,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_LENGTH,
  METADATA_KEY_PATTERN,
  nextCounter,
  SCHEMA,
} from '../../src/protocol/record.ts';
import { MAX_TTL_MS } from '../../src/protocol/timing.ts';
import { OURS, record, THEIRS } from './tools.ts';

const printable = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength,
  });

const records: fc.Arbitrary<LockRecord> = fc
  .record(
    {
      state: fc.constantFrom('held', 'free', 'cooling'),
      leaseId: fc.stringMatching(/^[0-9a-f]{32}$/),
      ttlMs: fc.integer({ min: 1, max: MAX_TTL_MS }),
      refreshCount: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }),
      holder: printable(MAX_HOLDER_LENGTH),
      counter: fc.oneof(fc.constant('g'), fc.bigInt({ min: 1n, max: 2n ** 63n - 2n }).map(String)),
      metadata: fc.dictionary(fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/), printable(64), {
        maxKeys: MAX_METADATA_KEYS,
        noNullPrototype: true,
      }),
    },
    {
      requiredKeys: ['state', 'leaseId', 'ttlMs', 'refreshCount', 'holder', 'metadata'],
      noNullPrototype: true,
    },
  )
  .map((made) => made as LockRecord);

/** Custom metadata of a good record, with some keys set to something else, or removed. */
function metadata(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...encodeRecord(record()), ...changes };
  for (const [key, value] of Object.entries(changes)) if (value === undefined) delete changed[key];
  return changed;
}

describe('a record', () => {
  it('comes back from its metadata as it was', () => {
    fc.assert(
      fc.property(records, (made) => {
        expect(decodeRecord(encodeRecord(made))).toStrictEqual({ kind: 'record', record: made });
      }),
    );
  });

  it('comes back the same through the JSON of an answer, among keys of strangers', () => {
    fc.assert(
      fc.property(records, fc.dictionary(fc.string(), fc.string()), (made, others) => {
        const strangers = Object.entries(others).map(([key, value]) => [`x-${key}`, value]);
        const stored: unknown = JSON.parse(
          JSON.stringify({ ...Object.fromEntries(strangers), ...encodeRecord(made) }),
        );
        expect(decodeRecord(stored)).toEqual({ kind: 'record', record: made });
      }),
    );
  });

  it('has every key in each encoding, and its counter only where it keeps one', () => {
    const keys = ['schema', 'state', 'lease-id', 'ttl-ms', 'refresh-count', 'holder'];
    expect(Object.keys(encodeRecord(record()))).toEqual(keys);
    expect(Object.keys(encodeRecord(record({ counter: '7' })))).toEqual([...keys, 'counter']);
  });

  it('keeps strings of the user apart from its own keys', () => {
    const made = record({ metadata: { state: 'free', 'lease-id': 'x', constructor: 'y' } });
    expect(encodeRecord(made)).toMatchObject({ state: 'held', 'user-state': 'free' });
    expect(decodeRecord(encodeRecord(made))).toEqual({ kind: 'record', record: made });
  });
});

describe('decoding', () => {
  it('never throws, whatever JSON the server sends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(['record', 'newer', 'foreign']).toContain(decodeRecord(value).kind);
      }),
    );
  });

  it('never throws, whatever one key of a record holds', () => {
    const key = fc.constantFrom(...Object.keys(metadata({ counter: '3', 'user-a': 'b' })));
    fc.assert(
      fc.property(key, fc.anything(), (name, value) => {
        expect(['record', 'newer', 'foreign']).toContain(decodeRecord(metadata({ [name]: value })).kind);
      }),
    );
  });

  it.each([undefined, null, 0, 'schema', true, [], {}, [['schema', SCHEMA]], Symbol('schema'), () => SCHEMA])(
    'takes %o for something foreign',
    (value) => {
      expect(decodeRecord(value)).toEqual({
        kind: 'foreign',
        why: expect.stringContaining('custom metadata'),
      });
    },
  );

  it('says what is wrong with a schema: that there is none, or that it is not ours', () => {
    expect(decodeRecord(metadata({ schema: undefined }))).toMatchObject({
      why: expect.stringContaining('no schema'),
    });
    expect(decodeRecord(metadata({ schema: 'other/1' }))).toMatchObject({
      why: expect.stringContaining('not one of gcs-mutex'),
    });
  });

  it.each([
    ['schema', [undefined, '', 'gcs-mutex', 'gcs-mutex/', 'gcs-mutex/0', 'gcs-mutex/01', 'GCS-MUTEX/1', 1]],
    ['schema', ['gcs-mutex/1000000', 'my-gcs-mutex/2', 'gcs-mutex/2.0', 'gcs-mutex/2\n', 'gcs-mutex/x']],
    ['state', [undefined, '', 'Held', 'lost', ' held', null, ['held']]],
    ['lease-id', [undefined, '', OURS.toUpperCase(), OURS.slice(1), `${OURS}0`, `${OURS}\n`, 7]],
    ['ttl-ms', [undefined, '', '0', '-1', '+1', '1.5', '1e3', '0x10', ' 1', '01', 'NaN', 60_000, '60000\n']],
    ['refresh-count', [undefined, '', '-1', '1.0', '00', '9007199254740991', '99999999999999999999', 3]],
    ['counter', ['', '0', '-1', '01', 'G', '9223372036854775807', '9223372036854775808', '7x', 7, null]],
  ])('takes an object whose %s does not parse for something foreign', (key, values) => {
    for (const value of values) {
      const content = decodeRecord(metadata({ [key]: value }));
      expect(content).toEqual({ kind: 'foreign', why: expect.stringContaining(key) });
    }
  });

  it('never clamps a ttl: one over 24 hours is no record', () => {
    expect(decodeRecord(metadata({ 'ttl-ms': '86400000' }))).toMatchObject({ record: { ttlMs: MAX_TTL_MS } });
    expect(decodeRecord(metadata({ 'ttl-ms': '86400001' })).kind).toBe('foreign');
  });

  it('knows a newer schema, and says nothing else of such an object', () => {
    expect(decodeRecord({ schema: 'gcs-mutex/2' })).toEqual({ kind: 'newer', schema: 'gcs-mutex/2' });
    expect(decodeRecord(metadata({ schema: 'gcs-mutex/999999' })).kind).toBe('newer');
  });

  it('looks at named keys of the object itself only', () => {
    expect(decodeRecord(Object.create(metadata())).kind).toBe('foreign');
    const polluted: unknown = JSON.parse(`{"__proto__": ${JSON.stringify(metadata())}}`);
    expect(decodeRecord(polluted).kind).toBe('foreign');
    const inherited: unknown = Object.assign(Object.create({ counter: '7', 'user-a': 'b' }), metadata());
    expect(decodeRecord(inherited)).toEqual({ kind: 'record', record: record() });
  });

  it('runs no getter', () => {
    const trap = metadata();
    const explode = (): never => {
      throw new Error('a getter ran');
    };
    for (const key of ['schema', 'user-a'])
      Object.defineProperty(trap, key, { enumerable: true, get: explode });
    expect(decodeRecord(trap).kind).toBe('foreign');
  });

  it('leaves out strings of the user that no client would write, without touching the prototype', () => {
    const stored = metadata({
      'user-__proto__': 'x',
      'user-': 'x',
      'user-A': 'x',
      'user-n': 1,
      'user-ok': 'y',
    });
    const content = decodeRecord(stored);
    expect(content).toMatchObject({ kind: 'record', record: { metadata: { ok: 'y' } } });
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  it('bounds and cleans what is shown to people', () => {
    const many = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, n) => [`user-k${n}`, 'v'.repeat(5_000)]),
    );
    const content = decodeRecord(metadata({ ...many, holder: `\u001b[31m${'é'.repeat(100_000)}` }));
    if (content.kind !== 'record') throw new Error('no record');
    expect(content.record.holder).toHaveLength(MAX_HOLDER_LENGTH);
    expect(content.record.holder).toMatch(/^\?\[31m\?+$/);
    expect(Object.keys(content.record.metadata)).toHaveLength(MAX_METADATA_KEYS);
    expect(content.record.metadata['k0']).toHaveLength(MAX_METADATA_VALUE_LENGTH);
  });

  it('reads a record without a holder label', () => {
    expect(decodeRecord(metadata({ holder: undefined }))).toMatchObject({ record: { holder: '' } });
  });
});

describe('what people may write', () => {
  it('is visible ASCII with spaces', () => {
    for (const text of ['', ' ', 'job 7 (eu) ~']) expect(isPrintableAscii(text)).toBe(true);
    for (const text of ['é', 'a\n', '\na', 'a\tb', '\u007f', 'aé'])
      expect(isPrintableAscii(text)).toBe(false);
  });

  it('has keys of lower-case letters, digits, dashes and underscores', () => {
    for (const key of ['a', '0', 'a-b_c', 'a'.repeat(63)]) expect(METADATA_KEY_PATTERN.test(key)).toBe(true);
    for (const key of ['', '-a', '_a', 'A', 'a b', 'a.', '.a', 'a'.repeat(64)])
      expect(METADATA_KEY_PATTERN.test(key)).toBe(false);
  });
});

describe('a lease id', () => {
  it('is 32 lower-case hexadecimal digits', () => {
    expect(isLeaseId('0123456789abcdef0123456789abcdef')).toBe(true);
    for (const wrong of ['', OURS.slice(1), 'A'.repeat(32), `${OURS}\n`])
      expect(isLeaseId(wrong)).toBe(false);
  });
});

describe('the counter of the next grant', () => {
  it('is one more, beyond what a double holds', () => {
    expect(nextCounter(record({ counter: '9007199254740993' }), '5')).toBe('9007199254740994');
  });

  it('starts from the generation where the record says g', () => {
    expect(nextCounter(record({ counter: 'g' }), '1700000000000001')).toBe('1700000000000002');
  });

  it('is none where the lock keeps none', () => {
    expect(nextCounter(record(), '5')).toBeUndefined();
  });

  it('is readable again, whatever readable record it follows', () => {
    fc.assert(
      fc.property(records, fc.bigInt({ min: 1n, max: 2n ** 53n }), (made, generation) => {
        const counter = nextCounter(made, String(generation));
        if (counter === undefined) return;
        // The very last counter has no successor that an int64 holds: nobody takes such a lock over.
        if (made.counter === String(2n ** 63n - 2n)) return;
        expect(decodeRecord(encodeRecord({ ...made, counter })).kind).toBe('record');
      }),
    );
  });
});

describe('a record as the store client keeps it', () => {
  it('is shown by lease id, refresh count and state together', () => {
    const sent = record({ refreshCount: 3 });
    expect(LOCK_CODEC.isEcho(sent, { ...sent, ttlMs: 1, holder: 'another' })).toBe(true);
    for (const other of [{ leaseId: THEIRS }, { refreshCount: 2 }, { state: 'free' }] as const)
      expect(LOCK_CODEC.isEcho(sent, { ...sent, ...other })).toBe(false);
  });

  it('tells whoever prints its body who wrote it', () => {
    expect(LOCK_CODEC.describe(record({ holder: 'the night job' }))).toBe(
      "A lock of gcs-mutex; its state is in this object's custom metadata. Written by: the night job.",
    );
    expect(LOCK_CODEC.describe(record({ holder: '' }))).toBe(
      "A lock of gcs-mutex; its state is in this object's custom metadata.",
    );
  });
});
