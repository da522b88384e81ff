import { describe, expect, it } from 'vitest';
import { refusal, resource, setUp } from './client.ts';
import type { BucketSettings, Emulator } from '../../emulator/index.ts';
import type { Client, ObjectJson } from './client.ts';

const CREATE = { query: '&ifGenerationMatch=0' };
const WEEK_S = 604_800;

/** An emulator at the time 0, whose bucket `b` has these settings. */
function start(settings: BucketSettings): { emulator: Emulator; client: Client } {
  const { emulator, client } = setUp({ clock: () => 0 });
  emulator.addBucket('b', settings);
  return { emulator, client };
}

/** A list's entries, each as name and generation. */
async function listed(client: Client, query: string): Promise<string[]> {
  const json: { items?: ObjectJson[] } = JSON.parse(await (await client.list(query)).text());
  return (json.items ?? []).map(({ name, generation }) => `${String(name)}#${generation}`);
}

const patchBucket = (client: Client, change: unknown): Promise<Response> =>
  client.request('PATCH', '/storage/v1/b/b', { body: JSON.stringify(change) });

describe('a bucket that keeps versions', () => {
  it('has no live object once it is deleted, so that it can be created', async () => {
    const { emulator, client } = start({ versioning: true });
    const first = await resource(client.insert('x', CREATE));
    expect((await client.insert('x', CREATE)).status).toBe(412);
    emulator.clock.skewMs = 1000;
    expect((await client.delete('x', `?ifGenerationMatch=${first.generation}`)).status).toBe(204);
    expect(emulator.object('b', 'x')).toBeUndefined();
    for (const gone of [client.get('x'), client.patch('x', {}), client.delete('x')]) {
      expect(await refusal(gone)).toMatchObject({ status: 404, message: 'No such object: b/x' });
    }
    const second = await resource(client.insert('x', CREATE));
    expect(second.generation).not.toBe(first.generation);
    expect(second).not.toHaveProperty('timeDeleted');
  });

  it('shows a noncurrent version by its generation alone, and since when it is one', async () => {
    const { emulator, client } = start({ versioning: true });
    const first = await resource(client.insert('x', { body: 'first' }));
    emulator.clock.skewMs = 1000;
    await resource(client.insert('x', { body: 'second' }));
    const old = `?generation=${first.generation}`;
    expect(await resource(client.get('x', old))).toEqual({
      ...first,
      timeDeleted: '1970-01-01T00:00:01.000Z',
    });
    expect(await (await client.get('x', `${old}&alt=media`)).text()).toBe('first');
    expect(await (await client.get('x', '?alt=media')).text()).toBe('second');
    expect((await client.get('y', old)).status).toBe(404);
    expect((await client.get('x', `${old}&ifGenerationMatch=${first.generation}`)).status).toBe(200);
    expect((await client.get('x', `?ifGenerationMatch=${first.generation}`)).status).toBe(412);
  });

  it('lets a noncurrent version be patched and deleted, and the live one stays', async () => {
    const { client } = start({ versioning: true });
    const first = await resource(client.insert('x'));
    const second = await resource(client.insert('x'));
    const old = `?generation=${first.generation}`;
    expect(await resource(client.patch('x', { metadata: { a: '1' } }, old))).toMatchObject({
      metageneration: '2',
      metadata: { a: '1' },
    });
    expect(await resource(client.get('x', old))).toHaveProperty('metageneration', '2');
    expect(await resource(client.get('x'))).toEqual(second);
    expect((await client.delete('x', old)).status).toBe(204);
    expect((await client.get('x', old)).status).toBe(404);
    expect(await listed(client, '?versions=true')).toEqual([`x#${second.generation}`]);
  });

  it('keeps nothing of a live object that is deleted by its generation', async () => {
    const { client } = start({ versioning: true });
    const { generation } = await resource(client.insert('x'));
    expect((await client.delete('x', `?generation=${generation}`)).status).toBe(204);
    expect(await listed(client, '?versions=true')).toEqual([]);
  });

  it('lists live objects, or all versions in pages by name and generation', async () => {
    const { client } = start({ versioning: true });
    const generations: string[] = [];
    for (const name of ['a', 'a', 'b', 'a', 'b']) {
      generations.push((await resource(client.insert(name))).generation);
    }
    await client.delete('b');
    const [a1 = '', a2 = '', b1 = '', a3 = '', b2 = ''] = generations;
    expect(await listed(client, '')).toEqual([`a#${a3}`]);
    const all = [`a#${a1}`, `a#${a2}`, `a#${a3}`, `b#${b1}`, `b#${b2}`];
    expect(await listed(client, '?versions=true')).toEqual(all);
    const pages: string[][] = [];
    let token: string | undefined;
    do {
      const query = `?versions=true&maxResults=2${token === undefined ? '' : `&pageToken=${token}`}`;
      pages.push(await listed(client, query));
      const json: { nextPageToken?: string } = JSON.parse(await (await client.list(query)).text());
      token = json.nextPageToken;
    } while (token !== undefined);
    expect(pages).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)]);
  });

  it('is not empty while it has any version, and makes none by a patch', async () => {
    const { client } = start({ versioning: true });
    const { generation } = await resource(client.insert('x'));
    await resource(client.patch('x', {}));
    expect(await listed(client, '?versions=true')).toHaveLength(1);
    await client.delete('x');
    expect((await client.request('DELETE', '/storage/v1/b/b')).status).toBe(409);
    await client.delete('x', `?generation=${generation}`);
    expect((await client.request('DELETE', '/storage/v1/b/b')).status).toBe(204);
  });

  it('is made so by a patch, after which what it has kept stays', async () => {
    const { client } = setUp();
    const json = await resource(patchBucket(client, { versioning: { enabled: true } }));
    expect(json).toHaveProperty('versioning', { enabled: true });
    await resource(client.insert('x'));
    await resource(client.insert('x'));
    expect(await resource(patchBucket(client, { versioning: { enabled: false } }))).toHaveProperty(
      'versioning',
      { enabled: false },
    );
    await resource(client.insert('x'));
    expect(await listed(client, '?versions=true')).toHaveLength(2);
    expect(await resource(patchBucket(client, { versioning: null }))).not.toHaveProperty('versioning');
    expect(await refusal(patchBucket(client, { versioning: {} }))).toMatchObject({ status: 400 });
  });
});

