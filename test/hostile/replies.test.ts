import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import type { Store } from '../../src/gcs/store.ts';
import { startServer, type TestServer } from '../gcs/servers.ts';
import { OTHER_ID, objectJson, record, unhurried, writing } from '../gcs/tools.ts';

const NAME = 'locks/one';
const EXPECTED = { generation: '1600000000000000', metageneration: '1' };
const GOOD = { ...objectJson(), name: NAME };
/** A good answer to a patch of {@link EXPECTED}. */
const PATCHED = { ...GOOD, generation: EXPECTED.generation };

/** The server's next answers: status, headers and bytes. */
let reply: { status: number; headers: Record<string, string>; body: string | Buffer };
let server: TestServer;
let store: Store;

beforeAll(async () => {
  server = await startServer((_, response) => {
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  const endpoint = resolveEndpoint({ apiEndpoint: server.origin, env: {} });
  store = createStore({ endpoint, bucket: 'b', name: NAME }, createGoogleTransport({ endpoint }));
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  reply = { status: 200, headers: {}, body: '' };
  server.requests.length = 0;
});

/** What each call makes of the answer. `good` is given in the generation that a call needs to see. */
async function kindsFor(body: (good: object) => string | Buffer): Promise<Readonly<Record<string, string>>> {
  reply = { ...reply, body: body(GOOD) };
  const create = (await store.create(record(), writing())).kind;
  const overwrite = (await store.overwrite(EXPECTED, record(), writing())).kind;
  const get = (await store.get(unhurried())).kind;
  const remove = (await store.delete(EXPECTED, writing())).kind;
  reply = { ...reply, body: body(PATCHED) };
  const patch = (await store.patch(EXPECTED, record(), writing())).kind;
  expect(server.requests, 'each call is one request').toHaveLength(5);
  return { create, overwrite, patch, get, delete: remove };
}

const BELIEVED = {
  create: 'applied',
  overwrite: 'applied',
  patch: 'applied',
  get: 'found',
  delete: 'unknown',
};
const NOTHING = {
  create: 'unknown',
  overwrite: 'unknown',
  patch: 'unknown',
  get: 'unreadable',
  delete: 'unknown',
};

/** The text of a good answer with one key given twice. */
function twice(good: object, key: string, first: unknown, last: unknown): string {
  const others = JSON.stringify({ ...good, [key]: undefined }).slice(1);
  return `{${JSON.stringify(key)}:${JSON.stringify(first)},${JSON.stringify(key)}:${JSON.stringify(last)},${others}`;
}

test('a good answer is believed: what follows fails for one reason only', async () => {
  expect(await kindsFor((good) => JSON.stringify(good))).toEqual(BELIEVED);
});

describe('200 says nothing', () => {
  const numbers = {
    'that is a number': 1_700_000_000_000_001,
    'of zero': '0',
    'below zero': '-1',
    'of 2 to the 63rd': '9223372036854775808',
    'of 2 to the 64th': '18446744073709551616',
    'with a leading zero': '01700000000000001',
    'in hexadecimal': '0x10',
    'with an exponent': '1e15',
    'with a fraction': '1.0',
    'in Arabic digits': '\u0661\u0662',
    'with a space': ' 1',
    'with a line feed': '1\n',
    'of nothing': '',
    'of null': null,
    'in an array': ['1'],
    'in an object': { value: '1' },
    'that is true': true,
  };
  for (const key of ['generation', 'metageneration']) {
    test.each(Object.entries(numbers))(`with a ${key} %s`, async (_, value) => {
      expect(await kindsFor((good) => JSON.stringify({ ...good, [key]: value }))).toEqual(NOTHING);
    });
    test(`without a ${key}`, async () => {
      expect(await kindsFor((good) => JSON.stringify({ ...good, [key]: undefined }))).toEqual(NOTHING);
    });
  }

  const texts: Readonly<Record<string, (good: object) => string | Buffer>> = {
    'a page of HTML': () => '<!doctype html><html><body>Log in to the wifi</body></html>',
    'HTML around a good answer': (good) => `<pre>${JSON.stringify(good)}</pre>`,
    'an empty object': () => '{}',
    'an array of a good answer': (good) => `[${JSON.stringify(good)}]`,
    'a string of a good answer': (good) => JSON.stringify(JSON.stringify(good)),
    'a good answer twice': (good) => JSON.stringify(good).repeat(2),
    'a good answer as JavaScript': (good) => `${JSON.stringify(good)};`,
    'a good answer behind a byte-order mark': (good) => `\ufeff${JSON.stringify(good)}`,
    'a good answer in UTF-16': (good) => Buffer.from(`\ufeff${JSON.stringify(good)}`, 'utf16le'),
    'a good answer with NUL behind it': (good) => `${JSON.stringify(good)}\0`,
    'a good answer with a comment': (good) => `${JSON.stringify(good)}//`,
    'invalid UTF-8': () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    'a number that overflows': () => '1e309',
    'brackets without end': () => '['.repeat(60_000),
    'a good answer as the prototype': (good) => `{"__proto__":${JSON.stringify(good)}}`,
    'another object’s name': (good) => JSON.stringify({ ...good, name: 'locks/two' }),
    'a name that looks the same': (good) => JSON.stringify({ ...good, name: 'locks/one ' }),
    'a name that is none': (good) => JSON.stringify({ ...good, name: [NAME] }),
    'two generations, the last one bad': (good) => twice(good, 'generation', '5', '0'),
    'two names, the last one another': (good) => twice(good, 'name', NAME, 'locks/two'),
  };
  test.each(Object.entries(texts))('as %s', async (_, body) => {
    expect(await kindsFor(body)).toEqual(NOTHING);
  });

  test('of a write, with the lease id twice, the last one another’s', async () => {
    const outcomes = await kindsFor((good) =>
      JSON.stringify(good).replace('"lease-id":', `"lease-id":"x","lease-id":"${OTHER_ID}","x":`),
    );
    expect(outcomes).toEqual({ ...NOTHING, get: 'found' });
  });

  test('of a read, at a time that is none', async () => {
    for (const key of ['updated', 'timeCreated']) {
      for (const time of [
        '+275760-09-13T00:00:00.000Z',
        '275760-09-13T00:00:00Z',
        '9999-12-31T23:59:59-23:59',
        '1969-12-31T23:59:59Z',
        '0000-01-01T00:00:00Z',
        '2026-02-30T00:00:00Z',
        '2026-03-04T24:00:00Z',
        '2026-03-04',
        '\u0662026-03-04T05:06:07Z',
        ' 2026-03-04T05:06:07Z',
        1_772_600_767_089,
        null,
        ['2026-03-04T05:06:07Z'],
        {},
      ]) {
        reply = { ...reply, body: JSON.stringify({ ...GOOD, [key]: time }) };
        expect((await store.get(unhurried())).kind, `${key}: ${JSON.stringify(time)}`).toBe('unreadable');
      }
    }
  });
});

test('an invalid byte in a key of a stranger does not spoil an answer', async () => {
  const bytes = (good: object): Buffer => Buffer.from(JSON.stringify({ x: '\u00ff', ...good }), 'latin1');
  expect(await kindsFor(bytes)).toEqual(BELIEVED);
});

describe('an answer that is too large says nothing, though it begins as a good one', () => {
  const tail = ' '.repeat(10 * 1024 * 1024);
  test('of 10 MiB', async () => {
    expect(await kindsFor((good) => JSON.stringify(good) + tail)).toEqual(NOTHING);
  });

  test('of 10 MiB packed into 10 KiB', async () => {
    reply.headers = { 'content-encoding': 'gzip' };
    expect(await kindsFor((good) => gzipSync(JSON.stringify(good) + tail))).toEqual(NOTHING);
  });

  test('of any status', async () => {
    for (const status of [400, 401, 403, 404, 409, 412, 429, 500]) {
      reply = { status, headers: {}, body: tail };
      expect((await store.create(record(), writing())).kind).toBe('unknown');
      expect((await store.get(unhurried())).kind).toBe('unreadable');
    }
  });
});

describe('a Date header', () => {
  const absurd = {
    'that is missing': undefined,
    'that is empty': '',
    'in ISO form': '2026-03-04T05:06:08.000Z',
    'of the year 275760': 'Sat, 13 Sep 275760 00:00:00 GMT',
    'of the year 0': 'Sat, 01 Jan 0000 00:00:00 GMT',
    'before 1970': 'Wed, 31 Dec 1969 23:59:59 GMT',
    'of another zone': 'Wed, 04 Mar 2026 05:06:08 +0100',
    'on the wrong day of the week': 'Thu, 04 Mar 2026 05:06:08 GMT',
    'of a day that no month has': 'Wed, 31 Jun 2026 05:06:08 GMT',
    'of a leap second': 'Wed, 04 Mar 2026 05:06:60 GMT',
    'in Arabic digits, as bytes': 'Wed, \u00d9\u00a4 Mar 2026 05:06:08 GMT',
    'that is a number': '1772600768',
    'given twice': 'Wed, 04 Mar 2026 05:06:08 GMT, Wed, 04 Mar 2026 05:06:08 GMT',
  };
  test.each(Object.entries(absurd))('%s gives no time', async (_, date) => {
    await using dated = await startServer((__, response) => {
      response.sendDate = false;
      response.writeHead(200, date === undefined ? {} : { date }).end(JSON.stringify(GOOD));
    });
    const endpoint = resolveEndpoint({ apiEndpoint: dated.origin, env: {} });
    const target = { endpoint, bucket: 'b', name: NAME };
    const outcome = await createStore(target, createGoogleTransport({ endpoint })).get(unhurried());
    expect(outcome.kind).toBe('found');
    expect(outcome).not.toHaveProperty('object.serverTime');
  });
});
