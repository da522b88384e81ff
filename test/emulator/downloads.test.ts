import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../../emulator/range.ts';
import { refusal, resource, setUp } from './client.ts';

const TEXT = '0123456789abcdef';

/** A bucket with one object `x` of 16 bytes, and how to read it in both APIs. */
async function stored() {
  const emulated = setUp();
  const object = await resource(
    emulated.client.insert('x', { body: TEXT, metadata: { metadata: { a: '1' } } }),
  );
  emulated.emulator.addBucket('my-bucket');
  return { ...emulated, object };
}

describe('a range of a download', () => {
  it.each([
    ['bytes=4-7', '4567', '4-7'],
    ['bytes=0-0', '0', '0-0'],
    ['bytes=10-', 'abcdef', '10-15'],
    ['bytes=14-99', 'ef', '14-15'],
    ['bytes=-2', 'ef', '14-15'],
    ['bytes=-99', TEXT, '0-15'],
  ])('%s is 206 with these bytes', async (range, text, contentRange) => {
    const { client } = await stored();
    const answer = await client.get('x', '?alt=media', { headers: { range } });
    expect([answer.status, await answer.text()]).toEqual([206, text]);
    expect(answer.headers.get('content-range')).toBe(`bytes ${contentRange}/16`);
    expect(answer.headers.get('content-length')).toBe(`${text.length}`);
    expect(answer.headers.get('x-goog-stored-content-length')).toBe('16');
  });

  it.each(['bytes=16-20', 'bytes=16-', 'bytes=-0'])('%s is 416', async (range) => {
    const { client } = await stored();
    const answer = await client.get('x', '?alt=media', { headers: { range } });
    expect([answer.status, await answer.text()]).toEqual([416, 'Request range not satisfiable']);
    expect(answer.headers.get('content-range')).toBe('bytes */16');
  });

  it('is 416 of an empty object, whatever it is', async () => {
    const { client } = setUp();
    await resource(client.insert('empty', { body: '' }));
    const answer = await client.get('empty', '?alt=media', { headers: { range: 'bytes=0-' } });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */0']);
  });

  it('comes after the preconditions', async () => {
    const { client } = await stored();
    const answer = client.get('x', '?alt=media&ifGenerationMatch=1', { headers: { range: 'bytes=99-' } });
    expect((await answer).status).toBe(412);
  });

  it.each(['bytes=0-1,3-4', 'bytes=5-2', 'bytes=-', 'items=0-1'])('%s is 501', async (range) => {
    const { client } = await stored();
    expect((await client.get('x', '?alt=media', { headers: { range } })).status).toBe(501);
  });

  it('of metadata is 501', async () => {
    const { client } = await stored();
    expect((await client.get('x', '', { headers: { range: 'bytes=0-1' } })).status).toBe(501);
  });

  it('never reaches beyond the object', () => {
    const range = fc.tuple(fc.option(fc.nat(40)), fc.option(fc.nat(40)));
    fc.assert(
      fc.property(range, fc.nat(30), ([from, to], size) => {
        fc.pre((from ?? to) !== null && (from === null || to === null || from <= to));
        const found = parseRange(`bytes=${from ?? ''}-${to ?? ''}`, size);
        if (found.kind !== 'part') return found.kind === 'unsatisfiable';
        return found.first >= 0 && found.first <= found.last && found.last < size;
      }),
    );
  });
});

