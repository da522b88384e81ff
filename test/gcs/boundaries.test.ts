import { describe, expect, test } from 'vitest';
import { isLoopbackHost, isUniverseDomain, mayCarryToken } from '../../src/gcs/endpoint.ts';
import { parseGoogleError } from '../../src/gcs/google-error.ts';
import { outOfRange, unknownOption, wrongType } from '../../src/gcs/invalid-argument.ts';
import { deleteOutcome } from '../../src/gcs/outcome.ts';
import { headersOf, readAnswer } from '../../src/gcs/read-answer.ts';
import { parseHttpDate, parseRfc3339 } from '../../src/gcs/times.ts';
import { answer, objectJson, record, readOutcome } from './tools.ts';

const said = (message: unknown, reason?: unknown, code: unknown = 403) =>
  parseGoogleError(answer(403, { error: { code, message, errors: [{ reason }] } }));

describe('an error body', () => {
  test('is the store’s only where it repeats the status', () => {
    expect(said('x')).toStrictEqual({ message: 'x' });
    expect(said('x', undefined, '403')).toBeUndefined();
    expect(said('x', undefined, 404)).toBeUndefined();
  });

  test.each([
    ['Bearer abc.def x', '[redacted] x'],
    ['with bearer  abc', 'with [redacted]'],
    ['ya29.secret here', '[redacted] here'],
    ['(eyJhbGci.x.y)', '([redacted]'],
    ['forbearer abc', 'forbearer abc'],
    ['a\u0000\u001f\u007f\nb', 'a b'],
    ['é', ''],
    [`${'x'.repeat(399)} y`, 'x'.repeat(399)],
    ['x'.repeat(401), 'x'.repeat(400)],
    [7, ''],
  ])('shows %j as %j', (message, shown) => {
    expect(said(message)?.message).toBe(shown);
  });

  test('is cut short before it is looked at in whole', () => {
    expect(said(`${' '.repeat(2_000)}x`)?.message).toBe('');
    expect(said(`${' '.repeat(1_999)}x`)?.message).toBe('');
    expect(said(`${'\n'.repeat(1_999)}x`)?.message).toBe('x');
    expect(said(`${'\n'.repeat(2_000)}x`)?.message).toBe('');
  });

  test.each([
    ['conditionNotMet', true],
    ['a', true],
    ['usageLimits.rateLimitExceeded', true],
    ['a'.repeat(100), true],
    ['a'.repeat(101), false],
    ['1a', false],
    ['a b', false],
    [' a', false],
    ['a\n', false],
    ['', false],
    [7, false],
    [['a'], false],
  ])('has the reason %j: %j', (reason, isOne) => {
    expect(said('x', reason)?.reason).toBe(isOne ? reason : undefined);
  });

  test('may have no list of errors', () => {
    for (const errors of [undefined, null, [], {}, 'x', { 0: { reason: 'a' } }])
      expect(parseGoogleError(answer(403, { error: { code: 403, errors } }))).toEqual({ message: '' });
  });
});

describe('an answer', () => {
  test.each([
    ['70', 70],
    ['0', 0],
    ['9'.repeat(15), 999_999_999_999_999],
    ['9'.repeat(16), undefined],
    ['7x', undefined],
    ['x7', undefined],
    ['', undefined],
    [70, undefined],
  ])('with the size %j has size %j', (size, read) => {
    expect(readOutcome(answer(200, objectJson(record(), { size })))).toMatchObject({ kind: 'found' });
    const outcome = readOutcome(answer(200, objectJson(record(), { size })));
    expect(outcome.kind === 'found' && outcome.object.size).toBe(read);
  });

  test.each([
    ['text/plain', 'text/plain'],
    ['x'.repeat(255), 'x'.repeat(255)],
    ['x'.repeat(256), undefined],
    ['', undefined],
    ['é', undefined],
    ['xé', undefined],
    ['éx', undefined],
    [7, undefined],
  ])('with the content type %j has content type %j', (contentType, read) => {
    const outcome = readOutcome(answer(200, objectJson(record(), { contentType })));
    expect(outcome.kind === 'found' && outcome.object.contentType).toBe(read);
  });

  test.each([
    ['', true],
    [' \n', true],
    ['null', true],
    [' null ', true],
    ['nullx', false],
    ['xnull', false],
    ['null null', false],
  ])('to a delete that says %j means that it was applied: %j', (body, isApplied) => {
    expect(deleteOutcome(answer(200, body)).kind === 'applied').toBe(isApplied);
  });
});

describe('an answer of an HTTP client', () => {
  const stream = (...chunks: (Uint8Array | string)[]) => ({
    async *[Symbol.asyncIterator]() {
      yield* await Promise.resolve(chunks);
    },
  });

  test('is read to its limit, in bytes, and not beyond', async () => {
    const bytes = [Buffer.from('é'), 'ab'];
    expect((await readAnswer({ status: 200, data: stream(...bytes) }, 4)).body).toBe('éab');
    await expect(readAnswer({ status: 200, data: stream(...bytes) }, 3)).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('cut off at 3 bytes'),
    });
    expect((await readAnswer({ status: 200, data: 'abc' }, 3)).body).toBe('abc');
    await expect(readAnswer({ status: 200, data: 'abcd' }, 3)).rejects.toMatchObject({ kind: 'too-large' });
  });

  test('may have no body', async () => {
    for (const data of [undefined, null, '']) {
      expect(await readAnswer({ status: 204, data })).toMatchObject({ status: 204, body: '' });
    }
  });

  test.each([
    ['no status', { data: '' }, 'without a status'],
    ['a status that is no number', { status: '200', data: '' }, 'without a status'],
    ['a status that is not whole', { status: 200.5, data: '' }, 'without a status'],
    ['a body that cannot be read', { status: 200, data: {} }, 'no readable body'],
    ['a body that is a number', { status: 200, data: 7 }, 'no readable body'],
    ['nothing', null, 'without a status'],
    ['a text', 'x', 'without a status'],
  ])('with %s is none', async (_what, response, words) => {
    await expect(readAnswer(response)).rejects.toMatchObject({
      kind: 'interrupted',
      message: expect.stringContaining(words),
    });
  });

  test('has headers of either kind, by lower-case name', () => {
    const kinds = [new Headers({ 'X-A': '1' }), new Map([['X-A', '1']]), { 'X-A': '1', 'X-B': 7 }];
    for (const headers of kinds) {
      expect(headersOf({ headers }).get('x-a')).toBe('1');
      expect(headersOf({ headers }).get('x-b')).toBeNull();
    }
    for (const headers of [undefined, null, 'x', 7]) {
      expect(headersOf({ headers }).get('x-a')).toBeNull();
      expect(headersOf({ headers }).get('0')).toBeNull();
    }
  });
});

