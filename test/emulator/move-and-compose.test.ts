import { describe, expect, it } from 'vitest';
import { type Client, refusal, resource, setUp } from './client.ts';

const move = (client: Client, from: string, to: string, query = '', headers: Record<string, string> = {}) =>
  client.request(
    'POST',
    `/storage/v1/b/b/o/${encodeURIComponent(from)}/moveTo/o/${encodeURIComponent(to)}${query}`,
    {
      headers,
    },
  );

const compose = (client: Client, to: string, body: unknown, query = '') =>
  client.request('POST', `/storage/v1/b/b/o/${encodeURIComponent(to)}/compose${query}`, {
    body: JSON.stringify(body),
  });

const names = (...all: string[]): unknown => ({ sourceObjects: all.map((name) => ({ name })) });

describe('a move', () => {
  it('takes bytes and metadata along, as a new generation', async () => {
    const { emulator, client } = setUp();
    const metadata = { contentType: 'text/plain', metadata: { a: '1' }, storageClass: 'NEARLINE' };
    const before = await resource(client.insert('dir/a', { metadata, body: 'hello' }));
    await resource(client.patch('dir/a', { cacheControl: 'no-store' }));
    const moved = await resource(move(client, 'dir/a', 'dir/b'));
    expect(moved).toMatchObject({
      ...metadata,
      name: 'dir/b',
      cacheControl: 'no-store',
      metageneration: '1',
    });
    expect(moved.generation).not.toBe(before.generation);
    expect(emulator.objects('b').map(({ name }) => name)).toEqual(['dir/b']);
  });

  it('leaves nothing to restore of its source', async () => {
    const { emulator, client } = setUp();
    emulator.addBucket('b', { softDeleteS: 604_800 });
    await resource(client.insert('x'));
    await resource(client.insert('y'));
    await resource(move(client, 'x', 'y'));
    const list: { items: { name: string }[] } = JSON.parse(
      await (await client.list('?softDeleted=true')).text(),
    );
    expect(list.items.map(({ name }) => name)).toEqual(['y']);
  });

  it('has preconditions on both objects', async () => {
    const { client } = setUp();
    const { generation } = await resource(client.insert('x'));
    await resource(client.insert('y'));
    for (const wrong of [
      'ifSourceGenerationMatch=1',
      'ifSourceMetagenerationMatch=2',
      'ifGenerationMatch=0',
    ]) {
      expect(await refusal(move(client, 'x', 'y', `?${wrong}`))).toMatchObject({ status: 412 });
    }
    await resource(move(client, 'x', 'z', `?ifSourceGenerationMatch=${generation}&ifGenerationMatch=0`));
  });

  it('is refused without an object, to its own name, and of what is held', async () => {
    const { client } = setUp();
    expect(await refusal(move(client, 'x', 'y'))).toMatchObject({ status: 404 });
    await resource(client.insert('x', { metadata: { temporaryHold: true } }));
    expect(await refusal(move(client, 'x', 'x'))).toMatchObject({ status: 400 });
    expect(await refusal(move(client, 'x', 'y'))).toMatchObject({ status: 403 });
  });

  it('is a mutation of both objects', async () => {
    const { client } = setUp({ mutationsPerSecond: 1, clock: () => 1_700_000_000_000 });
    await resource(client.insert('x'));
    expect(await refusal(move(client, 'x', 'y'))).toMatchObject({ status: 429 });
  });

  it('is answered from memory under its idempotency token', async () => {
    const { emulator, client } = setUp();
    const headers = { 'x-goog-gcs-idempotency-token': 't' };
    await resource(client.insert('x'));
    const first = await resource(move(client, 'x', 'y', '', headers));
    expect(await resource(move(client, 'x', 'y', '', headers))).toEqual(first);
    expect(emulator.requests.last()?.isReplay).toBe(true);
  });

  it('needs the permissions to read, delete and create', async () => {
    const all = ['storage.objects.create', 'storage.objects.get', 'storage.objects.delete'];
    for (const missing of all) {
      const permissions = all.filter((name) => name !== missing);
      const { client } = setUp({ tokens: new Map([['t', { permissions }]]) });
      const answer = move(client, 'x', 'y', '', { authorization: 'Bearer t' });
      expect(await refusal(answer)).toMatchObject({ status: 403 });
    }
  });
});

describe('a composed object', () => {
  it('has the bytes of its sources in order, no MD5 and a count of components', async () => {
    const { emulator, client } = setUp();
    for (const name of ['a', 'b', 'c']) await resource(client.insert(name, { body: name }));
    const object = await resource(
      compose(client, 'x', { ...(names('c', 'a') as object), destination: { contentType: 'text/plain' } }),
    );
    expect(object).toMatchObject({
      size: '2',
      contentType: 'text/plain',
      componentCount: 2,
      metageneration: '1',
    });
    expect(object).not.toHaveProperty('md5Hash');
    expect(Buffer.from(emulator.object('b', 'x')?.body ?? []).toString()).toBe('ca');
    expect(await resource(compose(client, 'x', names('x', 'b')))).toMatchObject({
      componentCount: 3,
      contentType: 'application/octet-stream',
    });
    const download = await client.get('x', '?alt=media');
    expect(download.headers.get('x-goog-hash')).toMatch(/^crc32c=[^,]+$/);
    expect(await download.text()).toBe('cab');
  });

  it('has preconditions on itself and on each source', async () => {
    const { client } = setUp();
    const { generation } = await resource(client.insert('a'));
    const pinned = (match: string) => ({
      sourceObjects: [{ name: 'a', generation, objectPreconditions: { ifGenerationMatch: match } }],
    });
    expect(await refusal(compose(client, 'x', pinned('1')))).toMatchObject({ status: 412 });
    await resource(compose(client, 'x', pinned(generation), '?ifGenerationMatch=0'));
    expect(await refusal(compose(client, 'x', pinned(generation), '?ifGenerationMatch=0'))).toMatchObject({
      status: 412,
    });
  });

  it.each([
    ['without sources', {}, 400],
    ['from a source without a name', { sourceObjects: [{}] }, 400],
    ['from too many', names(...Array.from({ length: 33 }, () => 'a')), 400],
    ['from what is not there', names('missing'), 404],
    ['with a field that is not imitated', { ...(names('a') as object), deleteSourceObjects: true }, 501],
  ])('is refused %s', async (_how, body, status) => {
    const { client } = setUp();
    await resource(client.insert('a'));
    expect(await refusal(compose(client, 'x', body))).toMatchObject({ status });
  });
});