describe('entity tags', () => {
  it('are preconditions of a get, in quotes or without, alone or several', async () => {
    const { client, object } = await stored();
    const etag = String(object['etag']);
    const status = async (name: string, value: string, query = '') =>
      (await client.get('x', query, { headers: { [name]: value } })).status;
    expect(await status('if-match', etag)).toBe(200);
    expect(await status('if-match', `"other", "${etag}"`)).toBe(200);
    expect(await status('if-match', 'other')).toBe(412);
    expect(await status('if-none-match', etag)).toBe(304);
    expect(await status('if-none-match', `"${etag}"`, '?alt=media')).toBe(304);
    expect(await status('if-none-match', 'other')).toBe(200);
    await resource(client.patch('x', {}));
    expect(await status('if-none-match', etag)).toBe(200);
  });

  it('of a missing object are 404', async () => {
    const { client } = setUp();
    const headers = { 'if-none-match': 'other' };
    expect(await refusal(client.get('x', '', { headers }))).toMatchObject({ status: 404 });
  });

  it.each(['*', 'W/"x"', ''])('%j is 501', async (value) => {
    const { client } = await stored();
    const answer = client.get('x', '', { headers: { 'if-match': value } });
    expect(await refusal(answer)).toMatchObject({ status: 501 });
  });

  it('of a change are 501', async () => {
    const { client } = await stored();
    const answer = client.patch('x', {}, '', { 'if-match': 'other' });
    expect(await refusal(answer)).toMatchObject({ status: 501 });
  });
});

describe('the XML API', () => {
  const path = '/my-bucket/dir/a%20b';

  it('gives the bytes, with custom metadata and version in headers', async () => {
    const { client } = await stored();
    const made = await resource(
      client.request('POST', '/upload/storage/v1/b/my-bucket/o?uploadType=media&name=dir%2Fa%20b', {
        body: TEXT,
      }),
    );
    const patch = JSON.stringify({ metadata: { colour: 'blue' }, cacheControl: 'no-store' });
    await resource(client.request('PATCH', '/storage/v1/b/my-bucket/o/dir%2Fa%20b', { body: patch }));
    for (const target of [path, '/my-bucket/dir%2Fa%20b', `${path}?generation=${made.generation}`]) {
      const answer = await client.request('GET', target);
      expect([answer.status, await answer.text()]).toEqual([200, TEXT]);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-length': '16',
        'x-goog-generation': made.generation,
        'x-goog-metageneration': '2',
        'x-goog-meta-colour': 'blue',
      });
    }
    const head = await client.request('HEAD', path);
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '16', '']);
    const part = await client.request('GET', path, { headers: { range: 'bytes=-4' } });
    expect([part.status, await part.text()]).toEqual([206, 'cdef']);
    const status = async (name: string, value: string) =>
      (await client.request('GET', path, { headers: { [name]: value } })).status;
    expect(await status('x-goog-if-generation-match', made.generation)).toBe(200);
    expect(await status('x-goog-if-generation-match', '1')).toBe(412);
    expect(await status('x-goog-if-metageneration-match', '1')).toBe(412);
    expect(await status('x-goog-if-generation-match', 'x')).toBe(400);
    expect(await status('if-modified-since', 'now')).toBe(501);
  });

  it.each([
    ['/my-bucket/x&y', {}, 404, 'NoSuchKey', 'The specified key does not exist.'],
    ['/no-bucket/x', {}, 404, 'NoSuchBucket', 'The specified bucket does not exist.'],
    ['/my-bucket/x', { range: 'bytes=99-' }, 416, 'InvalidRange', 'The requested range cannot be satisfied.'],
    ['/my-bucket/x', { 'x-goog-if-generation-match': '1' }, 412, 'PreconditionFailed', 'At least one of'],
    ['/my-bucket/x', { 'if-none-match': '*' }, 501, 'NotImplemented', 'does not imitate this'],
  ])('refuses %s %o in XML', async (target, headers, status, code, words) => {
    const { client } = await stored();
    await client.request('POST', '/upload/storage/v1/b/my-bucket/o?uploadType=media&name=x', { body: 'x' });
    const answer = await client.request('GET', target, { headers });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      'application/xml; charset=UTF-8',
    ]);
    const text = await answer.text();
    expect(text).toContain(`<Code>${code}</Code><Message>`);
    expect(text).toContain(words);
    if (code === 'NoSuchKey') expect(text).toContain('<Details>No such object: my-bucket/x&amp;y</Details>');
  });

  it('asks for the permission to read', async () => {
    const { client } = setUp({ tokens: new Map([['t', { permissions: ['storage.objects.create'] }]]) });
    const answer = client.request('GET', '/my-bucket/x', { headers: { authorization: 'Bearer t' } });
    expect((await answer).status).toBe(403);
    expect((await client.request('GET', '/my-bucket/x')).status).toBe(401);
  });
});
