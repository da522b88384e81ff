import { describe, expect, it } from 'vitest';
import { drawLatency } from '../../emulator/latency.ts';
import type { LatencyDistribution } from '../../emulator/index.ts';
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

  it.each<[LatencyDistribution, number, number]>([
    [{ kind: 'uniform', fromMs: 20, toMs: 100 }, 60, 99.2],
    [{ kind: 'logNormal', medianMs: 20, p99Ms: 300 }, 20, 300],
    [
      {
        kind: 'percentiles',
        points: [
          [0, 5],
          [0.5, 20],
          [0.99, 300],
          [1, 2_000],
        ],
      },
      20,
      300,
    ],
  ])('may be distributed: %o', (distribution, median, p99) => {
    const latencies = (seed: number, count: number): number[] => {
      const next = drawLatency(distribution, seed);
      return Array.from({ length: count }, () => next());
    };
    const sorted = latencies(7, 20_000).toSorted((left, right) => left - right);
    expect(sorted[0]).toBeGreaterThan(0);
    expect((sorted[10_000] ?? 0) / median).toBeCloseTo(1, 1);
    expect((sorted[19_800] ?? 0) / p99).toBeCloseTo(1, 0);
    expect(latencies(7, 5)).toEqual(latencies(7, 5));
    expect(latencies(7, 5)).not.toEqual(latencies(8, 5));
  });

  it('is drawn from the distribution in the options, by their seed', async () => {
    const slept = await Promise.all(
      [1, 1, 2].map(async (latencySeed) => {
        const waits: number[] = [];
        const sleep = async (ms: number): Promise<void> => void waits.push(ms);
        const latencyMs = { kind: 'uniform', fromMs: 20, toMs: 100 } as const;
        const { client } = setUp({ sleep, latencyMs, latencySeed });
        for (const name of ['a', 'b', 'c']) await resource(client.insert(name));
        return waits;
      }),
    );
    expect(slept[0]).toHaveLength(3);
    expect(slept[0]?.every((ms) => ms >= 20 && ms < 100)).toBe(true);
    expect(slept[1]).toEqual(slept[0]);
    expect(slept[2]).not.toEqual(slept[0]);
  });

  it.each<LatencyDistribution>([
    { kind: 'uniform', fromMs: 5, toMs: 4 },
    { kind: 'uniform', fromMs: -1, toMs: 4 },
    { kind: 'logNormal', medianMs: 0, p99Ms: 4 },
    { kind: 'percentiles', points: [] },
    {
      kind: 'percentiles',
      points: [
        [0, 1],
        [0.5, 2],
      ],
    },
    {
      kind: 'percentiles',
      points: [
        [0, 2],
        [1, 1],
      ],
    },
    {
      kind: 'percentiles',
      points: [
        [0, 1],
        [0.5, 2],
        [0.5, 3],
        [1, 4],
      ],
    },
  ])('may not be distributed as %o', (latencyMs) => {
    expect(() => setUp({ latencyMs })).toThrow(RangeError);
  });

  it('may not have a seed that is no whole number', () => {
    expect(() => setUp({ latencyMs: { kind: 'uniform', fromMs: 0, toMs: 1 }, latencySeed: 0.5 })).toThrow(
      'latencySeed must be a whole number, got 0.5.',
    );
  });

  it.each([-1, Number.NaN])('may not be %d', async (ms) => {
    const { client } = setUp({ latencyMs: () => ms });
    await expect(client.insert('x')).rejects.toThrow(RangeError);
  });
});

describe('dripping', () => {
  it('sends every body in drops, and none where there is none', async () => {
    const { slept, sleep, wake } = sleeper();
    const { client, emulator } = setUp({ sleep, drip: { bytes: 4, everyMs: 9 } });
    const insert = client.insert('x', { query: '&fields=size', body: 'hello' });
    const text = insert.then((answer) => answer.text());
    for (let drops = 1; drops <= 3; drops += 1) {
      await settle();
      expect(slept).toEqual(Array.from({ length: drops }, () => 9));
      wake();
    }
    expect(await text).toBe('{"size":"5"}');
    expect((await client.delete('x')).status).toBe(204);
    expect(slept).toEqual([9, 9, 9]);
    expect(emulator.requests.all().map(({ status }) => status)).toEqual([200, 204]);
  });

  it('ends when the client gives up', async () => {
    const { sleep } = sleeper();
    const { client } = setUp({ sleep, drip: { everyMs: 9 } });
    const controller = new AbortController();
    const reason = new Error('given up');
    const answer = await client.insert('x', { signal: controller.signal });
    const failed = failure(Promise.resolve(answer));
    controller.abort(reason);
    expect(await failed).toBe(reason);
  });
});
