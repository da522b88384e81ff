import { describe, expect, it } from 'vitest';
import { createClock } from '../../emulator/clock.ts';
import { createEmulator } from '../../emulator/index.ts';
import { Replays } from '../../emulator/replays.ts';
import { giveUp, refusal, resource, setUp } from './client.ts';
import type { Client } from './client.ts';

const token = (text: string): Record<string, string> => ({ 'x-goog-gcs-idempotency-token': text });
const CREATE = { query: '&ifGenerationMatch=0', headers: token('t') };

/** All that a client can tell two answers apart by, but for when they were sent. */
async function whole(answer: Promise<Response>): Promise<unknown> {
  const response = await answer;
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers: { ...headers, date: undefined }, text: await response.text() };
}

describe('a request with the idempotency token of one that was applied', () => {
  it('gets the first answer byte for byte and does nothing', async () => {
    const { emulator, client } = setUp();
    const first = await whole(client.insert('x', CREATE));
    expect(first).toMatchObject({ status: 200 });
    expect(await whole(client.insert('x', CREATE))).toEqual(first);
    const patched = await whole(client.patch('x', { metadata: { a: '1' } }, '', token('u')));
    expect(await whole(client.patch('x', { metadata: { a: '1' } }, '', token('u')))).toEqual(patched);
    expect(emulator.object('b', 'x')?.metageneration).toBe(2n);
    const init = { headers: token('v') };
    expect(await whole(client.delete('x', '', init))).toEqual(await whole(client.delete('x', '', init)));
    expect(emulator.requests.all().map(({ status, isReplay }) => [status, isReplay])).toEqual([
      [200, false],
      [200, true],
      [200, false],
      [200, true],
      [204, false],
      [204, true],
    ]);
  });

  it('gets the old news also when somebody else has changed the object', async () => {
    const { emulator, client } = setUp();
    const created = await resource(client.insert('x', CREATE));
    await client.delete('x');
    expect(await resource(client.insert('x', CREATE))).toEqual(created);
    expect(emulator.object('b', 'x')).toBeUndefined();
    const theirs = await resource(client.insert('x'));
    expect(await resource(client.insert('x', CREATE))).toEqual(created);
    const removal = { headers: token('d') };
    await client.delete('x', `?ifGenerationMatch=${theirs.generation}`, removal);
    const next = await resource(client.insert('x'));
    expect((await client.delete('x', `?ifGenerationMatch=${theirs.generation}`, removal)).status).toBe(204);
    expect(emulator.object('b', 'x')?.generation.toString()).toBe(next.generation);
  });

  it('gets it even with another body, which is dropped', async () => {
    const { emulator, client } = setUp();
    await resource(client.insert('x'));
    const first = await resource(client.patch('x', { metadata: { a: '1' } }, '', token('t')));
    expect(await resource(client.patch('x', { metadata: { a: '2' } }, '', token('t')))).toEqual(first);
    expect(emulator.object('b', 'x')?.metadata).toEqual({ a: '1' });
  });

  it('gets it with the time of the new answer in its Date header', async () => {
    let now = 0;
    const { client } = setUp({ clock: () => now });
    await client.insert('x', CREATE);
    now = 60_000;
    const answer = await client.insert('x', CREATE);
    expect(answer.headers.get('date')).toBe('Thu, 01 Jan 1970 00:01:00 GMT');
    expect((await resource(answer)).updated).toBe('1970-01-01T00:00:00.000Z');
  });

  it('is carried out again after two minutes, counted from the first answer', async () => {
    let now = 0;
    const { client } = setUp({ clock: () => now });
    await resource(client.insert('x', CREATE));
    now = 119_999;
    expect((await client.insert('x', CREATE)).status).toBe(200);
    now = 120_000;
    expect((await client.insert('x', CREATE)).status).toBe(412);
  });

  it('is carried out again after the time an option says, and always where that is 0', async () => {
    let now = 0;
    const clock = (): number => now;
    const some = setUp({ clock, idempotencyReplayMs: 10 }).client;
    const none = setUp({ clock, idempotencyReplayMs: 0 }).client;
    for (const client of [some, none]) await resource(client.insert('x', CREATE));
    const repeat = async (client: Client): Promise<number> => (await client.insert('x', CREATE)).status;
    now = 9;
    expect([await repeat(some), await repeat(none)]).toEqual([200, 412]);
    now = 10;
    expect(await repeat(some)).toBe(412);
    for (const idempotencyReplayMs of [-1, Number.NaN]) {
      expect(() => createEmulator({ idempotencyReplayMs })).toThrow(RangeError);
    }
  });
});

