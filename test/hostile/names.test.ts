import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex } from '../../src/mutex.ts';
import { refusalOf } from './refused.ts';

/** Three bytes less than the limit, so that one more character of four bytes is one too many. */
const FOUR_BYTES = '\u{1f512}';

describe('a name that is refused', () => {
  it.each([
    ['empty', '', '1 to 1024 bytes'],
    ['a dot', '.', 'other than "." and ".."'],
    ['two dots', '..', 'other than "." and ".."'],
    ['with a carriage return', 'locks/a\rb', 'without carriage return'],
    ['with a line feed at its end', 'locks/a\n', 'without carriage return'],
    ['of 1025 bytes', 'a'.repeat(1_025), '1 to 1024 bytes'],
    ['of 1025 bytes in 257 characters', `${FOUR_BYTES.repeat(256)}a`, '1 to 1024 bytes'],
    ['with half of a surrogate pair', 'a\ud83d', 'well-formed'],
    ['with the other half', '\udd12b', 'well-formed'],
    ['with the halves in the wrong order', '\udd12\ud83d', 'well-formed'],
    ['where a server proves whose domain it is', '.well-known/acme-challenge/x', 'acme-challenge'],
    ['where such a proof would begin', '.well-known/acme-challenge/', 'acme-challenge'],
  ])('%s', (_, name, rule) => {
    const refusal = refusalOf({ name }, 'name must be');
    expect(refusal).toBeInstanceOf(RangeError);
    expect(refusal.message).toContain(rule);
    expect(refusal.message.length, 'a long value is cut').toBeLessThan(200);
  });

  it.each([
    ['nothing', null],
    ['a number', 5],
    ['true', true],
    ['a bigint', 5n],
    ['a symbol', Symbol('name')],
    ['an array of one name', ['name']],
    ['an object that turns into a name', { toString: () => 'name' }],
    ['a String object', Object('name')],
    ['bytes', Buffer.from('name')],
    ['a function', () => 'name'],
  ])('since it is no string but %s', (_, name) => {
    expect(refusalOf({ name }, 'name must be a string')).toBeInstanceOf(TypeError);
  });
});

/**
 * Names that the store takes, though clients and shells are apt to damage them. NUL and other control
 * characters are among them: the store's page advises against some, and forbids CR and LF only.
 */
const LEGAL: Readonly<Record<string, string>> = {
  'one byte': 'a',
  '1024 bytes': 'a'.repeat(1_024),
  '1024 bytes of 4-byte characters': FOUR_BYTES.repeat(256),
  NUL: 'a\0b',
  'every other control character': '\u0001\t\u000b\u001b[2J\u007f\u0080\u009f',
  'é in one character': '\u00e9',
  'é in two characters': 'e\u0301',
  'a way up and down': 'a/../b',
  'a way up from the bucket': '../../b/other/o/x',
  'dots behind slashes': '/.',
  'three dots': '...',
  'an escaped dot': '%2e',
  'escaped dots': '%2e%2e',
  'an escaped slash': 'a%2Fb',
  'a slash': 'a/b',
  'a broken escape': '100%',
  'an escaped escape': '%252F',
  'a query, a fragment, a wildcard': '#?[*]',
  parameters: 'x?ifGenerationMatch=0&alt=media',
  'a slash in front': '/a',
  'two slashes in front': '//a',
  'two slashes within': 'a//b',
  'a slash at the end': 'a/',
  'only slashes': '//',
  'a backslash': 'a\\b',
  'backslashes as a way up': '..\\..\\b',
  __proto__: '__proto__',
  constructor: 'constructor',
  'spaces at the ends': ' a ',
  'a plus and a space': 'a+b c',
  'quotes and brackets': `'"<>{}|^\``,
  'a part of multipart': '--gcs-mutex-\\r\\n',
  'a scheme': 'http://evil.example/x',
  'user info': '@evil.example',
  'a port': ':80',
  'a semicolon and an equals sign': 'a;b=c',
  'line separators': '\u0085\u2028\u2029',
  'text that runs backwards': '\u202egnp',
  'a byte-order mark': '\ufeffa',
  'an unassigned character': '\u{10ffff}',
  'nearly a proof of a domain': '.well-known/acme-challenge',
};

