import { describe, expect, it } from 'vitest';
import { type Client, refusal, resource, setUp } from './client.ts';
import type { EmulatorOptions } from '../../emulator/index.ts';

const UNIT = 256 * 1024;

/** A resumable upload of `x` that has been started, and how to go on with it. */
async function started(
  options: { query?: string; metadata?: unknown; headers?: Record<string, string> } = {},
) {
  const emulated = setUp();
  return { ...emulated, ...(await start(emulated.client, options)) };
}

async function start(
  client: Client,
  options: { query?: string; metadata?: unknown; headers?: Record<string, string> } = {},
) {
  const { query = '&name=x', metadata = {}, headers = {} } = options;
  const answer = await client.request('POST', `/upload/storage/v1/b/b/o?uploadType=resumable${query}`, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(metadata),
  });
  const location = answer.headers.get('location') ?? '';
  const path = location === '' ? '' : location.slice(new URL(location).origin.length);
  const send = (range: string | undefined, body = '', more: Record<string, string> = {}, method = 'PUT') =>
    client.request(method, path, {
      headers: range === undefined ? more : { 'content-range': range, ...more },
      ...(body === '' ? {} : { body }),
    });
  return { answer, path, send };
}

/** Status and `Range` of an answer that says how far an upload is. */
const progress = (answer: Response): unknown => [answer.status, answer.headers.get('range')];

