import { describe, expect, test } from 'vitest';
import { type StoreTarget, createStore, describeObject } from '../../src/gcs/json-api.ts';
import type { TransportRequest } from '../../src/gcs/transport.ts';
import { LEASE_ID, answer, googleError, objectJson, record, scripted, unhurried } from './tools.ts';

const target: StoreTarget = {
  endpoint: { origin: 'https://storage.googleapis.com' },
  bucket: 'my-bucket',
  name: 'locks/nightly report',
};
const OBJECT = 'https://storage.googleapis.com/storage/v1/b/my-bucket/o/locks%2Fnightly%20report';
const UPLOAD = 'https://storage.googleapis.com/upload/storage/v1/b/my-bucket/o';
const TOKEN = '11111111-2222-4333-8444-555555555555';
const options = { ...unhurried(), idempotencyToken: TOKEN };
const expected = { generation: '1600000000000000', metageneration: '7' };
const ANSWER = 'alt=json&projection=noAcl&fields=name%2Cgeneration%2Cmetageneration%2Cmetadata';

/** The one request that a call makes. */
async function requestOf(
  call: (store: ReturnType<typeof createStore>) => Promise<unknown>,
  changes: Partial<StoreTarget> = {},
): Promise<TransportRequest> {
  const { transport, requests } = scripted(answer(500));
  await call(createStore({ ...target, ...changes }, transport));
  expect(requests).toHaveLength(1);
  const [request] = requests;
  if (request === undefined) throw new Error('no request was made');
  return request;
}

const MULTIPART_BODY = [
  `--gcs-mutex-${TOKEN}\r\n`,
  'content-type: application/json; charset=utf-8\r\n',
  '\r\n',
  '{"name":"locks/nightly report","contentType":"text/plain; charset=utf-8","cacheControl":"no-store",',
  '"storageClass":"STANDARD","metadata":{"schema":"gcs-mutex/1","state":"held",',
  `"lease-id":"${LEASE_ID}","ttl-ms":"60000","refresh-count":"0","holder":"a test"}}\r\n`,
  `--gcs-mutex-${TOKEN}\r\n`,
  'content-type: text/plain; charset=utf-8\r\n',
  '\r\n',
  "A lock of gcs-mutex; its state is in this object's custom metadata. Written by: a test.\n\r\n",
  `--gcs-mutex-${TOKEN}--\r\n`,
].join('');

describe('the requests of the five calls', () => {
  test('a create is one multipart insert that only an absent object lets through', async () => {
    expect(await requestOf((store) => store.create(record(), options))).toEqual({
      method: 'POST',
      url: `${UPLOAD}?uploadType=multipart&name=locks%2Fnightly%20report&ifGenerationMatch=0&${ANSWER}`,
      headers: {
        'content-type': `multipart/related; boundary=gcs-mutex-${TOKEN}`,
        'x-goog-gcs-idempotency-token': TOKEN,
      },
      body: MULTIPART_BODY,
    });
  });

  test('an overwrite is the same insert, guarded by both numbers', async () => {
    const guards = 'ifGenerationMatch=1600000000000000&ifMetagenerationMatch=7';
    expect(await requestOf((store) => store.overwrite(expected, record(), options))).toMatchObject({
      method: 'POST',
      url: `${UPLOAD}?uploadType=multipart&name=locks%2Fnightly%20report&${guards}&${ANSWER}`,
      body: MULTIPART_BODY,
    });
  });

  test('a patch sends the whole record and nothing else, guarded by both numbers', async () => {
    const refreshed = record({ refreshCount: 4, counter: '17', metadata: { build: '12' } });
    const request = await requestOf((store) => store.patch(expected, refreshed, options));
    expect(request).toMatchObject({
      method: 'PATCH',
      url: `${OBJECT}?ifGenerationMatch=1600000000000000&ifMetagenerationMatch=7&${ANSWER}`,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-goog-gcs-idempotency-token': TOKEN,
      },
    });
    expect(JSON.parse(request.body ?? '')).toEqual({
      metadata: {
        schema: 'gcs-mutex/1',
        state: 'held',
        'lease-id': LEASE_ID,
        'ttl-ms': '60000',
        'refresh-count': '4',
        holder: 'a test',
        counter: '17',
        'user-build': '12',
      },
    });
  });

  test('a get asks for what is read, and for nothing else', async () => {
    expect(await requestOf((store) => store.get(options))).toEqual({
      method: 'GET',
      url: `${OBJECT}?alt=json&projection=noAcl&fields=name%2Cgeneration%2Cmetageneration%2Cmetadata%2Cupdated%2CtimeCreated%2Csize%2CcontentType`,
      headers: {},
    });
  });

  test('an object of whatever kind is looked at by the same read', async () => {
    const ofLock = await requestOf((store) => store.get(options));
    const { transport, requests } = scripted(answer(200, objectJson()));
    const described = await describeObject(target, transport, options);
    expect(requests).toEqual([ofLock]);
    expect(described).toMatchObject({ kind: 'found', object: { metadata: { schema: 'gcs-mutex/1' } } });
  });

  test('a delete is guarded by the generation, and by the metageneration where one is given', async () => {
    const { generation } = expected;
    expect(await requestOf((store) => store.delete({ generation }, options))).toEqual({
      method: 'DELETE',
      url: `${OBJECT}?ifGenerationMatch=1600000000000000`,
      headers: { 'x-goog-gcs-idempotency-token': TOKEN },
    });
    const both = await requestOf((store) => store.delete(expected, options));
    expect(both.url).toBe(`${OBJECT}?ifGenerationMatch=1600000000000000&ifMetagenerationMatch=7`);
  });

  test('every call names the project that pays, where there is one', async () => {
    const calls: ((store: ReturnType<typeof createStore>) => Promise<unknown>)[] = [
      (store) => store.create(record(), options),
      (store) => store.overwrite(expected, record(), options),
      (store) => store.patch(expected, record(), options),
      (store) => store.get(options),
      (store) => store.delete(expected, options),
    ];
    for (const call of calls) {
      const { url } = await requestOf(call, { userProject: 'a&b' });
      expect(new URL(url).searchParams.get('userProject')).toBe('a&b');
      expect((await requestOf(call)).url).not.toContain('userProject');
    }
  });
});

