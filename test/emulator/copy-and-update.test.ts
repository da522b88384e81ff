import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../emulator/index.ts';
import { Client, refusal, resource, setUp } from './client.ts';

const NOT_MET = { status: 412, reason: 'conditionNotMet' };
const ATTRIBUTES = {
  contentType: 'text/html',
  cacheControl: 'no-store',
  contentLanguage: 'en',
  contentDisposition: 'inline',
  metadata: { a: '1' },
};

const put = (client: Client, change: unknown, query = ''): Promise<Response> =>
  client.request('PUT', `/storage/v1/b/b/o/x${query}`, { body: JSON.stringify(change) });

const copyPath = (verb: string, query: string, to = 'b/o/y', from = 'b/o/x'): string =>
  `/storage/v1/b/${from}/${verb}To/b/${to}${query}`;

describe('objects.update', () => {
  it('takes away what it does not name, and counts like a patch', async () => {
    const { client } = setUp();
    const created = await resource(client.insert('x', { metadata: ATTRIBUTES }));
    await resource(client.patch('x', { temporaryHold: true }));
    const updated = await resource(put(client, { metadata: { b: '2' }, contentType: 'text/css' }));
    expect(updated).toMatchObject({
      metadata: { b: '2' },
      contentType: 'text/css',
      metageneration: '3',
      generation: created.generation,
    });
    for (const field of ['cacheControl', 'contentLanguage', 'contentDisposition', 'temporaryHold']) {
      expect(updated).not.toHaveProperty(field);
    }
    const bare = await resource(put(client, {}));
    expect(bare).not.toHaveProperty('metadata');
    expect(bare).not.toHaveProperty('contentType');
    expect(await (await client.get('x', '?alt=media')).text()).toBe('text');
  });

  it('changes nothing but the version when it gives back what was read', async () => {
    const { client } = setUp({ clock: () => 0 });
    const created = await resource(client.insert('x', { metadata: ATTRIBUTES }));
    expect(await resource(put(client, created))).toEqual({
      ...created,
      metageneration: '2',
      etag: expect.any(String),
    });
  });

  it('holds its preconditions, and needs an object and a body', async () => {
    const { client } = setUp();
    expect((await put(client, {})).status).toBe(404);
    const { generation } = await resource(client.insert('x'));
    const query = `?ifGenerationMatch=${generation}&ifMetagenerationMatch=1`;
    await resource(put(client, {}, query));
    expect(await refusal(put(client, {}, query))).toMatchObject(NOT_MET);
    expect((await put(client, {}, '?ifMetagenerationNotMatch=2')).status).toBe(304);
    expect(await refusal(client.request('PUT', '/storage/v1/b/b/o/x'))).toMatchObject({
      status: 400,
      reason: 'parseError',
    });
    expect(await refusal(put(client, { storageClass: 'ARCHIVE' }))).toMatchObject({ status: 501 });
  });
});