describe('a time', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    ['2026-01-01T23:59:59+23:59', Date.UTC(2026, 0, 1, 0, 0, 59)],
    ['2026-12-31T00:00:00.1Z', Date.UTC(2026, 11, 31, 0, 0, 0, 100)],
  ])('%s is the last that is read', (text, time) => {
    expect(parseRfc3339(text)).toBe(time);
  });

  test.each([
    '9999-12-31T23:59:59.9999Z',
    '9999-12-31T23:59:59-00:01',
    '1970-01-01T00:00:00+00:01',
    '2026-01-01T00:00:00+00:60',
    '2026-01-01T00:00:00+24:00',
    'x2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Zx',
    '2026-04-31T00:00:00Z',
    '2026-04-30T24:00:00Z',
    '2026-04-15T99:00:00Z',
    ['2026-04-15T00:00:00Z'],
    '0099-03-04T05:06:07Z',
    '1969-12-31T23:30:00-01:00',
  ])('%s is not read', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });

  test('of a header has the day of the week that it is, and each month its name', () => {
    for (let month = 0; month < 12; month += 1) {
      for (let day = 1; day < 8; day += 1) {
        const date = new Date(Date.UTC(2026, month, day, 23, 59, 59));
        expect(parseHttpDate(date.toUTCString())).toBe(date.getTime());
      }
    }
    for (const text of ['Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT'])
      expect(parseHttpDate(text)).toBe(Date.parse(text));
    for (const text of ['xWed, 04 Mar 2026 05:06:07 GMT', 'Wed, 04 Mar 2026 05:06:07 GMTx'])
      expect(parseHttpDate(text)).toBeUndefined();
  });
});

describe('a host', () => {
  test.each([
    'localhost',
    'a.localhost',
    '[::1]',
    '127.0.0.1',
    '127.255.255.255',
    '[::ffff:7f00:1]',
    '[::ffff:7fff:ffff]',
  ])('%s is this machine', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
    expect(mayCarryToken(new URL(`http://${host}`))).toBe(true);
  });

  test.each([
    'localhosts',
    'xlocalhost',
    '[::2]',
    '128.0.0.1',
    '127.0.0.1.x',
    'x127.0.0.1',
    '1127.0.0.1',
    '127.0.0',
    '[::ffff:8f00:1]',
    '[::ffff:7f001:1]',
    'x[::ffff:7f00:1]',
    '[::ffff:7f00:1]x',
    '[::ffff:7f00:12345]',
    '[::ffff:7f00:]',
    '[::ffff:7fgg:1]',
    '127.0.0.1a',
    '127.a.0.1',
  ])('%s is not', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });

  test('elsewhere gets a token over TLS only', () => {
    expect(mayCarryToken(new URL('https://example.com'))).toBe(true);
    expect(mayCarryToken(new URL('http://example.com'))).toBe(false);
  });

  test.each([
    ['a.b', true],
    ['example.goog', true],
    [`${'a'.repeat(63)}.b`, true],
    [`${'a'.repeat(64)}.b`, false],
    [`a.${'b'.repeat(63)}`, true],
    [`a.${'b'.repeat(64)}`, false],
    ['a.b.c.d.e.f.g.h.i', true],
    ['a.b.c.d.e.f.g.h.i.j', false],
    ['a', false],
    ['a.', false],
    ['.b', false],
    ['A.b', false],
    ['a.b/', false],
    ['x/a.b', false],
    [7, false],
    [['a.b'], false],
  ])('%j as a universe: %j', (value, isOne) => {
    expect(isUniverseDomain(value)).toBe(isOne);
  });
});

describe('a message about a wrong argument', () => {
  test.each([
    ['text', '"text"'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [7, '7'],
    [undefined, 'undefined'],
    [null, 'null'],
    [[1], 'an array'],
    [{}, 'an object'],
    [() => 1, 'a function'],
  ])('shows %j as %s', (value, shown) => {
    expect(wrongType('it', value, 'good')).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARGUMENT',
      message: `it must be good, got ${shown}`,
    });
    expect(outOfRange('it', value, 'small', ' with that')).toMatchObject({
      name: 'RangeError',
      code: 'ERR_INVALID_ARGUMENT',
      message: `it must be small, got ${shown} with that`,
    });
    expect(outOfRange('it', value, 'small').message).toBe(`it must be small, got ${shown}`);
  });

  test('names the options that there are', () => {
    expect(unknownOption('ttl', ['ttlMs', 'holder'])).toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      message: 'unknown option "ttl"; known are ttlMs, holder',
    });
  });
});