describe('names', () => {
  test.each([
    ['a/b', 'a%2Fb'],
    ['a?b#c%d', 'a%3Fb%23c%25d'],
    ['Ω 🔒', '%CE%A9%20%F0%9F%94%92'],
    ['..a', '..a'],
  ])('%j is one path segment and one query value', async (name, encoded) => {
    const get = await requestOf((store) => store.get(options), { name });
    expect(new URL(get.url).pathname).toBe(`/storage/v1/b/my-bucket/o/${encoded}`);
    const create = await requestOf((store) => store.create(record(), options), { name });
    expect(new URL(create.url).searchParams.get('name')).toBe(name);
  });

  test('the JSON part of an upload is ASCII, whatever the name is', async () => {
    const create = await requestOf((store) => store.create(record(), options), { name: 'Ω 🔒' });
    expect(create.body).not.toMatch(/[\u007f-\uffff]/);
    expect(create.body).toContain(String.raw`"name":"\u03a9 \ud83d\udd12"`);
  });

  test('each unit beyond ASCII, and the one control character after it, is four digits', async () => {
    const create = await requestOf((store) => store.create(record(), options), {
      name: '~\u007f\u0080\uffff',
    });
    expect(create.body).toContain(String.raw`"name":"~\u007f\u0080\uffff"`);
  });

  test('the body names the holder, where the record does', async () => {
    const create = await requestOf((store) => store.create(record({ holder: '' }), options));
    expect(create.body).toContain('custom metadata.\n');
    expect(create.body).not.toContain('Written by');
  });

  test('a name that cannot be encoded throws before anything is sent', () => {
    expect(() => createStore({ ...target, name: '\ud800' }, scripted(answer(500)).transport)).toThrow(
      URIError,
    );
  });
});

describe('what a store does with a transport', () => {
  test('the outcome follows from the answer', async () => {
    const store = createStore(target, scripted(answer(200, objectJson())).transport);
    expect((await store.create(record(), options)).kind).toBe('applied');
    expect((await store.get(options)).kind).toBe('found');
    const refusing = createStore(
      target,
      scripted(answer(412, googleError(412, 'conditionNotMet'))).transport,
    );
    expect((await refusing.overwrite(expected, record(), options)).kind).toBe('refused');
    expect((await refusing.delete(expected, options)).kind).toBe('refused');
  });

  test('each write knows its own answer, and what a missing bucket means for it', async () => {
    const echo = objectJson(record(), { ...expected, metageneration: '8' });
    const patching = createStore(target, scripted(answer(200, echo)).transport);
    expect((await patching.patch(expected, record(), options)).kind).toBe('applied');
    expect((await patching.overwrite(expected, record(), options)).kind).toBe('unknown');
    const gone = answer(404, googleError(404, 'notFound', 'The specified bucket does not exist.'));
    const store = createStore(target, scripted(gone).transport);
    expect((await store.overwrite(expected, record(), options)).kind).toBe('failed');
    expect((await store.patch(expected, record(), options)).kind).toBe('refused');
  });

  test('the signal reaches the transport, and a new connection is asked for where the caller wants one', async () => {
    const { transport, requests } = scripted(answer(500));
    const { signal } = new AbortController();
    const seen: AbortSignal[] = [];
    const store = createStore(target, (request, given) => {
      seen.push(given);
      return transport(request, given);
    });
    await store.get({ signal, freshConnection: true });
    await store.get({ signal });
    expect(seen).toEqual([signal, signal]);
    expect(requests.map((request) => request.freshConnection)).toEqual([true, undefined]);
    await store.get({ signal, isBackground: true });
    expect(requests.map((request) => request.isBackground)).toEqual([undefined, undefined, true]);
    expect(Object.keys(requests[1] ?? {})).toEqual(['method', 'url', 'headers']);
  });

  test('a transport that throws, at once or later, makes an outcome and no exception', async () => {
    const failing = [
      () => Promise.reject(new Error('Bearer secret')),
      () => {
        throw new Error('Bearer secret');
      },
    ];
    for (const transport of failing) {
      const store = createStore(target, transport);
      const outcomes = [
        await store.create(record(), options),
        await store.overwrite(expected, record(), options),
        await store.patch(expected, record(), options),
        await store.delete(expected, options),
        await store.get(options),
      ];
      expect(outcomes.map((outcome) => outcome.kind)).toEqual([...Array(4).fill('unknown'), 'unreadable']);
      expect(JSON.stringify(outcomes)).not.toContain('secret');
    }
  });
});
