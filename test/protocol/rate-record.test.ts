import { describe, expect, it } from 'vitest';
import { documentCodec, REMEMBERED_WRITES } from '../../src/protocol/document-record.ts';
import {
  MAX_LIMIT,
  MAX_SHARES,
  MAX_SPENT_PARTS,
  MAX_WINDOW_MS,
  RATE_LIMITER,
  type RateValue,
} from '../../src/protocol/rate-record.ts';

const CODEC = documentCodec(RATE_LIMITER);
const WRITE_ID = 'a'.repeat(32);
const NOW_MS = 1_790_000_000_123;
const id = (number: number): string => number.toString(16).padStart(16, '0');

const VALUE: RateValue = {
  limit: 100,
  windowMs: 60_000,
  shares: [
    { id: id(1), count: 60, wanted: 75, needed: 1, stampMs: NOW_MS, ttlMs: 15_000 },
    { id: id(2), count: 0, wanted: 10, needed: 10, stampMs: 0, ttlMs: 15_000 },
  ],
  spent: [{ count: 12, untilMs: NOW_MS }],
};
const metadata = CODEC.encode({ value: VALUE, writeIds: [WRITE_ID] });

describe('the record of a rate limiter', () => {
  it('says what was put into it', () => {
    expect(metadata).toMatchObject({ schema: 'gcs-mutex-rate/1', limit: '100', 'window-ms': '60000' });
    expect(CODEC.decode(metadata)).toEqual({
      kind: 'record',
      record: { value: VALUE, writeIds: [WRITE_ID] },
    });
    const empty: RateValue = { ...VALUE, shares: [], spent: [] };
    expect(CODEC.decode(CODEC.encode({ value: empty, writeIds: [WRITE_ID] }))).toMatchObject({
      record: { value: empty },
    });
  });

  it('is said to people as what it is', () => {
    expect(CODEC.describe({ value: VALUE, writeIds: [WRITE_ID] })).toMatch(/^A rate limiter of gcs-mutex; /);
  });

  it.each([
    ['no limit', { limit: '' }],
    ['a limit of nothing', { limit: '0' }],
    ['a limit with a fraction', { limit: '1.5' }],
    ['a window beyond a day', { 'window-ms': '86400001' }],
    ['no window', { 'window-ms': '9' }],
  ])('is none with %s', (_what, changes) => {
    const why = 'its limit does not parse';
    expect(CODEC.decode({ ...metadata, ...changes })).toEqual({ kind: 'foreign', why });
  });

  const ONE = `${id(1)}:1:2:3:4:5`;
  const TOO_MANY = (MAX_LIMIT + 1).toString(36);

  it.each([
    ['a share that is cut off', { shares: `${id(1)}:1:2:3:4` }],
    ['a share with more than there is', { shares: `${ONE}:6` }],
    ['a share of nobody', { shares: ':1:2:3:4:5' }],
    ['a share with an id that is too long', { shares: `0${ONE}` }],
    ['a share with something after its id', { shares: `${id(1)}0:1:2:3:4:5` }],
    ['a number that is none', { shares: `${id(1)}:-1:2:3:4:5` }],
    ['a number that has another form', { shares: `${id(1)}:01:2:3:4:5` }],
    ['a share of more than any limit', { shares: `${id(1)}:${TOO_MANY}:2:3:4:5` }],
    ['a wish for more than any limit', { shares: `${id(1)}:1:${TOO_MANY}:3:4:5` }],
    ['a need of more than any limit', { shares: `${id(1)}:1:2:${TOO_MANY}:4:5` }],
    ['a share without end', { shares: `${id(1)}:1:2:3:zzzzzzzzzz:5` }],
    ['a ttl that is too long', { shares: `${id(1)}:1:2:3:4:zzzzzzz` }],
    ['a time without end', { spent: '1:zzzzzzzzzz' }],
    ['a part without a number', { spent: ':1' }],
    ['a part of more than any limit', { spent: `${TOO_MANY}:1` }],
    ['half of a part', { spent: '1' }],
    ['more than half of a part', { spent: '1:2:3' }],
    [
      'too many shares',
      { shares: Array.from({ length: 101 }, (_, number) => `${id(number)}:1:1:1:1:1`).join(' ') },
    ],
    ['too many parts', { spent: Array.from({ length: 25 }, () => '1:1').join(' ') }],
  ])('is none with %s', (_what, changes) => {
    const why = 'its shares do not parse';
    expect(CODEC.decode({ ...metadata, ...changes })).toEqual({ kind: 'foreign', why });
  });

  it('is none with two shares of one', () => {
    const why = 'two of its shares have one id';
    expect(CODEC.decode({ ...metadata, shares: `${ONE} ${ONE}` })).toEqual({ kind: 'foreign', why });
  });

  it('fits into custom metadata with as much in it as there may be', () => {
    const share = {
      count: MAX_LIMIT,
      wanted: MAX_LIMIT,
      needed: MAX_LIMIT,
      stampMs: NOW_MS,
      ttlMs: 86_400_000,
    };
    const value: RateValue = {
      limit: MAX_LIMIT,
      windowMs: MAX_WINDOW_MS,
      shares: Array.from({ length: MAX_SHARES }, (_, number) => ({ ...share, id: id(number) })),
      spent: Array.from({ length: MAX_SPENT_PARTS }, () => ({ count: MAX_LIMIT, untilMs: NOW_MS })),
    };
    const writeIds = Array.from({ length: REMEMBERED_WRITES }, () => WRITE_ID);
    const entries = Object.entries(CODEC.encode({ value, writeIds }));
    const size = entries.reduce((total, [key, text]) => total + key.length + text.length, 0);
    expect(size).toBeLessThan(8_192 - 512);
    expect(CODEC.decode(Object.fromEntries(entries))).toMatchObject({ record: { value } });
  });
});
