import { describe, expect, it } from 'vitest';
import { refusal, resource, setUp } from './client.ts';

const ACME = '.well-known/acme-challenge/';

describe('object names', () => {
  it.each(['a', 'a'.repeat(1024), 'ü'.repeat(512), 'a b/%2F?#&', '...', './x', `x/${ACME}`, '.well-known/x'])(
    'may be %s',
    async (name) => {
      const { client } = setUp();
      expect(await resource(client.insert(name))).toHaveProperty('name', name);
      expect(await resource(client.get(name))).toHaveProperty('name', name);
    },
  );

  it.each(['', 'a'.repeat(1025), 'ü'.repeat(513), 'a\rb', 'a\nb', '.', '..', `${ACME}token`])(
    'may not be %j',
    async (name) => {
      const { emulator, client } = setUp();
      expect(await refusal(client.insert(name))).toMatchObject({ status: 400 });
      expect(emulator.objects('b')).toEqual([]);
    },
  );

  it('say what is wrong with them', async () => {
    const { client } = setUp();
    expect((await refusal(client.insert('a'.repeat(1025)))).message).toMatch(
      /^The maximum object length is 1024 characters, but got a name with 1025 characters: 'a+\.\.\.'$/,
    );
    expect((await refusal(client.get('a\nb'))).message).toBe(
      "Disallowed unicode characters present in object name 'a\nb'",
    );
  });

  it('may not be broken UTF-8 in a path or half a character in a body', async () => {
    const { client } = setUp();
    expect(await refusal(client.request('GET', '/storage/v1/b/b/o/%ff'))).toMatchObject({ status: 400 });
    const answer = client.request('POST', '/upload/storage/v1/b/b/o?uploadType=multipart', {
      headers: { 'content-type': 'multipart/related; boundary=mark' },
      body: '--mark\r\n\r\n{"name":"\\ud800"}\r\n--mark\r\n\r\n\r\n--mark--',
    });
    expect(await refusal(answer)).toMatchObject({ status: 400 });
  });
});

describe('custom metadata', () => {
  it('may have 8 KiB in all, keys and values together, counted in bytes', async () => {
    const { client } = setUp();
    const full = { metadata: { key: 'v'.repeat(8192 - 3) } };
    await resource(client.insert('x', { metadata: full }));
    expect(await refusal(client.patch('x', { metadata: { a: '' } }))).toMatchObject({
      status: 400,
      reason: 'invalid',
    });
    expect(
      await refusal(client.insert('y', { metadata: { metadata: { key: 'ü'.repeat(4095) } } })),
    ).toMatchObject({ status: 400 });
    expect(await resource(client.get('x'))).toMatchObject({ ...full, metageneration: '1' });
    await resource(client.patch('x', { metadata: { key: null, a: '' } }));
  });

  it.each([{ a: 1 }, { a: {} }, { a: true }, { '': 'x' }, 'text', 7, ['a']])(
    'may not be %j',
    async (metadata) => {
      const { client } = setUp();
      expect(await refusal(client.insert('x', { metadata: { metadata } }))).toMatchObject({
        status: 400,
        reason: 'invalid',
      });
    },
  );
});

describe('the body of a request', () => {
  it.each(['', '{', '[]', 'null', '7'])('has to be a JSON object, not %j', async (body) => {
    const { client } = setUp();
    await resource(client.insert('x'));
    const answer = await client.request('PATCH', '/storage/v1/b/b/o/x', { body });
    if (body === '') expect(answer.status).toBe(200);
    else expect(await refusal(answer)).toEqual({ status: 400, reason: 'parseError', message: 'Parse Error' });
  });

  it('may not have an attribute of the wrong type or an unknown storage class', async () => {
    const { client } = setUp();
    expect(await refusal(client.insert('x', { metadata: { contentType: 7 } }))).toMatchObject({
      status: 400,
      reason: 'invalid',
    });
    expect(await refusal(client.insert('x', { metadata: { storageClass: 'COLD' } }))).toMatchObject({
      status: 400,
    });
  });

  it('may repeat what only the service sets, without effect', async () => {
    const { client } = setUp();
    const output = {
      generation: '1',
      metageneration: '9',
      size: '7',
      updated: '2000-01-01T00:00:00Z',
      etag: 'e',
      id: 'i',
    };
    const first = await resource(client.insert('x', { metadata: output }));
    expect(first).toMatchObject({ metageneration: '1', size: '4' });
    expect(first.generation).not.toBe('1');
    const second = await resource(client.patch('x', { ...output, name: 'y', bucket: 'c' }));
    expect(second).toMatchObject({
      name: 'x',
      bucket: 'b',
      metageneration: '2',
      generation: first.generation,
    });
  });
});

describe('query parameters', () => {
  const NAMES = [
    'ifGenerationMatch',
    'ifGenerationNotMatch',
    'ifMetagenerationMatch',
    'ifMetagenerationNotMatch',
    'generation',
  ];
  const VALUES = [
    '',
    'abc',
    '1.0',
    '0x1',
    '+1',
    ' 1',
    '1e3',
    '9223372036854775808',
    '-9223372036854775809',
    '99999999999999999999',
  ];

  it.each(NAMES.flatMap((name) => VALUES.map((value) => [name, value] as const)))(
    '%s has to be an int64, not %j',
    async (name, value) => {
      const { client } = setUp();
      await resource(client.insert('x'));
      const query = `?${name}=${encodeURIComponent(value)}`;
      const expected = {
        status: 400,
        reason: 'invalidParameter',
        message: `Invalid long value: '${value}'.`,
        location: name,
      };
      expect(await refusal(client.get('x', query))).toEqual(expected);
      expect(await refusal(client.patch('x', {}, query))).toEqual(expected);
      expect(await refusal(client.delete('x', query))).toEqual(expected);
    },
  );

  it('may be any int64, however it is written, and a negative one fits nothing', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    await resource(client.get('x', '?ifMetagenerationMatch=001'));
    for (const value of ['9223372036854775807', '-9223372036854775808', '-1']) {
      expect((await client.get('x', `?ifMetagenerationMatch=${value}`)).status).toBe(412);
    }
  });

  it('may not come twice, and projection and alt know their words', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    expect(await refusal(client.get('x', '?ifGenerationMatch=0&ifGenerationMatch=1'))).toMatchObject({
      status: 400,
    });
    expect(await refusal(client.get('x', '?projection=none'))).toMatchObject({
      status: 400,
      location: 'projection',
    });
    expect(await refusal(client.get('x', '?alt=xml'))).toMatchObject({ status: 400, location: 'alt' });
  });

  it('that every call takes change nothing', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    const common = 'userProject=p&prettyPrint=false&key=k&quotaUser=u&alt=json';
    for (const projection of ['full', 'noAcl'])
      await resource(client.get('x', `?${common}&projection=${projection}`));
  });
});
