import { afterEach, describe, expect, it } from 'vitest';
import { createEmulator, startEmulator } from '../../emulator/index.ts';
import { Client, failure, giveUp, refusal, resource, settle } from './client.ts';
import type { Emulator } from '../../emulator/index.ts';

interface Ground {
  readonly emulator: Emulator;
  readonly client: Client;
}

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
});

const grounds: readonly [string, () => Promise<Ground>][] = [
  [
    'in process',
    async () => {
      const emulator = createEmulator({ buckets: ['b'] });
      return { emulator, client: new Client({ base: 'http://emulated.test', fetch: emulator.fetch }) };
    },
  ],
  [
    'over HTTP',
    async () => {
      const emulator = await startEmulator({ buckets: ['b'] });
      open.push(emulator);
      return { emulator, client: new Client({ base: emulator.url, fetch }) };
    },
  ],
];

describe.each(grounds)('a fault %s', (_name, start) => {
  it('answers with a status before the work, or in place of its answer', async () => {
    const { emulator, client } = await start();
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 503 } });
    expect(await refusal(client.insert('x'))).toEqual({
      status: 503,
      reason: 'backendError',
      message: 'Injected fault',
    });
    expect(emulator.object('b', 'x')).toBeUndefined();
    emulator.faults.add({ when: 'after', do: { kind: 'status', status: 429, message: 'Slow down' } });
    expect(await refusal(client.insert('x'))).toEqual({
      status: 429,
      reason: 'rateLimitExceeded',
      message: 'Slow down',
    });
    expect(emulator.object('b', 'x')).toBeDefined();
    expect(emulator.requests.all().map(({ applied, status, faults }) => [applied, status, faults])).toEqual([
      [undefined, 503, ['status']],
      [200, 429, ['status']],
    ]);
  });

  it('answers with any body and headers', async () => {
    const { emulator, client } = await start();
    const bytes = Uint8Array.from([0x1f, 0x8b, 0xff]);
    emulator.faults.add({
      when: 'before',
      do: { kind: 'status', status: 200, body: '<html>', headers: { 'x-a': '1' } },
    });
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 200, body: { generation: 0 } } });
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 200, body: bytes } });
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 204 } });
    const html = await client.get('x');
    expect([
      html.status,
      html.headers.get('x-a'),
      html.headers.get('content-type'),
      await html.text(),
    ]).toEqual([200, '1', 'text/html; charset=UTF-8', '<html>']);
    const json = await client.get('x');
    expect([json.headers.get('content-type'), await json.json()]).toEqual([
      'application/json; charset=UTF-8',
      { generation: 0 },
    ]);
    expect(new Uint8Array(await (await client.get('x')).arrayBuffer())).toEqual(bytes);
    expect((await client.get('x')).status).toBe(204);
  });

  it('resets the connection before or after the work', async () => {
    const { emulator, client } = await start();
    for (const when of ['before', 'after'] as const) {
      emulator.faults.add({ when, do: { kind: 'reset' } });
      const error = await failure(client.insert(when));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } });
    }
    expect(emulator.objects('b').map(({ name }) => name)).toEqual(['after']);
    expect(emulator.requests.all().map(({ applied, status }) => [applied, status])).toEqual([
      [undefined, undefined],
      [200, undefined],
    ]);
    await resource(client.get('after'));
  });

  it('breaks an answer off after some of its bytes', async () => {
    const { emulator, client } = await start();
    await resource(client.insert('x', { body: '0123456789' }));
    for (const bytes of [0, 4, 10]) {
      emulator.faults.add({ when: 'after', do: { kind: 'truncate', bytes } });
      const answer = await client.get('x', '?alt=media');
      expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '10']);
      if (bytes === 10) continue;
      const error = await failure(Promise.resolve(answer));
      expect(error).toMatchObject({ message: 'terminated', cause: { code: 'UND_ERR_SOCKET' } });
    }
    emulator.faults.add({ when: 'after', do: { kind: 'truncate' } });
    expect(await failure(client.patch('x', {}))).toBeInstanceOf(TypeError);
    expect(emulator.object('b', 'x')?.metageneration).toBe(2n);
  });

  it('breaks the connection where an answer has no bytes to break off', async () => {
    const { emulator, client } = await start();
    await resource(client.insert('x'));
    emulator.faults.add({ when: 'after', do: { kind: 'truncate' } });
    expect(await failure(client.delete('x'))).toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(emulator.object('b', 'x')).toBeUndefined();
    await resource(client.insert('x'));
    emulator.faults.add({ when: 'after', do: { kind: 'drip', everyMs: 1 } });
    expect((await client.delete('x')).status).toBe(204);
  });

  it('falls silent within an answer until the client gives up', async () => {
    const { emulator, client } = await start();
    await resource(client.insert('x', { body: '0123456789' }));
    emulator.faults.add({ when: 'after', do: { kind: 'truncate', bytes: 4, isSilent: true } });
    const controller = new AbortController();
    const reason = new Error('given up');
    const answer = await client.get('x', '?alt=media', { signal: controller.signal });
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.value?.byteLength).toBe(4);
    const next = reader?.read();
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
  });

  it('stalls until the client gives up, before or after the work', async () => {
    const { emulator, client } = await start();
    for (const when of ['before', 'after'] as const) {
      const fault = emulator.faults.add({ when, do: { kind: 'stall' } });
      await giveUp(fault, (signal) => client.insert(when, { signal }));
    }
    expect(emulator.objects('b').map(({ name }) => name)).toEqual(['after']);
  });

  it('holds a request, which is carried out after its client has given up', async () => {
    const { emulator, client } = await start();
    const fault = emulator.faults.add({ when: 'before', do: { kind: 'hold' } });
    await giveUp(fault, (signal) => client.insert('x', { query: '&ifGenerationMatch=0', signal }));
    expect(emulator.object('b', 'x')).toBeUndefined();
    fault.release();
    await settle();
    expect(emulator.object('b', 'x')).toBeDefined();
  });

  it('holds a request until it is too late for its guard', async () => {
    const { emulator, client } = await start();
    const { generation } = await resource(client.insert('x'));
    const fault = emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.delete' },
      do: { kind: 'hold' },
    });
    const late = client.delete('x', `?ifGenerationMatch=${generation}`);
    await fault.strikes();
    const next = await resource(client.insert('x'));
    fault.release();
    expect((await late).status).toBe(412);
    expect(emulator.object('b', 'x')?.generation.toString()).toBe(next.generation);
  });

  it('holds answers, so that they come in another order', async () => {
    const { emulator, client } = await start();
    await resource(client.insert('x'));
    const fault = emulator.faults.add({ when: 'after', times: 2, do: { kind: 'hold' } });
    const order: string[] = [];
    const patch = async (): Promise<void> => {
      order.push((await resource(client.patch('x', {}))).metageneration);
    };
    const first = patch();
    await fault.strikes(1);
    const second = patch();
    await fault.strikes(2);
    await resource(client.patch('x', {}));
    fault.release(1);
    await first;
    fault.release();
    await second;
    expect(order).toEqual(['2', '3']);
  });

  it('carries a request out twice, answered by the second or the first execution', async () => {
    const { emulator, client } = await start();
    emulator.faults.add({ when: 'before', do: { kind: 'duplicate' } });
    expect((await client.insert('x', { query: '&ifGenerationMatch=0' })).status).toBe(412);
    emulator.faults.add({ when: 'after', do: { kind: 'duplicate' } });
    expect(await resource(client.patch('x', {}))).toHaveProperty('metageneration', '2');
    expect(emulator.object('b', 'x')?.metageneration).toBe(3n);
    emulator.faults.add({ when: 'after', do: { kind: 'duplicate' } });
    expect((await client.delete('x')).status).toBe(204);
  });

  it('sends blanks for ever', async () => {
    const { emulator, client } = await start();
    await resource(client.insert('x'));
    emulator.faults.add({ when: 'after', do: { kind: 'endless' } });
    const reader = (await client.get('x')).body?.getReader();
    let size = 0;
    while (size < 1_000_000) size += (await reader?.read())?.value?.byteLength ?? 0;
    await reader?.cancel();
  });

  it('can meet one request several times, in the order of the script', async () => {
    const { emulator, client } = await start();
    emulator.faults.add({ when: 'after', do: { kind: 'duplicate' } });
    emulator.faults.add({ when: 'after', do: { kind: 'status', status: 500 } });
    emulator.faults.add({ when: 'before', do: { kind: 'duplicate' } });
    expect((await client.insert('x')).status).toBe(500);
    expect(emulator.requests.last()?.faults).toEqual(['duplicate', 'duplicate', 'status']);
  });
});