describe('a request is carried out in spite of its idempotency token', () => {
  it('when it was refused before', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    expect((await client.insert('x', CREATE)).status).toBe(412);
    await client.delete('x');
    await resource(client.insert('x', CREATE));
    expect((await client.patch('y', {}, '', token('p'))).status).toBe(404);
    await resource(client.insert('y'));
    await resource(client.patch('y', {}, '', token('p')));
  });

  it('when a fault kept it from being carried out', async () => {
    const { emulator, client } = setUp();
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 503 } });
    expect((await client.insert('x', CREATE)).status).toBe(503);
    await resource(client.insert('x', CREATE));
    expect(emulator.requests.last()?.isReplay).toBe(false);
  });

  it('when it only reads, or is about a bucket', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    const before = await resource(client.get('x', '', { headers: token('t') }));
    await client.patch('x', {});
    expect(await resource(client.get('x', '', { headers: token('t') }))).not.toEqual(before);
    const create = { headers: token('b'), body: JSON.stringify({ name: 'my-bucket' }) };
    await resource(client.request('POST', '/storage/v1/b?project=p', create));
    expect(await refusal(client.request('POST', '/storage/v1/b?project=p', create))).toMatchObject({
      status: 409,
    });
  });

  it('when the token is empty or another one', async () => {
    const { client } = setUp();
    for (const text of ['', '', 't', 'u']) {
      await resource(client.insert(`x${text}`, { headers: token(text) }));
    }
    expect((await client.insert('x', { query: '&ifGenerationMatch=0', headers: token('') })).status).toBe(
      412,
    );
    expect((await client.insert('xt', { query: '&ifGenerationMatch=0', headers: token('u2') })).status).toBe(
      412,
    );
  });
});

describe('a lost answer', () => {
  it('comes again to a client that repeats its request under the same token', async () => {
    const { emulator, client } = setUp();
    const fault = emulator.faults.add({ when: 'after', do: { kind: 'stall' } });
    await giveUp(fault, (signal) => client.insert('x', { ...CREATE, signal }));
    const again = await resource(client.insert('x', CREATE));
    expect(again.generation).toBe(emulator.object('b', 'x')?.generation.toString());
  });

  it('is one answer where the network has made two requests of one', async () => {
    const { emulator, client } = setUp();
    emulator.faults.add({ when: 'before', do: { kind: 'duplicate' } });
    expect((await client.insert('x', CREATE)).status).toBe(200);
    const [insert] = emulator.requests.all();
    if (insert === undefined) throw new Error('nothing was recorded');
    await client.delete('x');
    expect(emulator.replay(insert).status).toBe(200);
    expect(emulator.object('b', 'x')).toBeUndefined();
  });

  it('is forgotten when ten thousand others came after it', () => {
    const replays = new Replays(
      createClock(() => 0),
      1,
    );
    const answer = { status: 204, headers: {}, body: undefined };
    replays.remember('first', answer);
    for (let index = 1; index < 10_000; index += 1) replays.remember(String(index), answer);
    expect(replays.find('first')).toBe(answer);
    replays.remember('one more', answer);
    expect(replays.find('first')).toBeUndefined();
    expect(replays.find('1')).toBe(answer);
  });
});
