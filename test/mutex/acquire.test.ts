import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError, StoreUnavailableError } from '../../src/errors.ts';
import { plant, remove, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

const UNAVAILABLE = { kind: 'status', status: 503 } as const;

describe('acquire', () => {
  it('takes a free lock by one request', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    expect(world.emulator.requests.all().map(({ method, status }) => `${method} ${status}`)).toEqual([
      'POST 200',
    ]);
    expect(player.events).toEqual([
      {
        kind: 'acquired',
        lock: 'gs://memory/locks/one',
        leaseId: lease.leaseId,
        waitedMs: 0,
        requestCount: 1,
        wasTakenOver: false,
        remainingMs: 54_000,
      },
    ]);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('writes a record that says who holds the lock, for whoever looks', async () => {
    const world = manualWorld();
    const options = { holder: 'nightly, task 3', metadata: { run: '77' } };
    const lease = await world.settle(world.process().mutex(options).acquire());
    expect(world.object()?.metadata).toEqual({
      schema: 'gcs-mutex/1',
      state: 'held',
      'lease-id': lease.leaseId,
      'ttl-ms': '60000',
      'refresh-count': '0',
      holder: 'nightly, task 3',
      'user-run': '77',
    });
    expect(world.object()).toMatchObject({ cacheControl: 'no-store', storageClass: 'STANDARD' });
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('gives one lease at a time, and all get their turn', async () => {
    const world = manualWorld();
    let holders = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      const lease = await world.process().mutex({ acquireTimeoutMs: Infinity }).acquire();
      holders += 1;
      most = Math.max(most, holders);
      await lease.refresh();
      holders -= 1;
      expect(await lease.release()).toBe(true);
    };
    await world.settle(Promise.all(Array.from({ length: 8 }, work)));
    expect(most).toBe(1);
    await world.end();
  });

  it('gives up after its time, and says who holds the lock, since when, and what it did', async () => {
    const world = manualWorld();
    await plant(world, { holder: 'the night job', ttlMs: 3_600_000 });
    const acquiring = world.process().mutex().acquire({ timeoutMs: 10_000 });
    const error: unknown = await world.settle(acquiring).catch((reason: unknown) => reason);
    expect(world.nowMs()).toBe(10_000);
    expect(error).toBeInstanceOf(AcquireTimeoutError);
    expect(error).toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      lock: 'gs://memory/locks/one',
      waitedMs: 10_000,
      requestCount: world.emulator.requests.count - 1,
      holder: { holder: 'the night job', ttlMs: 3_600_000, since: new Date(Date.UTC(2030, 0, 1)) },
    });
    expect(String(error)).toContain('held by the night job since 2030-01-01T00:00:00.000Z');
    expect(String(error)).toContain('free by 2030-01-01T01:00:00.000Z at the earliest');
    await remove(world);
    await world.end();
  });

  it('gives up after its time also where no answer came, and says so', async () => {
    const world = manualWorld();
    strike(world, 'C', { when: 'before', do: { kind: 'stall' } });
    const acquiring = world.process().mutex().acquire({ timeoutMs: 300 });
    const error: unknown = await world.settle(acquiring).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      holder: undefined,
      waitedMs: 300,
      message:
        'Could not acquire gs://memory/locks/one after 300 ms and 1 requests. The store gave no usable answer for ' +
        'gs://memory/locks/one. There was no answer within 300 ms. Check the network and the endpoint, then try again.',
      cause: { code: 'ERR_STORE_UNAVAILABLE', lock: 'gs://memory/locks/one' },
    });
    await world.end();
  });

  it.each([
    ['fails', UNAVAILABLE, 'The store answered 503'],
    ['says nothing', { kind: 'stall' }, 'There was no answer within'],
  ] as const)('says who was seen last, and that the store %s since then', async (_how, action, says) => {
    const world = manualWorld();
    await plant(world, { holder: 'the night job', ttlMs: 3_600_000 });
    const acquiring = world.process().mutex().acquire({ timeoutMs: 10_000 });
    await world.advance(6_000);
    strike(world, 'G', { when: 'before', do: action }, 1_000);
    const error: unknown = await world.settle(acquiring).catch((reason: unknown) => reason);
    expect(world.nowMs()).toBe(10_000);
    expect(error).toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      holder: { holder: 'the night job' },
      cause: { code: 'ERR_STORE_UNAVAILABLE' },
    });
    expect(String(error)).toMatch(
      /requests: last seen, held by the night job since .* if its holder is dead\. The store gave no usable answer/,
    );
    expect(String(error)).toContain(says);
    await remove(world);
    await world.end();
  });

  it('says nothing of the store where it failed for a while and then said who holds the lock', async () => {
    const world = manualWorld();
    strike(world, 'C', { when: 'before', do: UNAVAILABLE });
    strike(world, 'G', { when: 'before', do: UNAVAILABLE }, 2);
    const acquiring = world.process().mutex().acquire({ timeoutMs: 10_000 });
    await world.advance(0);
    await plant(world, { holder: 'the night job', ttlMs: 3_600_000 });
    const error: unknown = await world.settle(acquiring).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT', holder: { holder: 'the night job' } });
    expect(error).not.toHaveProperty('cause');
    await remove(world);
    await world.end();
  });

  it('says that the store failed where a dead holder could not be replaced', async () => {
    const world = manualWorld();
    await plant(world, { ttlMs: 5_000 });
    await world.advance(10_000);
    strike(world, 'T', { when: 'before', do: UNAVAILABLE }, 1_000);
    const acquiring = world.process().mutex().acquire({ timeoutMs: 20_000 });
    await expect(world.settle(acquiring)).rejects.toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      cause: { code: 'ERR_STORE_UNAVAILABLE', status: 503 },
    });
    await remove(world);
    await world.end();
  });

  it('waits by default for two ttls and a little, and with Infinity for ever', async () => {
    const world = manualWorld();
    await plant(world, { ttlMs: 300_000 });
    const [short, long] = [world.process(), world.process()];
    const acquiring = long.mutex({ acquireTimeoutMs: Infinity }).acquire();
    const startedAt = world.nowMs();
    const timedOut = expect(world.settle(short.mutex().acquire())).rejects.toBeInstanceOf(
      AcquireTimeoutError,
    );
    await timedOut;
    expect(world.nowMs() - startedAt).toBe(125_000);
    const lease = await world.settle(acquiring);
    expect(lease.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('reads less and less often while one holder stays, and writes nothing', async () => {
    const world = manualWorld();
    const holder = await world.settle(world.process().mutex().acquire());
    const waiting = world
      .process()
      .mutex()
      .acquire()
      .catch((reason: unknown) => reason);
    await world.advance(60_000);
    const gets = world.emulator.requests.all().filter(({ method }) => method === 'GET');
    expect(gets.length).toBeGreaterThan(30);
    expect(gets.length).toBeLessThan(90);
    expect(world.emulator.requests.mutations().filter(({ method }) => method === 'POST')).toHaveLength(2);
    expect(await world.settle(holder.release())).toBe(true);
    await world.settle(waiting);
    await world.outlast(60_000);
  });

  it('finds a released lock within one pause', async () => {
    const world = manualWorld();
    const holder = await world.settle(world.process().mutex().acquire());
    const acquiring = world.process().mutex().acquire();
    await world.advance(10_000);
    expect(await world.settle(holder.release())).toBe(true);
    const freeAt = world.nowMs();
    const lease = await world.settle(acquiring);
    expect(world.nowMs() - freeAt).toBeLessThanOrEqual(2_000);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('says that the store failed where every create did, and nobody was seen to hold the lock', async () => {
    const world = manualWorld();
    strike(world, 'C', { when: 'before', do: UNAVAILABLE }, 1_000);
    const acquiring = world.process().mutex().acquire({ timeoutMs: 20_000 });
    await expect(world.settle(acquiring)).rejects.toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      holder: undefined,
      cause: { code: 'ERR_STORE_UNAVAILABLE', status: 503 },
    });
    await world.end();
  });

  it('says that the store failed where nothing answers', async () => {
    const world = manualWorld();
    for (const call of ['C', 'G'] as const)
      strike(world, call, { when: 'before', do: { kind: 'reset' } }, 1_000);
    const acquiring = world.process().mutex().acquire({ timeoutMs: 20_000 });
    await expect(world.settle(acquiring)).rejects.toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      cause: expect.any(StoreUnavailableError),
    });
    await world.end();
  });

  it('takes over a stale record, keeps its fencing counter going, and reports the takeover', async () => {
    const world = manualWorld();
    await plant(world, { counter: 'g' });
    const generation = world.object()?.generation ?? 0n;
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    expect(player.events.at(-1)).toMatchObject({ kind: 'acquired', wasTakenOver: true });
    expect(world.object()?.metadata?.['counter']).toBe(String(generation + 1n));
    expect(await world.settle(lease.release())).toBe(true);
    await remove(world);
    await world.end();
  });

  it('rejects wrong options before any request', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    for (const options of [
      { timeoutMs: Number.NaN },
      { timeoutMs: '5' },
      { timeout: 5 },
      { signal: {} },
      null,
    ]) {
      await expect(mutex.acquire(options as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
      await expect(mutex.run(() => 1, options as never)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      });
    }
    expect(world.emulator.requests.count).toBe(0);
    await world.end();
  });
});
