import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../emulator/index.ts';
import { refusal, resource, setUp } from './client.ts';
import type { EmulatorOptions } from '../../emulator/index.ts';
import type { Client } from './client.ts';

/** A client of an emulator whose time a test moves. */
function timed(options: EmulatorOptions): { client: Client; at: (ms: number) => Client } {
  let now = 0;
  const { client } = setUp({ clock: () => now, ...options });
  const at = (ms: number): Client => {
    now = ms;
    return client;
  };
  return { client, at };
}

const patchAt = async (at: (ms: number) => Client, ms: number): Promise<number> =>
  (await at(ms).patch('x', {})).status;

describe('an object that may be changed once a second', () => {
  it('answers 429 to create, change and delete before the second is over', async () => {
    const { at } = timed({ mutationsPerSecond: 1 });
    await resource(at(0).insert('x'));
    const slowDown = {
      status: 429,
      reason: 'rateLimitExceeded',
      message:
        'The object b/x exceeded the rate limit for object mutation operations (create, update, and delete). Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.',
    };
    expect(await refusal(at(999).insert('x'))).toEqual(slowDown);
    expect(await refusal(at(999).patch('x', {}))).toEqual(slowDown);
    expect(await refusal(at(999).delete('x'))).toEqual(slowDown);
    expect(await resource(at(999).get('x'))).toHaveProperty('metageneration', '1');
    expect((await at(1000).delete('x')).status).toBe(204);
  });

  it('is not put off by what it has refused', async () => {
    const { at } = timed({ mutationsPerSecond: 1 });
    await resource(at(0).insert('x'));
    for (const ms of [100, 500, 900]) expect(await patchAt(at, ms)).toBe(429);
    expect(await patchAt(at, 1000)).toBe(200);
    expect(await patchAt(at, 1999)).toBe(429);
  });

  it('counts a change that its guard refuses, so that contention shows as 429', async () => {
    const { at } = timed({ mutationsPerSecond: 1 });
    await resource(at(0).insert('x'));
    const create = { query: '&ifGenerationMatch=0' };
    expect((await at(1000).insert('x', create)).status).toBe(412);
    expect((await at(1001).insert('x', create)).status).toBe(429);
  });

  it('lets others be changed, read and listed meanwhile', async () => {
    const { at } = timed({ mutationsPerSecond: 1, buckets: ['b', 'c'] });
    await resource(at(0).insert('x'));
    await resource(at(0).insert('y'));
    const elsewhere = at(0).request('POST', '/upload/storage/v1/b/c/o?uploadType=media&name=x', { body: '' });
    await resource(elsewhere);
    for (let count = 0; count < 5; count += 1) await resource(at(0).get('x'));
    expect((await at(0).list()).status).toBe(200);
  });

  it('can be named in the body of an upload too', async () => {
    const { at } = timed({ mutationsPerSecond: 1 });
    const body = '--mark\r\n\r\n{"name":"x"}\r\n--mark\r\n\r\ntext\r\n--mark--';
    const init = { headers: { 'content-type': 'multipart/related; boundary=mark' }, body };
    const insert = (ms: number): Promise<Response> =>
      at(ms).request('POST', '/upload/storage/v1/b/b/o?uploadType=multipart', init);
    await resource(insert(0));
    expect((await insert(1)).status).toBe(429);
  });

  it('is changed at once again when the clock was set back', async () => {
    const { at } = timed({ mutationsPerSecond: 1 });
    await resource(at(1_000_000).insert('x'));
    expect(await patchAt(at, 0)).toBe(200);
    expect(await patchAt(at, 0)).toBe(429);
  });
});

describe('a burst', () => {
  it('comes at once after a rest, and grows again at the rate', async () => {
    const { at } = timed({ mutationsPerSecond: 2, mutationBurst: 3 });
    await resource(at(0).insert('x'));
    const statuses = [];
    for (const ms of [0, 0, 0, 499, 500, 500, 1500, 1500, 1500, 9000, 9000, 9000, 9000]) {
      statuses.push(await patchAt(at, ms));
    }
    expect(statuses).toEqual([200, 200, 429, 429, 200, 429, 200, 200, 429, 200, 200, 200, 429]);
  });

  it('is of any size by default', async () => {
    const { at } = timed({});
    await resource(at(0).insert('x'));
    for (let count = 0; count < 20; count += 1) expect(await patchAt(at, 0)).toBe(200);
  });
});

describe('the limit', () => {
  it('does not count what is answered from memory', async () => {
    const { at } = timed({ mutationsPerSecond: 1 });
    const create = { query: '&ifGenerationMatch=0', headers: { 'x-goog-gcs-idempotency-token': 't' } };
    await resource(at(0).insert('x', create));
    await resource(at(999).insert('x', create));
    expect(await patchAt(at, 1000)).toBe(200);
  });

  it('goes on for every object when more than a thousand have come by', async () => {
    const { at } = timed({ mutationsPerSecond: 1 });
    for (let index = 0; index < 1000; index += 1) await at(index < 500 ? 0 : 500).delete(`x${index}`);
    expect((await at(1000).delete('y')).status).toBe(404);
    expect((await at(1000).delete('x0')).status).toBe(404);
    expect((await at(1000).delete('x999')).status).toBe(429);
  });

  it.each([
    { mutationsPerSecond: 0 },
    { mutationsPerSecond: Number.NaN },
    { mutationsPerSecond: Number.POSITIVE_INFINITY },
    { mutationsPerSecond: 1, mutationBurst: 0 },
    { mutationBurst: 1.5 },
  ])('may not be %o', (options) => {
    expect(() => createEmulator(options)).toThrow(RangeError);
  });
});