describe('a resumable upload', () => {
  it('is started with what the object will be, and makes it with its last byte', async () => {
    const { emulator, answer, send } = await started({
      metadata: { contentType: 'text/plain', metadata: { a: '1' } },
    });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(emulator.objects('b')).toEqual([]);
    const object = await resource(send('bytes 0-4/5', 'hello'));
    expect(object).toMatchObject({ name: 'x', size: '5', contentType: 'text/plain', metadata: { a: '1' } });
    expect(emulator.object('b', 'x')?.generation.toString()).toBe(object.generation);
  });

  it.each([
    ['without a Content-Range', undefined],
    ['to an end that only the request knows', 'bytes 0-*/*'],
    ['to an end that only the request knows, of so many bytes', 'bytes 0-*/5'],
  ])('may come at once, %s', async (_how, range) => {
    const { send } = await started();
    expect(await resource(send(range, 'hello'))).toMatchObject({ size: '5' });
  });

  it('may be started below /resumable too, as gcloud does', async () => {
    const { client } = setUp();
    const path = '/resumable/upload/storage/v1/b/b/o?uploadType=resumable&name=x';
    expect((await client.request('POST', path)).headers.get('location')).toContain('upload_id=');
  });

  it('may be empty', async () => {
    const { send } = await started();
    expect(await resource(send('bytes */0'))).toMatchObject({ size: '0' });
  });

  it('takes its type from the header where the metadata names none', async () => {
    const { send } = await started({ headers: { 'x-upload-content-type': 'text/csv' } });
    expect(await resource(send(undefined, 'a,b'))).toMatchObject({ contentType: 'text/csv' });
    expect(await resource((await started()).send(undefined, 'x'))).toMatchObject({
      contentType: 'application/octet-stream',
    });
  });

  it('takes its name from the metadata too, and its address has it', async () => {
    const { emulator, path, send } = await started({ query: '', metadata: { name: 'a b' } });
    expect(new URL(path, 'http://x').searchParams.get('name')).toBe('a b');
    expect(await resource(send(undefined, 'x'))).toMatchObject({ name: 'a b' });
    expect(emulator.requests.all().map(({ operation, object }) => [operation, object])).toEqual([
      ['uploads.start', 'a b'],
      ['uploads.send', 'a b'],
    ]);
  });

  it('comes in chunks, each answered with 308 and how many bytes there are', async () => {
    const { emulator, send } = await started();
    expect(progress(await send('bytes */*'))).toEqual([308, null]);
    expect(progress(await send(`bytes 0-${UNIT - 1}/*`, 'a'.repeat(UNIT)))).toEqual([
      308,
      `bytes=0-${UNIT - 1}`,
    ]);
    expect(progress(await send(`bytes */${UNIT + 1}`))).toEqual([308, `bytes=0-${UNIT - 1}`]);
    expect(emulator.object('b', 'x')).toBeUndefined();
    expect(await resource(send(`bytes ${UNIT}-${UNIT}/${UNIT + 1}`, 'b'))).toMatchObject({
      size: `${UNIT + 1}`,
    });
    expect(Buffer.from(emulator.object('b', 'x')?.body ?? []).toString()).toBe(`${'a'.repeat(UNIT)}b`);
  });

  it('may be sent by POST, and says 200 for 308 to whom a 308 would lead astray', async () => {
    const { send } = await started();
    const chunk = await send(
      `bytes 0-${UNIT - 1}/*`,
      'a'.repeat(UNIT),
      { 'x-guploader-no-308': 'yes' },
      'POST',
    );
    expect(progress(chunk)).toEqual([200, `bytes=0-${UNIT - 1}`]);
    expect(chunk.headers.get('x-http-status-code-override')).toBe('308');
    expect(await resource(send(`bytes */${UNIT}`, '', {}, 'POST'))).toMatchObject({ size: `${UNIT}` });
  });

  it('keeps the bytes that it has when they come again', async () => {
    const { emulator, send } = await started();
    await send(`bytes 0-${UNIT - 1}/*`, 'a'.repeat(UNIT));
    expect(progress(await send(`bytes 0-${UNIT - 1}/*`, 'z'.repeat(UNIT)))).toEqual([
      308,
      `bytes=0-${UNIT - 1}`,
    ]);
    await resource(send(`bytes 0-${UNIT}/${UNIT + 1}`, 'y'.repeat(UNIT + 1)));
    expect(Buffer.from(emulator.object('b', 'x')?.body ?? []).toString()).toBe(`${'a'.repeat(UNIT)}y`);
  });

  it('refuses bytes that leave a gap', async () => {
    const { send } = await started();
    const gap = await send('bytes 4-5/6', 'ok');
    expect([gap.status, gap.headers.get('content-type'), await gap.text()]).toEqual([
      503,
      'text/plain; charset=utf-8',
      'Invalid request.  According to the Content-Range header, the upload offset is 4 byte(s), which exceeds already uploaded size of 0 byte(s).',
    ]);
  });

  it.each([
    ['a body that is not what its range says', 'bytes 0-9/20', 'hello', {}],
    ['more bytes than the total', 'bytes 0-4/4', 'hello', {}],
    ['another length than was declared', 'bytes 0-4/5', 'hello', { 'x-upload-content-length': '6' }],
    ['more than was declared', 'bytes 0-*/*', 'hello', { 'x-upload-content-length': '4' }],
    ['a range that cannot be read', 'bytes 5', 'hello', {}],
  ])('refuses %s', async (_what, range, body, headers) => {
    const { emulator, send } = await started({ headers });
    expect(await refusal(send(range, body))).toMatchObject({ status: 400 });
    expect(emulator.objects('b')).toEqual([]);
  });

  it('does not guess what becomes of a chunk before the last that is no multiple of 256 KiB', async () => {
    const { send } = await started();
    expect(await refusal(send('bytes 0-4/*', 'hello'))).toMatchObject({ status: 501 });
    expect(await refusal(send('bytes 0-4/9', 'hello'))).toMatchObject({ status: 501 });
  });

  it('is refused for another sum than the last request or the metadata says, before there is an object', async () => {
    const { emulator, send } = await started();
    const wrong = { 'x-goog-hash': 'crc32c=AAAAAA==' };
    expect(await refusal(send(undefined, 'hello', wrong))).toMatchObject({ status: 400 });
    const other = await started({ metadata: { md5Hash: 'AAAAAA==' } });
    expect(await refusal(other.send(undefined, 'hello'))).toMatchObject({ status: 400 });
    expect(emulator.objects('b')).toEqual([]);
    // "hello": RFC 3720's polynomial and RFC 1321, by a tool of others.
    const right = { 'x-goog-hash': 'crc32c=mnG7TA==, md5=XUFAKrxLKna5cZ2REBfFkg==' };
    expect(await resource(send(undefined, 'hello', right))).toHaveProperty('crc32c', 'mnG7TA==');
  });

  it('goes on answering with its object while that stands', async () => {
    const { client, send } = await started();
    const { generation } = await resource(send(undefined, 'hello'));
    expect(await resource(send('bytes */5'))).toMatchObject({ generation, metageneration: '1' });
    await resource(client.insert('x'));
    expect((await send('bytes */5')).status).toBe(404);
  });

  it('that is cancelled answers 499 from then on', async () => {
    const { emulator, client, path, send } = await started();
    await send(`bytes 0-${UNIT - 1}/*`, 'a'.repeat(UNIT));
    expect((await client.request('DELETE', path)).status).toBe(499);
    expect((await send('bytes */*')).status).toBe(499);
    expect((await client.request('DELETE', path)).status).toBe(499);
    expect(emulator.objects('b')).toEqual([]);
  });

  it('that is over can be cancelled, and its object stays', async () => {
    const { emulator, client, path, send } = await started();
    await resource(send(undefined, 'hello'));
    expect((await client.request('DELETE', path)).status).toBe(499);
    expect((await send('bytes */5')).status).toBe(404);
    expect(emulator.object('b', 'x')).toBeDefined();
  });

  it('nobody knows of is 404', async () => {
    const { client } = setUp();
    const path = '/upload/storage/v1/b/b/o?uploadType=resumable&upload_id=no';
    expect(await refusal(client.request('PUT', path))).toMatchObject({ status: 404 });
    expect(await refusal(client.request('DELETE', path))).toMatchObject({ status: 404 });
  });
});