describe('a name that is legal', () => {
  let server: EmulatorServer;
  beforeAll(async () => {
    server = await startEmulator({ buckets: ['names', 'other'] });
  });
  afterAll(() => server.close());

  /** The object's name as it stands in the path or the query of a request, once decoded. */
  function nameIn(url: string): string | null | undefined {
    const [path = '', query = ''] = new URL(url).href.slice(new URL(url).origin.length).split('?', 2);
    const [, segment] = /^\/storage\/v1\/b\/names\/o\/([^/]+)$/.exec(path) ?? [];
    if (segment !== undefined) return decodeURIComponent(segment);
    expect(path).toBe('/upload/storage/v1/b/names/o');
    return new URLSearchParams(query).get('name');
  }

  for (const [what, name] of Object.entries(LEGAL)) {
    it(`hits exactly one object, its own, by every call: ${what}`, async () => {
      const all = Object.values(LEGAL);
      const options = { apiEndpoint: server.url, mutationIntervalMs: 0 };
      const mutex = new GcsMutex('names', name, options);
      server.requests.clear();
      const lease = await mutex.acquire();
      expect(server.objects('names').map((object) => object.name)).toEqual([name]);
      await lease.refresh();
      expect(await mutex.tryAcquire()).toBeUndefined();
      expect(await mutex.status()).toMatchObject({ leaseId: lease.leaseId });
      const sameFromUrl = GcsMutex.fromUrl(`gs://names/${name}`, options);
      expect(await sameFromUrl.status()).toMatchObject({ leaseId: lease.leaseId });
      expect(await lease.release()).toBe(true);
      const second = await mutex.acquire();
      expect(await mutex.breakLock()).toBe(true);
      expect(await second.release()).toBe(false);
      expect(server.objects('names')).toEqual([]);
      expect(server.objects('other')).toEqual([]);
      expect(new Set(server.requests.all().map(({ url }) => nameIn(url)))).toEqual(new Set([name]));
      expect(new Set(server.requests.all().map(({ method }) => method))).toEqual(
        new Set(['POST', 'GET', 'PATCH', 'DELETE']),
      );
      expect(all.filter((other) => other === name)).toHaveLength(1);
    });
  }

  it('is another lock than each of the others, however alike they look', async () => {
    const names = Object.values(LEGAL);
    const options = { apiEndpoint: server.url, mutationIntervalMs: 0 };
    const leases = await Promise.all(names.map((name) => new GcsMutex('names', name, options).acquire()));
    expect(
      server
        .objects('names')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(names.toSorted());
    expect(await Promise.all(leases.map((lease) => lease.release()))).toEqual(names.map(() => true));
  });
});

describe('a bucket that is refused', () => {
  it.each([
    ['empty', ''],
    ['two dots', '..'],
    ['a dot', '.'],
    ['too short', 'ab'],
    ['in upper case', 'Bucket'],
    ['with a slash', 'a/b'],
    ['with a way up', 'a/../b'],
    ['with an escape', 'a%2Fb'],
    ['a URL', 'gs://b'],
    ['with a query', 'bucket?x=1'],
    ['with a fragment', 'bucket#x'],
    ['with a space', 'bucket '],
    ['with a line feed at its end', 'bucket\n'],
    ['with NUL', 'buc\0ket'],
    ['with letters from elsewhere', 'bücket'],
    ['with Arabic digits', 'bucket-\u0663'],
    ['with a dash in front', '-bucket'],
    ['with a dot at the end', 'bucket.'],
    ['with two dots together', 'a..b'],
    ['too long', 'a'.repeat(64)],
    ['too long between two dots', `a.${'b'.repeat(64)}.c`],
    ['too long in all', `${'a.'.repeat(111)}b`],
    ['__proto__', '__proto__'],
  ])('%s', (_, bucket) => {
    expect(refusalOf({ bucket }, 'bucket must be')).toBeInstanceOf(RangeError);
  });

  it.each([
    ['nothing', null],
    ['a number', 5],
    ['an array', ['bucket']],
    ['an object with a name', { name: 'bucket' }],
    ['an object whose client has no endpoint', { name: 'bucket', storage: {} }],
    ['an object that turns into a name', { toString: () => 'bucket' }],
  ])('since it is %s', (_, bucket) => {
    expect(refusalOf({ bucket }, 'bucket must be')).toBeInstanceOf(TypeError);
  });
});

describe('a bucket that is legal', () => {
  it.each(['abc', '0-9', 'a_b-c', 'a'.repeat(63), 'www.example.com', `${'a.'.repeat(110)}bb`])(
    '%s',
    (bucket) => {
      expect(new GcsMutex(bucket, 'name').url).toBe(`gs://${bucket}/name`);
    },
  );
});
