import { describe, expect, it } from 'vitest';
import { objectEtag } from '../../emulator/resource.ts';
import { refusal, related, resource, setUp } from './client.ts';

const NOT_MET = {
  status: 412,
  reason: 'conditionNotMet',
  message: 'At least one of the pre-conditions you specified did not hold.',
  location: 'If-Match',
};

describe('an entity tag', () => {
  it.each([
    // From two objects of the real service, in public repositories.
    [1_557_970_088_457_364n, 3n, 'CJTpxe3ynuICEAM='],
    [1_513_026_837_758_052n, 6n, 'COSAzZnwgtgCEAY='],
  ])('of generation %s, metageneration %s is %s', (generation, metageneration, etag) => {
    expect(objectEtag({ generation, metageneration })).toBe(etag);
  });
});

describe('objects.insert', () => {
  it('answers with the whole resource, int64 as strings and times in milliseconds', async () => {
    const { client } = setUp({ clock: () => Date.parse('2026-01-02T03:04:05.678Z') });
    const metadata = { metadata: { a: '1' }, cacheControl: 'no-store', storageClass: 'STANDARD' };
    expect(await resource(client.insert('dir/x y', { metadata, body: 'hello' }))).toEqual({
      kind: 'storage#object',
      id: 'b/dir/x y/1767323045678000',
      selfLink: 'http://emulated.test/storage/v1/b/b/o/dir%2Fx%20y',
      mediaLink:
        'http://emulated.test/download/storage/v1/b/b/o/dir%2Fx%20y?generation=1767323045678000&alt=media',
      name: 'dir/x y',
      bucket: 'b',
      generation: '1767323045678000',
      metageneration: '1',
      contentType: 'text/plain',
      storageClass: 'STANDARD',
      size: '5',
      md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==',
      cacheControl: 'no-store',
      crc32c: 'mnG7TA==',
      etag: 'CLCX3bLv65EDEAE=',
      timeCreated: '2026-01-02T03:04:05.678Z',
      updated: '2026-01-02T03:04:05.678Z',
      timeStorageClassUpdated: '2026-01-02T03:04:05.678Z',
      timeFinalized: '2026-01-02T03:04:05.678Z',
      metadata: { a: '1' },
    });
  });

  it('takes a media upload, named in the query and typed by the request', async () => {
    const { emulator, client } = setUp();
    const path = '/upload/storage/v1/b/b/o?uploadType=media&name=x';
    const init = { headers: { 'content-type': 'application/json' }, body: '{}' };
    expect(await resource(client.request('POST', path, init))).toMatchObject({
      contentType: 'application/json',
      size: '2',
    });
    expect(Buffer.from(emulator.object('b', 'x')?.body ?? []).toString()).toBe('{}');
  });

  it('lets the name in the query win over the one in the metadata, and needs one of them', async () => {
    const { emulator, client } = setUp();
    await resource(client.insert('query', { metadata: { name: 'body' } }));
    const insert = (metadata: unknown): Promise<Response> =>
      client.request('POST', '/upload/storage/v1/b/b/o?uploadType=multipart', {
        headers: { 'content-type': 'multipart/related; boundary=mark' },
        body: related(JSON.stringify(metadata), ''),
      });
    await resource(insert({ name: 'body' }));
    expect(emulator.objects('b').map(({ name }) => name)).toEqual(['body', 'query']);
    expect(emulator.requests.all().map(({ object }) => object)).toEqual(['query', 'body']);
    expect(await refusal(insert({}))).toEqual({
      status: 400,
      reason: 'required',
      message: 'Required',
      location: 'name',
    });
  });

  it('puts a new generation in the place of the old one and starts metageneration at 1', async () => {
    const { client } = setUp();
    const first = await resource(client.insert('x', { metadata: { metadata: { a: '1' } } }));
    await resource(client.patch('x', {}));
    const second = await resource(client.insert('x'));
    expect(second.metageneration).toBe('1');
    expect(second.generation).not.toBe(first.generation);
    expect(second).not.toHaveProperty('metadata');
  });

  it('with ifGenerationMatch=0 creates once, and again after a delete', async () => {
    const { client } = setUp();
    const query = '&ifGenerationMatch=0';
    await resource(client.insert('x', { query }));
    expect(await refusal(client.insert('x', { query }))).toEqual(NOT_MET);
    expect((await client.delete('x')).status).toBe(204);
    await resource(client.insert('x', { query }));
  });

  it('with a version overwrites that version alone', async () => {
    const { client } = setUp();
    const { generation } = await resource(client.insert('x'));
    await resource(client.patch('x', {}));
    const guard = (metageneration: number): string =>
      `&ifGenerationMatch=${generation}&ifMetagenerationMatch=${metageneration}`;
    expect(await refusal(client.insert('x', { query: guard(1) }))).toEqual(NOT_MET);
    await resource(client.insert('x', { query: guard(2) }));
    expect(await refusal(client.insert('x', { query: guard(2) }))).toEqual(NOT_MET);
    expect(await refusal(client.insert('new', { query: guard(2) }))).toEqual(NOT_MET);
  });

  it('into an unknown bucket is 404', async () => {
    const { client } = setUp();
    const path = '/upload/storage/v1/b/missing/o?uploadType=media&name=x';
    expect(await refusal(client.request('POST', path, { body: '' }))).toEqual({
      status: 404,
      reason: 'notFound',
      message: 'The specified bucket does not exist.',
    });
  });

  it('refuses bytes that are not those the client promised', async () => {
    const { emulator, client } = setUp();
    const md5 = await refusal(client.insert('x', { body: 'hello', metadata: { md5Hash: 'AAAA' } }));
    const crc = await refusal(client.insert('x', { body: 'hello', metadata: { crc32c: 'AAAA' } }));
    expect(md5.message).toBe(
      `Provided MD5 hash "AAAA" doesn't match calculated MD5 hash "XUFAKrxLKna5cZ2REBfFkg==".`,
    );
    expect(crc.message).toBe(`Provided CRC32C "AAAA" doesn't match calculated CRC32C "mnG7TA==".`);
    expect(emulator.objects('b')).toEqual([]);
    const right = { md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==', crc32c: 'mnG7TA==' };
    await resource(client.insert('x', { body: 'hello', metadata: right }));
  });

  it('belongs to the upload address and needs an upload type', async () => {
    const { client } = setUp();
    expect(await refusal(client.request('POST', '/storage/v1/b/b/o?name=x', { body: '{}' }))).toMatchObject({
      status: 400,
      reason: 'wrongUrlForUpload',
    });
    const path = '/upload/storage/v1/b/b/o?name=x';
    expect(await refusal(client.request('POST', path, { body: '' }))).toMatchObject({
      status: 400,
      location: 'uploadType',
    });
    expect(await refusal(client.request('POST', `${path}&uploadType=other`, { body: '' }))).toMatchObject({
      status: 400,
      location: 'uploadType',
    });
  });
});

describe('objects.get', () => {
  it('answers with the resource and its entity tag', async () => {
    const { client } = setUp();
    const inserted = await resource(client.insert('x'));
    const answer = await client.get('x');
    expect(answer.headers.get('etag')).toBe(inserted['etag']);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=UTF-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-store, max-age=0, must-revalidate');
    expect(await resource(answer)).toEqual(inserted);
  });

  it.each(['/storage/v1/b/b/o/x?alt=media', '/download/storage/v1/b/b/o/x?alt=media'])(
    'answers with the bytes at %s',
    async (path) => {
      const { client } = setUp();
      const metadata = { cacheControl: 'no-store', contentLanguage: 'en', contentDisposition: 'inline' };
      const inserted = await resource(client.insert('x', { body: 'hello', metadata }));
      const answer = await client.request('GET', path);
      expect(await answer.text()).toBe('hello');
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-disposition': 'inline',
        'content-language': 'en',
        'content-length': '5',
        'content-type': 'text/plain',
        etag: inserted['etag'],
        'x-goog-generation': inserted.generation,
        'x-goog-hash': 'crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==',
        'x-goog-metageneration': '1',
        'x-goog-storage-class': 'STANDARD',
        'x-goog-stored-content-encoding': 'identity',
        'x-goog-stored-content-length': '5',
      });
    },
  );

  it('of a missing object is 404, in plain text where bytes were asked for', async () => {
    const { client } = setUp();
    const expected = { status: 404, reason: 'notFound', message: 'No such object: b/x' };
    expect(await refusal(client.get('x'))).toEqual(expected);
    expect(await refusal(client.get('x', '?ifGenerationMatch=0'))).toEqual(expected);
    const media = await client.get('x', '?alt=media');
    expect([media.status, await media.text()]).toEqual([404, 'No such object: b/x']);
    expect(media.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  });

  it('in an unknown bucket is 404', async () => {
    const { client } = setUp();
    const answer = client.request('GET', '/storage/v1/b/missing/o/x');
    expect(await refusal(answer)).toMatchObject({
      status: 404,
      message: 'The specified bucket does not exist.',
    });
  });

  it('is 304 without a body when a not-match meets, and 412 when a match does not', async () => {
    const { client } = setUp();
    const { generation } = await resource(client.insert('x'));
    for (const query of [`ifGenerationNotMatch=${generation}`, 'ifMetagenerationNotMatch=1']) {
      const answer = await client.get('x', `?${query}`);
      expect([answer.status, await answer.text()]).toEqual([304, '']);
    }
    await resource(client.get('x', '?ifGenerationNotMatch=1&ifMetagenerationNotMatch=2'));
    expect(await refusal(client.get('x', '?ifGenerationMatch=1'))).toEqual(NOT_MET);
  });

  it('by generation finds the live one alone', async () => {
    const { client } = setUp();
    const { generation } = await resource(client.insert('x'));
    await resource(client.get('x', `?generation=${generation}`));
    expect(await refusal(client.get('x', '?generation=1'))).toMatchObject({ status: 404 });
  });
});