describe.each(['copy', 'rewrite'])('objects.%s', (verb) => {
  const send = (client: Client, query = '', body = '', to = 'b/o/y', from = 'b/o/x'): Promise<Response> =>
    client.request('POST', copyPath(verb, query, to, from), body === '' ? {} : { body });

  it('puts a new generation under the other name, with all but the holds', async () => {
    const { emulator, client } = setUp();
    const source = await resource(
      client.insert('x', { metadata: { ...ATTRIBUTES, temporaryHold: true }, body: 'bytes' }),
    );
    for (const body of ['', '{}', ' { } ']) {
      expect((await send(client, '', body)).status).toBe(200);
      const copy = await resource(client.get('y'));
      expect(copy).toMatchObject({ ...ATTRIBUTES, metageneration: '1', md5Hash: source['md5Hash'] });
      expect(copy.generation).not.toBe(source.generation);
      expect(copy).not.toHaveProperty('temporaryHold');
      expect(await (await client.get('y', '?alt=media')).text()).toBe('bytes');
    }
    expect(emulator.objects('b')).toHaveLength(2);
  });

  it('gives the copy just what the request says, if it says anything', async () => {
    const { client } = setUp();
    await resource(client.insert('x', { metadata: ATTRIBUTES }));
    await send(client, '', '{"contentType":"text/css","storageClass":"ARCHIVE"}');
    const copy = await resource(client.get('y'));
    expect(copy).toMatchObject({ contentType: 'text/css', storageClass: 'ARCHIVE' });
    for (const field of ['metadata', 'cacheControl', 'contentLanguage', 'contentDisposition']) {
      expect(copy).not.toHaveProperty(field);
    }
  });

  it('holds preconditions on its source and on its destination', async () => {
    const { emulator, client } = setUp();
    const { generation } = await resource(client.insert('x'));
    const refused = [
      'ifSourceGenerationMatch=1',
      'ifSourceMetagenerationMatch=2',
      `ifGenerationMatch=${generation}`,
      'ifMetagenerationMatch=1',
    ];
    for (const query of refused) expect(await refusal(send(client, `?${query}`))).toMatchObject(NOT_MET);
    const unchanged = [
      `ifSourceGenerationNotMatch=${generation}`,
      'ifSourceMetagenerationNotMatch=1',
      'ifGenerationNotMatch=0',
    ];
    for (const query of unchanged) expect((await send(client, `?${query}`)).status).toBe(304);
    expect(emulator.object('b', 'y')).toBeUndefined();
    const query = `?ifSourceGenerationMatch=${generation}&ifSourceMetagenerationMatch=1&ifGenerationMatch=0`;
    expect((await send(client, query)).status).toBe(200);
    expect(await refusal(send(client, query))).toMatchObject(NOT_MET);
    expect(await refusal(send(client, '?ifSourceGenerationMatch=x'))).toMatchObject({
      status: 400,
      location: 'ifSourceGenerationMatch',
    });
  });

  it('needs a source, both buckets and names in order', async () => {
    const { client } = setUp();
    expect(await refusal(send(client))).toMatchObject({ status: 404, message: 'No such object: b/x' });
    const { generation } = await resource(client.insert('x'));
    expect(await refusal(send(client, '?sourceGeneration=1'))).toMatchObject({ status: 404 });
    expect((await send(client, `?sourceGeneration=${generation}`)).status).toBe(200);
    const noBucket = { status: 404, message: 'The specified bucket does not exist.' };
    expect(await refusal(send(client, '', '', 'c/o/y'))).toMatchObject(noBucket);
    expect(await refusal(send(client, '', '', 'b/o/y', 'c/o/x'))).toMatchObject(noBucket);
    expect(await refusal(send(client, '', '', 'b/o/a%0Ab'))).toMatchObject({ status: 400 });
    expect(await refusal(send(client, '', '{"colour":1}'))).toMatchObject({ status: 501 });
  });

  it('copies a noncurrent version, also into the place of the live one', async () => {
    const { emulator, client } = setUp();
    emulator.addBucket('b', { versioning: true });
    const { generation } = await resource(client.insert('x', { body: 'old' }));
    await resource(client.insert('x', { body: 'new' }));
    expect((await send(client, `?sourceGeneration=${generation}`, '', 'b/o/x')).status).toBe(200);
    expect(await (await client.get('x', '?alt=media')).text()).toBe('old');
  });

  it('is refused where its destination is held', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    await resource(client.insert('y', { metadata: { eventBasedHold: true } }));
    expect(await refusal(send(client))).toMatchObject({ status: 403, reason: 'forbidden' });
  });

  it('is recorded as a request about what it writes, and runs again under its token', async () => {
    const { emulator, client } = setUp();
    await resource(client.insert('x'));
    const init = { headers: { 'x-goog-gcs-idempotency-token': 't' } };
    const request = (): Promise<Response> => client.request('POST', copyPath(verb, ''), init);
    expect((await request()).status).toBe(200);
    const first = emulator.object('b', 'y')?.generation;
    expect((await request()).status).toBe(200);
    expect(emulator.object('b', 'y')?.generation).not.toBe(first);
    expect(emulator.requests.last()).toMatchObject({
      operation: `objects.${verb}`,
      bucket: 'b',
      object: 'y',
      isReplay: false,
    });
  });

  it('needs to read the source, to create, and to delete what is there', async () => {
    const tokens = new Map<string, { permissions: string[] }>();
    const emulator = createEmulator({ buckets: ['b'], tokens });
    const headers = { authorization: 'Bearer t' };
    const client = new Client({ base: 'http://emulated.test', fetch: emulator.fetch });
    const statusWith = async (...verbs: string[]): Promise<number> => {
      tokens.set('t', { permissions: verbs.map((name) => `storage.objects.${name}`) });
      return (await client.request('POST', copyPath(verb, ''), { headers })).status;
    };
    tokens.set('t', { permissions: ['storage.objects.create'] });
    await resource(client.insert('x', { headers }));
    expect(await statusWith('create')).toBe(403);
    expect(await statusWith('get', 'delete')).toBe(403);
    expect(await statusWith('create', 'get')).toBe(200);
    expect(await statusWith('create', 'get')).toBe(403);
    expect(await statusWith('create', 'get', 'delete')).toBe(200);
  });

  it('names a project where the requester pays for the source or the destination', async () => {
    const { emulator, client } = setUp();
    await resource(client.insert('x'));
    emulator.addBucket('c', { requesterPays: true });
    expect((await send(client, '', '', 'c/o/x')).status).toBe(400);
    expect((await send(client, '?userProject=p', '', 'c/o/x')).status).toBe(200);
    expect((await send(client, '', '', 'b/o/y', 'c/o/x')).status).toBe(400);
  });
});

describe('the answer', () => {
  it('of a copy is the new object, and of a rewrite says that it is done', async () => {
    const { client } = setUp();
    await resource(client.insert('x', { body: '12345' }));
    expect(await resource(client.request('POST', copyPath('copy', '?fields=name,size')))).toEqual({
      name: 'y',
      size: '5',
    });
    const rewritten = await client.request('POST', copyPath('rewrite', '?maxBytesRewrittenPerCall=1048576'));
    expect(await rewritten.json()).toEqual({
      kind: 'storage#rewriteResponse',
      totalBytesRewritten: '5',
      objectSize: '5',
      done: true,
      resource: await resource(client.get('y')),
    });
    const cut = await client.request('POST', copyPath('rewrite', '?fields=done,resource/name'));
    expect(await cut.json()).toEqual({ done: true, resource: { name: 'y' } });
    for (const fields of ['name', 'resource(colour)']) {
      const answer = client.request('POST', copyPath('rewrite', `?fields=${fields}`));
      expect(await refusal(answer)).toMatchObject({ status: 400, location: 'fields' });
    }
  });

  it('is 501 to a rewrite that goes on', async () => {
    const { client } = setUp();
    const answer = client.request('POST', copyPath('rewrite', '?rewriteToken=t'));
    expect(await refusal(answer)).toMatchObject({ status: 501 });
  });
});
