import { describe, expect, it } from 'vitest';
import { refusal, resource, setUp } from './client.ts';

const NOT_MET = {
  status: 412,
  reason: 'conditionNotMet',
  message: 'At least one of the pre-conditions you specified did not hold.',
  location: 'If-Match',
};

describe('objects.patch', () => {
  it('changes what it names, deletes what is null, and leaves the rest', async () => {
    const { client } = setUp();
    const metadata = {
      metadata: { a: '1', b: '2', c: '3' },
      cacheControl: 'no-store',
      contentLanguage: 'en',
    };
    await resource(client.insert('x', { metadata }));
    const patched = await resource(
      client.patch('x', {
        metadata: { a: null, b: '', d: '4' },
        cacheControl: null,
        contentType: 'text/html',
      }),
    );
    expect(patched).toMatchObject({
      metadata: { b: '', c: '3', d: '4' },
      contentType: 'text/html',
      contentLanguage: 'en',
    });
    expect(patched).not.toHaveProperty('cacheControl');
    expect(await resource(client.get('x'))).toEqual(patched);
  });

  it('clears all custom metadata with null, and has none when the last key is gone', async () => {
    const { client } = setUp();
    await resource(client.insert('x', { metadata: { metadata: { a: '1', b: '2' } } }));
    expect(await resource(client.patch('x', { metadata: {} }))).toHaveProperty('metadata', {
      a: '1',
      b: '2',
    });
    expect(await resource(client.patch('x', { metadata: null }))).not.toHaveProperty('metadata');
    await resource(client.patch('x', { metadata: { a: '1' } }));
    expect(await resource(client.patch('x', { metadata: { a: null } }))).not.toHaveProperty('metadata');
  });

  it('keeps a key that looks like part of JavaScript', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    const patched = await client.request('PATCH', '/storage/v1/b/b/o/x', {
      body: '{"metadata":{"__proto__":"1"}}',
    });
    expect(await patched.text()).toContain('"metadata":{"__proto__":"1"}');
  });

  it('counts even when it is empty: metageneration and updated rise, the generation stays', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const { client } = setUp({ clock: () => now });
    const inserted = await resource(client.insert('x'));
    now += 1500;
    const patched = await resource(client.patch('x', {}));
    expect(patched).toEqual({
      ...inserted,
      metageneration: '2',
      updated: '2026-01-01T00:00:01.500Z',
      etag: patched['etag'],
    });
    expect(patched['etag']).not.toBe(inserted['etag']);
    const bare = await client.request('PATCH', '/storage/v1/b/b/o/x');
    expect(await resource(bare)).toMatchObject({ metageneration: '3' });
  });

  it('guarded by a version goes through once', async () => {
    const { client } = setUp();
    const { generation } = await resource(client.insert('x'));
    const query = `?ifGenerationMatch=${generation}&ifMetagenerationMatch=1`;
    await resource(client.patch('x', {}, query));
    expect(await refusal(client.patch('x', {}, query))).toEqual(NOT_MET);
    expect(await resource(client.get('x'))).toHaveProperty('metageneration', '2');
  });

  it('is 304 when a not-match meets, and changes nothing', async () => {
    const { client } = setUp();
    const inserted = await resource(client.insert('x'));
    expect((await client.patch('x', {}, '?ifMetagenerationNotMatch=1')).status).toBe(304);
    expect(await resource(client.get('x'))).toEqual(inserted);
  });
});

describe('objects.delete', () => {
  it('answers 204 with nothing, and the object is gone', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    const answer = await client.delete('x');
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(await refusal(client.delete('x'))).toEqual({
      status: 404,
      reason: 'notFound',
      message: 'No such object: b/x',
    });
  });

  it('guarded by another version leaves the object alone', async () => {
    const { emulator, client } = setUp();
    const { generation } = await resource(client.insert('x'));
    await resource(client.patch('x', {}));
    expect(
      await refusal(client.delete('x', `?ifGenerationMatch=${generation}&ifMetagenerationMatch=1`)),
    ).toEqual(NOT_MET);
    expect(await refusal(client.delete('x', '?ifGenerationMatch=1'))).toEqual(NOT_MET);
    expect(emulator.object('b', 'x')).toBeDefined();
    expect(
      (await client.delete('x', `?ifGenerationMatch=${generation}&ifMetagenerationMatch=2`)).status,
    ).toBe(204);
  });
});

describe('a guarded patch or delete of a missing object', () => {
  it('is 404 unless the emulator is told 412', async () => {
    for (const missingObjectStatus of [undefined, 404, 412] as const) {
      const { client } = setUp(missingObjectStatus === undefined ? {} : { missingObjectStatus });
      const expected = missingObjectStatus ?? 404;
      expect((await client.patch('x', {}, '?ifGenerationMatch=1')).status).toBe(expected);
      expect((await client.delete('x', '?ifGenerationMatch=1&ifMetagenerationMatch=1')).status).toBe(
        expected,
      );
    }
  });

  it('is 404 in any case when it is a get or carries no guard', async () => {
    const { client } = setUp({ missingObjectStatus: 412 });
    expect((await client.get('x', '?ifGenerationMatch=1')).status).toBe(404);
    expect((await client.patch('x', {})).status).toBe(404);
    expect((await client.delete('x')).status).toBe(404);
  });
});
