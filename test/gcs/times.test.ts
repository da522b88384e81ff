import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHttpDate, parseRfc3339 } from '../../src/gcs/times.ts';

const moment = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });

describe('an RFC 3339 time', () => {
  test('of any moment reads back as that moment', () => {
    fc.assert(fc.property(moment, (date) => parseRfc3339(date.toISOString()) === date.getTime()));
  });

  test.each([
    ['2026-03-04T05:06:07Z', Date.UTC(2026, 2, 4, 5, 6, 7)],
    ['2026-03-04T05:06:07.5Z', Date.UTC(2026, 2, 4, 5, 6, 7, 500)],
    ['2026-03-04T05:06:07.089000000Z', Date.UTC(2026, 2, 4, 5, 6, 7, 89)],
    ['2026-03-04T05:06:07.089000001Z', Date.UTC(2026, 2, 4, 5, 6, 7, 90)],
    ['2026-03-04T05:06:07.999999999Z', Date.UTC(2026, 2, 4, 5, 6, 8)],
    ['2026-03-04T05:06:07+02:30', Date.UTC(2026, 2, 4, 2, 36, 7)],
    ['2026-03-04T05:06:07-02:30', Date.UTC(2026, 2, 4, 7, 36, 7)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('%s is read', (text, time) => {
    expect(parseRfc3339(text)).toBe(time);
  });

  test.each([
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+01:00',
    '10000-01-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00.1234567890Z',
    '2026-01-01T00:00:00+24:00',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
    '2026-01-01',
    '',
    '1',
    1,
    null,
    undefined,
    {},
  ])('%j is not one', (value) => {
    expect(parseRfc3339(value)).toBeUndefined();
  });
});

describe('a Date header', () => {
  test('of any moment reads back as that second', () => {
    fc.assert(
      fc.property(
        moment,
        (date) => parseHttpDate(date.toUTCString()) === Math.floor(date.getTime() / 1000) * 1000,
      ),
    );
  });

  test.each([
    'Mon, 04 Mar 2026 05:06:07 GMT',
    'Wed, 04 Mar 2026 05:06:07 UTC',
    'Wed, 4 Mar 2026 05:06:07 GMT',
    'Wednesday, 04-Mar-26 05:06:07 GMT',
    'Wed Mar  4 05:06:07 2026',
    'Wed, 04 Mar 2026 05:06:60 GMT',
    'Wed, 04 Foo 2026 05:06:07 GMT',
    'Wed, 31 Dec 1969 23:59:59 GMT',
    '2026-03-04T05:06:07Z',
    '',
    null,
  ])('%j is not one', (value) => {
    expect(parseHttpDate(value)).toBeUndefined();
  });
});
