import { describe, expect, it } from 'vitest';
import { createEmulator, startEmulator } from '../../emulator/index.ts';
import { Client, giveUp, resource, settle } from './client.ts';
import type { Fault, FaultMatch } from '../../emulator/index.ts';

describe('delays', () => {
  it('wait by the clock that the emulator was given, before the work and after it', async () => {
    const slept: number[] = [];
    const emulator = createEmulator({
      buckets: ['b'],
      sleep: async (ms) => {
        slept.push(ms);
        await settle();
      },
    });
    const client = new Client({ base: 'http://emulated.test', fetch: emulator.fetch });
    emulator.faults.add({ when: 'before', do: { kind: 'delay', ms: 500 } });
    emulator.faults.add({ when: 'after', do: { kind: 'delay', ms: 700 } });
    await resource(client.insert('x', { body: 'hello' }));
    expect(slept).toEqual([500, 700]);
    emulator.faults.add({ when: 'after', do: { kind: 'drip', everyMs: 9, bytes: 2 } });
    expect(await (await client.get('x', '?alt=media')).text()).toBe('hello');
    expect(slept.slice(2)).toEqual([9, 9, 9]);
    emulator.faults.add({ when: 'after', do: { kind: 'drip', everyMs: 1 } });
    await (await client.get('x', '?alt=media')).text();
    expect(slept).toHaveLength(10);
  });

  it('let a request through though its client has given up', async () => {
    let wake = (): void => {};
    const emulator = createEmulator({
      buckets: ['b'],
      sleep: () => new Promise((resolve) => (wake = resolve)),
    });
    const client = new Client({ base: 'http://emulated.test', fetch: emulator.fetch });
    const fault = emulator.faults.add({ when: 'before', do: { kind: 'delay', ms: 1 } });
    await giveUp(fault, (signal) => client.insert('x', { signal }));
    wake();
    await settle();
    expect(emulator.object('b', 'x')).toBeDefined();
  });

  it('in a server use a real timer and drip over the wire', async () => {
    await using emulator = await startEmulator({ buckets: ['b'] });
    const client = new Client({ base: emulator.url, fetch });
    emulator.faults.add({ when: 'before', do: { kind: 'delay', ms: 5 } });
    emulator.faults.add({ when: 'after', do: { kind: 'drip', everyMs: 1, bytes: 200 } });
    expect(await resource(client.insert('x'))).toHaveProperty('name', 'x');
  });
});

describe('the script', () => {
  async function statuses(match: FaultMatch, more: Partial<Fault> = {}): Promise<number[]> {
    const emulator = createEmulator({ buckets: ['b', 'c'] });
    const client = new Client({ base: 'http://emulated.test', fetch: emulator.fetch });
    emulator.faults.add({
      times: Number.POSITIVE_INFINITY,
      ...more,
      match,
      when: 'before',
      do: { kind: 'status', status: 500 },
    });
    // One after the other: a call without a body is quicker than one with a body.
    const calls = [
      () => client.insert('locks/a', { query: '&ifGenerationMatch=0' }),
      () => client.insert('locks/b'),
      () => client.get('locks/a'),
      () => client.delete('locks/b'),
      () => client.request('GET', '/storage/v1/b/c/o/locks%2Fa'),
      () => client.request('PUT', '/unknown'),
    ];
    const answers: number[] = [];
    for (const call of calls) answers.push((await call()).status);
    return answers;
  }

  it.each<[string, FaultMatch, number[]]>([
    ['everything', {}, [500, 500, 500, 500, 500, 500]],
    ['a method', { method: 'GET' }, [200, 200, 500, 204, 500, 501]],
    ['methods', { method: ['POST', 'DELETE'] }, [500, 500, 404, 500, 404, 501]],
    ['a call', { operation: 'objects.insert' }, [500, 500, 404, 404, 404, 501]],
    ['calls', { operation: ['objects.get', 'objects.delete'] }, [200, 200, 500, 500, 500, 501]],
    ['a bucket', { bucket: 'c' }, [200, 200, 200, 204, 500, 501]],
    ['an object', { object: 'locks/a' }, [500, 200, 500, 204, 500, 501]],
    ['a pattern', { object: /b$/ }, [200, 500, 200, 500, 404, 501]],
    ['a parameter', { query: { ifGenerationMatch: '0' } }, [500, 200, 404, 204, 404, 501]],
    ['an absent parameter', { query: { ifGenerationMatch: undefined } }, [200, 500, 500, 500, 500, 500]],
    ['any rule', { where: ({ path }) => path === '/unknown' }, [200, 200, 200, 204, 404, 500]],
    ['all of several', { method: 'GET', bucket: 'b', object: 'locks/a' }, [200, 200, 500, 204, 404, 501]],
  ])('can match %s', async (_what, match, expected) => {
    expect(await statuses(match)).toEqual(expected);
  });

  it('strikes once unless told otherwise, and can let some pass first', async () => {
    expect(await statuses({}, { times: 1 })).toEqual([500, 200, 404, 204, 404, 501]);
    expect(await statuses({}, { times: 2, skip: 1 })).toEqual([200, 500, 500, 404, 404, 501]);
    expect(await statuses({}, { times: 0 })).toEqual([200, 200, 200, 204, 404, 501]);
  });

  it('can end a fault, keeps what it struck, and can be cleared, which lets go what is held', async () => {
    const emulator = createEmulator({ buckets: ['b'] });
    const client = new Client({ base: 'http://emulated.test', fetch: emulator.fetch });
    const failing = emulator.faults.add({ when: 'before', times: 9, do: { kind: 'status', status: 500 } });
    await client.get('x');
    failing.remove();
    expect((await client.get('x')).status).toBe(404);
    expect(failing.struck.map(({ id }) => id)).toEqual([1]);
    await failing.strikes();
    const holding = emulator.faults.add({ when: 'before', times: 9, do: { kind: 'hold' } });
    const held = client.insert('x');
    await holding.strikes();
    emulator.faults.clear();
    await resource(held);
    await resource(client.insert('x'));
  });

  it('does not strike with a fault that was added while a request was held', async () => {
    const emulator = createEmulator({ buckets: ['b'] });
    const client = new Client({ base: 'http://emulated.test', fetch: emulator.fetch });
    const holding = emulator.faults.add({ when: 'before', do: { kind: 'hold' } });
    const held = client.insert('x');
    await holding.strikes();
    emulator.faults.add({ when: 'before', do: { kind: 'reset' } });
    holding.release();
    await resource(held);
    await expect(client.get('x')).rejects.toThrow('fetch failed');
  });

  it('refuses a fault that could not be carried out', () => {
    const { faults } = createEmulator();
    const wrong = { when: 'before', do: { kind: 'truncate' } };
    // @ts-expect-error -- The type forbids it; a caller in JavaScript has no types.
    expect(() => faults.add(wrong)).toThrow("its when must be 'after'");
    for (const status of [100, 199, 600, 200.5, Number.NaN]) {
      expect(() => faults.add({ when: 'after', do: { kind: 'status', status } })).toThrow(RangeError);
    }
  });
});