describe('the preconditions of a resumable upload', () => {
  it('are held against what is live at its end', async () => {
    const { client } = setUp();
    const late = await start(client, { query: '&name=x&ifGenerationMatch=0' });
    await resource(client.insert('x'));
    const early = await start(client, { query: '&name=x&ifGenerationMatch=0' });
    expect([late.answer.status, early.answer.status]).toEqual([200, 200]);
    for (const { send } of [late, early]) {
      expect(await refusal(send(undefined, 'hello'))).toMatchObject({
        status: 412,
        reason: 'conditionNotMet',
      });
    }
    await client.delete('x');
    expect(await resource(early.send(undefined, 'hello'))).toMatchObject({ size: '5' });
  });

  it('are both looked at', async () => {
    const { client } = setUp();
    const { generation } = await resource(client.insert('x'));
    const guards = (meta: number) => `&name=x&ifGenerationMatch=${generation}&ifMetagenerationMatch=${meta}`;
    const wrong = await start(client, { query: guards(2) });
    expect(await refusal(wrong.send(undefined, 'a'))).toMatchObject({ status: 412 });
    const right = await start(client, { query: guards(1) });
    expect(await resource(right.send(undefined, 'a'))).toMatchObject({ size: '1' });
  });
});

describe('a resumable upload among the rest', () => {
  const tokens = (permissions: string[]): EmulatorOptions => ({ tokens: new Map([['t', { permissions }]]) });
  const asked = { headers: { authorization: 'Bearer t' } };

  it('is allowed by its address, and may do what its starter may', async () => {
    const { client, emulator } = setUp(tokens(['storage.objects.create']));
    expect(await refusal((await start(client)).answer)).toMatchObject({ status: 401 });
    const first = await start(client, asked);
    const second = await start(client, asked);
    await resource(first.send(undefined, 'hello'));
    expect(await refusal(second.send(undefined, 'later'))).toMatchObject({ status: 403 });
    expect(emulator.object('b', 'x')?.body.byteLength).toBe(5);
  });

  it('counts as one mutation, when it ends', async () => {
    const { client } = setUp({ mutationsPerSecond: 1, clock: () => 1_700_000_000_000 });
    const [first, second] = [await start(client), await start(client)];
    await resource(first.send(undefined, 'hello'));
    expect(await refusal(second.send(undefined, 'later'))).toMatchObject({ status: 429 });
  });

  it('ends by the rules of retention', async () => {
    const { client } = setUp();
    await resource(client.insert('x', { metadata: { temporaryHold: true } }));
    const { send } = await start(client);
    expect(await refusal(send(undefined, 'hello'))).toMatchObject({ status: 403 });
  });

  it('starts anew under the same idempotency token', async () => {
    const { client } = setUp();
    const headers = { 'x-goog-gcs-idempotency-token': 't' };
    const paths = [await start(client, { headers }), await start(client, { headers })].map(
      ({ path }) => path,
    );
    expect(new Set(paths).size).toBe(2);
  });

  it('is cut down to the fields that its start asked for', async () => {
    const { send } = await started({ query: '&name=x&fields=generation' });
    expect(Object.keys(await resource(send(undefined, 'x')))).toEqual(['generation']);
  });
});
