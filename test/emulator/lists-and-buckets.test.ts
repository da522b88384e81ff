import { describe, expect, it } from 'vitest';
import { refusal, resource, setUp } from './client.ts';
import type { Client } from './client.ts';

interface Listing {
  readonly items?: readonly { readonly name: string }[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

async function listing(
  client: Client,
  query: string,
): Promise<{ names: string[]; prefixes: string[]; token?: string }> {
  const json: Listing = JSON.parse(await (await client.list(query)).text());
  const { nextPageToken: token } = json;
  return {
    names: (json.items ?? []).map(({ name }) => name),
    prefixes: [...(json.prefixes ?? [])],
    ...(token === undefined ? {} : { token }),
  };
}

describe('objects.list', () => {
  async function withObjects(...names: string[]): Promise<Client> {
    const { client } = setUp();
    for (const name of names) await resource(client.insert(name));
    return client;
  }

  it('is empty without objects and says what kind of list it is', async () => {
    const { client } = setUp();
    expect(await (await client.list()).json()).toEqual({ kind: 'storage#objects' });
  });

  it('is in the order of the bytes of the names', async () => {
    const client = await withObjects('b', 'a', 'Z', '\u{ffff}', '\u{10000}', 'a/');
    expect((await listing(client, '')).names).toEqual(['Z', 'a', 'a/', 'b', '\u{ffff}', '\u{10000}']);
  });

  it('keeps to a prefix and to offsets', async () => {
    const client = await withObjects('a', 'l/1', 'l/2', 'l/3', 'm');
    expect((await listing(client, '?prefix=l/')).names).toEqual(['l/1', 'l/2', 'l/3']);
    expect((await listing(client, '?prefix=l/&startOffset=l/2&endOffset=l/3')).names).toEqual(['l/2']);
  });

  it('shows an object that is named like a group beside it, if asked to', async () => {
    const { client } = setUp();
    for (const name of ['a/', 'a/b']) await resource(client.insert(name));
    expect(await listing(client, '?delimiter=/')).toEqual({ names: [], prefixes: ['a/'] });
    expect(await listing(client, '?delimiter=/&includeTrailingDelimiter=true')).toEqual({
      names: ['a/'],
      prefixes: ['a/'],
    });
  });

  it('gathers what follows a delimiter in groups', async () => {
    const client = await withObjects('a', 'l/', 'l/1', 'l/m/2', 'n/3');
    expect(await listing(client, '?delimiter=/')).toEqual({ names: ['a'], prefixes: ['l/', 'n/'] });
    expect(await listing(client, '?delimiter=/&prefix=l/')).toEqual({
      names: ['l/', 'l/1'],
      prefixes: ['l/m/'],
    });
  });

  it('comes in pages, each object once, even when objects go in between', async () => {
    const client = await withObjects('a', 'b', 'c', 'd', 'e');
    const first = await listing(client, '?maxResults=2');
    expect(first).toMatchObject({ names: ['a', 'b'] });
    await client.delete('b');
    await client.delete('c');
    const second = await listing(client, `?maxResults=2&pageToken=${first.token}`);
    expect(second).toEqual({ names: ['d', 'e'], prefixes: [] });
  });

  it('refuses what it cannot read, and an unknown bucket', async () => {
    const { client } = setUp();
    expect(await refusal(client.list('?maxResults=-1'))).toMatchObject({
      status: 400,
      location: 'maxResults',
    });
    expect(await refusal(client.list('?pageToken=*'))).toMatchObject({ status: 400, location: 'pageToken' });
    expect(await refusal(client.list('', 'missing'))).toMatchObject({ status: 404, reason: 'notFound' });
  });
});

describe('buckets', () => {
  const create = (client: Client, name: unknown, query = '?project=p'): Promise<Response> =>
    client.request('POST', `/storage/v1/b${query}`, { body: JSON.stringify({ name }) });

  it('are created, read, listed by project and deleted', async () => {
    const { client } = setUp({ clock: () => 0 });
    const created = await resource(create(client, 'my-bucket'));
    expect(created).toMatchObject({
      kind: 'storage#bucket',
      id: 'my-bucket',
      name: 'my-bucket',
      metageneration: '1',
      location: 'US',
      storageClass: 'STANDARD',
      etag: 'CAE=',
      timeCreated: '1970-01-01T00:00:00.000Z',
    });
    expect(await resource(client.request('GET', '/storage/v1/b/my-bucket'))).toEqual(created);
    const listed = await client.request('GET', '/storage/v1/b?project=p');
    expect(await listed.json()).toEqual({ kind: 'storage#buckets', items: [created] });
    const elsewhere = await client.request('GET', '/storage/v1/b?project=other');
    expect(await elsewhere.json()).toEqual({ kind: 'storage#buckets' });
    expect((await client.request('DELETE', '/storage/v1/b/my-bucket')).status).toBe(204);
    expect(await refusal(client.request('GET', '/storage/v1/b/my-bucket'))).toEqual({
      status: 404,
      reason: 'notFound',
      message: 'The specified bucket does not exist.',
    });
  });

  it('are 409 when the name is taken', async () => {
    const { client } = setUp();
    await create(client, 'my-bucket');
    expect(await refusal(create(client, 'my-bucket'))).toEqual({
      status: 409,
      reason: 'conflict',
      message: 'Your previous request to create the named bucket succeeded and you already own it.',
    });
  });

  it('are 409 on delete while they hold an object', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    expect(await refusal(client.request('DELETE', '/storage/v1/b/b'))).toEqual({
      status: 409,
      reason: 'conflict',
      message: 'The bucket you tried to delete is not empty.',
    });
  });

  it('hold metageneration preconditions', async () => {
    const { client } = setUp();
    const get = (query: string): Promise<Response> => client.request('GET', `/storage/v1/b/b?${query}`);
    expect((await get('ifMetagenerationMatch=1')).status).toBe(200);
    expect(await refusal(get('ifMetagenerationMatch=2'))).toMatchObject({
      status: 412,
      reason: 'conditionNotMet',
    });
    expect((await get('ifMetagenerationNotMatch=1')).status).toBe(304);
    expect((await client.request('DELETE', '/storage/v1/b/b?ifMetagenerationMatch=2')).status).toBe(412);
  });

  it('need a project and a name', async () => {
    const { client } = setUp();
    expect(await refusal(create(client, 'my-bucket', ''))).toMatchObject({
      status: 400,
      reason: 'required',
      location: 'project',
    });
    expect(await refusal(create(client, undefined))).toMatchObject({
      status: 400,
      reason: 'required',
      location: 'name',
    });
    expect(await refusal(create(client, 7))).toMatchObject({ status: 400, reason: 'invalid' });
    expect(await refusal(client.request('GET', '/storage/v1/b'))).toMatchObject({
      status: 400,
      location: 'project',
    });
  });

  it.each([
    'abc',
    'a.b',
    'my_bucket-1.example.com',
    'a'.repeat(63),
    [1, 2, 3, 4].map(() => 'a'.repeat(54)).join('.'),
  ])('may be named %s', async (name) => {
    expect((await create(setUp().client, name)).status).toBe(200);
  });

  it.each([
    'ab',
    'A-bucket',
    '-bucket',
    'bucket-',
    'bu cket',
    'a..b',
    'a'.repeat(64),
    `${'a'.repeat(64)}.com`,
    [1, 2, 3, 4].map(() => 'a'.repeat(55)).join('.'),
    '192.168.5.4',
    'goog-bucket',
    'my-google-bucket',
    'my-g00gle-bucket',
  ])('may not be named %s', async (name) => {
    expect(await refusal(create(setUp().client, name))).toEqual({
      status: 400,
      reason: 'invalid',
      message: `Invalid bucket name: '${name}'`,
    });
  });
});