describe('a bucket with soft delete', () => {
  it('has no live object once it is deleted, so that it can be created', async () => {
    const { emulator, client } = start({ softDeleteS: WEEK_S });
    const first = await resource(client.insert('x', CREATE));
    expect((await client.delete('x', `?generation=${first.generation}`)).status).toBe(204);
    for (const query of ['', `?generation=${first.generation}`]) {
      expect((await client.get('x', query)).status).toBe(404);
      expect((await client.delete('x', query)).status).toBe(404);
    }
    expect(emulator.objects('b')).toEqual([]);
    expect(await listed(client, '?versions=true')).toEqual([]);
    await resource(client.insert('x', CREATE));
  });

  it('shows what it keeps by its generation, until its time is over', async () => {
    const { emulator, client } = start({ softDeleteS: WEEK_S });
    const first = await resource(client.insert('x'));
    emulator.clock.skewMs = 1000;
    await resource(client.insert('x'));
    const query = `?softDeleted=true&generation=${first.generation}`;
    expect(await resource(client.get('x', query))).toEqual({
      ...first,
      softDeleteTime: '1970-01-01T00:00:01.000Z',
      hardDeleteTime: '1970-01-08T00:00:01.000Z',
    });
    expect(await listed(client, '?softDeleted=true')).toEqual([`x#${first.generation}`]);
    expect(await refusal(client.get('x', '?softDeleted=true'))).toEqual({
      status: 400,
      reason: 'required',
      message: 'You must specify a generation.',
    });
    expect((await client.get('y', query)).status).toBe(404);
    emulator.clock.skewMs = 1000 + WEEK_S * 1000;
    expect((await client.get('x', query)).status).toBe(404);
    expect(await listed(client, '?softDeleted=true')).toEqual([]);
  });

  it('keeps a noncurrent version only when that is deleted', async () => {
    const { client } = start({ softDeleteS: WEEK_S, versioning: true });
    const { generation } = await resource(client.insert('x'));
    await client.delete('x');
    expect(await listed(client, '?softDeleted=true')).toEqual([]);
    await client.delete('x', `?generation=${generation}`);
    expect(await listed(client, '?versions=true')).toEqual([]);
    expect(await listed(client, '?softDeleted=true')).toEqual([`x#${generation}`]);
    expect((await client.request('DELETE', '/storage/v1/b/b')).status).toBe(204);
  });

  it('is made so by a patch, has a week by default, and is the only one with such a list', async () => {
    const { client } = setUp();
    const refused = { status: 400, reason: 'invalid', message: 'bucket soft delete policy must be set.' };
    expect(await refusal(client.list('?softDeleted=true'))).toEqual(refused);
    expect(await resource(patchBucket(client, { softDeletePolicy: null }))).toHaveProperty(
      'softDeletePolicy',
      { retentionDurationSeconds: '604800' },
    );
    expect((await client.list('?softDeleted=true')).status).toBe(200);
    await resource(patchBucket(client, { softDeletePolicy: { retentionDurationSeconds: '7776000' } }));
    await resource(patchBucket(client, { softDeletePolicy: { retentionDurationSeconds: 0 } }));
    expect(await refusal(client.list('?softDeleted=true'))).toEqual(refused);
    for (const retentionDurationSeconds of ['1', '604799', '7776001', 'x', -1, 1.5]) {
      const change = { softDeletePolicy: { retentionDurationSeconds } };
      expect(await refusal(patchBucket(client, change))).toMatchObject({ status: 400, reason: 'invalid' });
    }
  });
});
