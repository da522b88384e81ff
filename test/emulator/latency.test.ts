import { describe, expect, it } from 'vitest';
import { failure, giveUp, resource, settle, setUp } from './client.ts';

/** A `sleep` that a test ends, and what was asked of it. */
function sleeper(): { slept: number[]; sleep: (ms: number) => Promise<void>; wake: () => void } {
  const slept: number[] = [];
  const waiting: (() => void)[] = [];
  return {
    slept,
    sleep: (ms) =>
      new Promise((resolve) => {
        slept.push(ms);
        waiting.push(resolve);
      }),
    wake: () => waiting.shift()?.(),
  };
}

/** A latency that gives these numbers in turn. */
function drawn(...values: readonly number[]): () => number {
  const left = values.values();
  return () => left.next().value ?? 0;
}

describe('latency', () => {
  it('is drawn once for each answer, which is under way when the work is done', async () => {
    const { slept, sleep, wake } = sleeper();
    const { emulator, client } = setUp({ sleep, latencyMs: drawn(30, 7) });
    const insert = client.insert('x');
    await settle();
    expect(slept).toEqual([30]);
    expect(emulator.object('b', 'x')).toBeDefined();
    expect(emulator.requests.last()).toMatchObject({ applied: 200, status: undefined });
    wake();
    await resource(insert);
    expect(emulator.requests.last()).toMatchObject({ applied: 200, status: 200 });
    const missing = client.get('missing');
    await settle();
    wake();
    expect((await missing).status).toBe(404);
    expect(slept).toEqual([30, 7]);
  });

  it('lets a quick answer come before a slow one', async () => {
    const woken: number[] = [];
    const resolvers = new Map<number, () => void>();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        resolvers.set(ms, resolve);
      });
    const { client } = setUp({ sleep, latencyMs: drawn(500, 5) });
    const slow = client.delete('a').then(() => woken.push(500));
    await settle();
    const quick = client.delete('b').then(() => woken.push(5));
    await settle();
    resolvers.get(5)?.();
    await quick;
    resolvers.get(500)?.();
    await slow;
    expect(woken).toEqual([5, 500]);
  });

  it('is given up with the request, and the work stays done', async () => {
    const { sleep } = sleeper();
    const { emulator, client } = setUp({ sleep, latencyMs: () => 1000 });
    const controller = new AbortController();
    const reason = new Error('given up');
    const failed = failure(client.insert('x', { signal: controller.signal }));
    await settle();
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(emulator.object('b', 'x')).toBeDefined();
  });

  it('comes on top of what a fault takes, and not to an answer that never comes', async () => {
    const { slept, sleep, wake } = sleeper();
    const { emulator, client } = setUp({ sleep, latencyMs: () => 10 });
    emulator.faults.add({ when: 'before', do: { kind: 'delay', ms: 300 } });
    const insert = client.insert('x');
    for (const _ of [1, 2]) {
      await settle();
      wake();
    }
    await resource(insert);
    expect(slept).toEqual([300, 10]);
    emulator.faults.add({ when: 'after', do: { kind: 'reset' } });
    expect(await failure(client.get('x'))).toBeInstanceOf(TypeError);
    const stall = emulator.faults.add({ when: 'before', do: { kind: 'stall' } });
    await giveUp(stall, (signal) => client.get('x', '', { signal }));
    expect(slept).toEqual([300, 10]);
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 503 } });
    const refused = client.get('x');
    await settle();
    wake();
    expect((await refused).status).toBe(503);
    expect(slept).toEqual([300, 10, 10]);
  });

  it('is none by default, and no sleep is asked for', async () => {
    const { slept, sleep } = sleeper();
    const { client } = setUp({ sleep });
    await resource(client.insert('x'));
    expect(slept).toEqual([]);
  });

  it.each([-1, Number.NaN])('may not be %d', async (ms) => {
    const { client } = setUp({ latencyMs: () => ms });
    await expect(client.insert('x')).rejects.toThrow(RangeError);
  });
});
