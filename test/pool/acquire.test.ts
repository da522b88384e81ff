import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError } from '../../src/errors.ts';
import { GcsResourcePool } from '../../src/pool/pool.ts';
import type { PooledResource } from '../../src/pool/pooled-resource.ts';
import { put } from '../faults/calls.ts';
import { NAME, poolWorld, type PoolWorld } from './world.ts';

const RESOURCES = ['anna', 'ben', 'carl'];

async function acquireAll(world: PoolWorld, count = RESOURCES.length): Promise<PooledResource<undefined>[]> {
  const acquisitions = Array.from({ length: count }, () => world.pool({ resources: RESOURCES }).acquire());
  return world.settle(Promise.all(acquisitions));
}

describe('acquiring a resource', () => {
  it('stores the names once, and takes a free one by a list, an insert and a look at the names', async () => {
    const world = poolWorld();
    const first = await world.settle(world.pool({ resources: RESOURCES }).acquire());
    const use = expect.stringMatching(/^POST 200 use-(anna|ben|carl)$/);
    expect(world.asked()).toEqual(['GET 200 list', 'POST 200 resources', use, 'GET 200 resources']);
    expect(world.stored()).toBe('["anna","ben","carl"]');
    const second = await world.settle(world.pool().acquire());
    expect(world.asked()).toEqual(['GET 200 list', use, 'GET 200 resources']);
    expect(RESOURCES).toContain(second.resource);
    expect(second.resource).not.toBe(first.resource);
    expect(second.lease.lock).toBe(`gs://${world.bucket}/${NAME}/use-${second.resource}`);
    expect(second.value).toBeUndefined();
    expect(await world.settle(second.release())).toBe(true);
    expect(await second.release()).toBe(true);
    expect(world.asked()).toEqual([`DELETE 204 use-${second.resource}`]);
    await first[Symbol.asyncDispose]();
    expect(world.names()).toEqual(['resources']);
  });

  it('gives each resource to one at a time, and all who wait get their turn', async () => {
    const world = poolWorld();
    const inUse = new Set<string>();
    const used = new Set<string>();
    const work = async (): Promise<void> => {
      await world
        .pool({ resources: RESOURCES, acquireTimeoutMs: Infinity })
        .run(async ({ resource, lease }) => {
          expect(inUse.has(resource), resource).toBe(false);
          inUse.add(resource);
          used.add(resource);
          await lease.refresh();
          inUse.delete(resource);
        });
    };
    await world.settle(Promise.all(Array.from({ length: 12 }, work)));
    expect(used).toEqual(new Set(RESOURCES));
    expect(world.names()).toEqual(['resources']);
  });

  it('takes none but those that the caller names', async () => {
    const world = poolWorld();
    const pool = world.pool({ resources: RESOURCES });
    const ben = await world.settle(pool.acquire({ only: ['ben'] }));
    expect(ben.resource).toBe('ben');
    expect(await world.settle(pool.tryAcquire({ only: ['ben', 'nobody'] }))).toBeUndefined();
    expect((await world.settle(pool.tryAcquire({ only: ['carl', 'ben'] })))?.resource).toBe('carl');
    const error: unknown = await world.settle(
      world
        .pool()
        .acquire({ only: ['nobody'] })
        .catch((reason: unknown) => reason),
    );
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect(String(error)).toContain(
      `only must be among the resources of gs://${world.bucket}/${NAME}, which are "anna", "ben", "carl", got "nobody"`,
    );
  });

  it('is undefined, or a timeout that says who is in the way, where all are held', async () => {
    const world = poolWorld();
    const held = await acquireAll(world);
    const late = world.pool({ holder: 'late' });
    expect(await world.settle(late.tryAcquire())).toBeUndefined();
    const tried = await world.settle(late.tryRun(() => 'ran'));
    expect(tried).toMatchObject({ ran: false, status: { counts: { held: 3, free: 0 } } });
    const error: unknown = await world.settle(
      late.acquire({ timeoutMs: 5_000 }).catch((reason: unknown) => reason),
    );
    expect(error).toBeInstanceOf(AcquireTimeoutError);
    expect(error).toMatchObject({ waitedMs: 5_000, holder: { leaseId: expect.any(String) } });
    expect(String(error)).toContain(
      `Could not acquire any of 3 resources of gs://${world.bucket}/${NAME} after 5000 ms`,
    );
    await Promise.all(held.map((each) => each.release()));
    expect(await world.settle(late.tryRun(({ resource }) => RESOURCES.includes(resource)))).toEqual({
      ran: true,
      value: true,
    });
  });

  it('says that the store failed, and blames no holder, where it does not say which resources there are', async () => {
    const world = poolWorld();
    await world.settle(world.pool({ resources: RESOURCES }).add([]));
    await world.plant('anna');
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.get' },
      do: { kind: 'status', status: 503 },
      times: Infinity,
    });
    const error: unknown = await world.settle(
      world
        .pool()
        .acquire({ timeoutMs: 5_000 })
        .catch((reason: unknown) => reason),
    );
    expect(error).toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      holder: undefined,
      cause: { code: 'ERR_STORE_UNAVAILABLE', status: 503 },
    });
  });

  it('gets a dead holder’s resource once its ttl has passed', async () => {
    const world = poolWorld();
    await world.plant('only');
    const waiting = world.pool({ resources: ['only'] }).acquire({ timeoutMs: 120_000 });
    await world.clock.advance(61_000);
    expect(world.names()).toContain('use-only');
    const held = await world.settle(waiting);
    expect(held.resource).toBe('only');
    expect(world.clock.passedMs).toBeGreaterThanOrEqual(62_000);
    expect(world.clock.passedMs).toBeLessThan(67_000);
  });

  it('joins the signal of run into the lease, and ends a wait with its reason', async () => {
    const world = poolWorld();
    const controller = new AbortController();
    const { signal } = controller;
    const pool = world.pool({ resources: ['only'] });
    const running = pool.run(
      ({ lease }) =>
        new Promise((_resolve, reject) =>
          lease.signal.addEventListener('abort', () => reject(lease.signal.reason)),
        ),
      { signal },
    );
    await world.clock.advance(0);
    const waiting = world.pool().acquire({ signal });
    await world.clock.advance(1_000);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect(world.settle(waiting)).rejects.toThrow('enough');
    expect(world.names()).toEqual(['resources']);
  });

  it('tells a callback whose resource was lost', async () => {
    const world = poolWorld();
    const process = world.process();
    const pool = world.pool({ resources: ['only'], ttlMs: 6_000, refreshIntervalMs: 2_000 }, process);
    const running = pool.run(async ({ lease }) => {
      await new Promise<void>((resolve) => lease.signal.addEventListener('abort', () => resolve()));
    });
    await world.clock.advance(0);
    world.emulator.faults.add({ when: 'before', do: { kind: 'reset' }, times: Infinity });
    await expect(world.settle(running)).rejects.toMatchObject({ code: 'ERR_LEASE_LOST', reason: 'expired' });
  });
});

describe('a pool', () => {
  it('is the same by its URL', async () => {
    const world = poolWorld();
    const url = `gs://${world.bucket}/${NAME}`;
    const options = { apiEndpoint: 'http://127.0.0.1:4443', resources: ['a'] };
    const pool = GcsResourcePool.fromUrl(url, options, world.process().components);
    expect(pool.url).toBe(url);
    expect((await world.settle(pool.acquire())).resource).toBe('a');
    expect(await world.settle(world.pool().tryAcquire())).toBeUndefined();
  });

  it('takes any name that an object can have', async () => {
    const names = [
      'projects/x/accounts/7',
      'naïve 日本',
      '100 %',
      '..',
      ' ',
      'resources',
      'use-a',
      '"]',
      'x'.repeat(256),
    ];
    const world = poolWorld();
    const pool = world.pool({ resources: names });
    const held = await world.settle(Promise.all(names.map((name) => pool.acquire({ only: [name] }))));
    expect(held.map(({ resource }) => resource)).toEqual(names);
    const { resources } = await pool.status();
    expect(resources.map(({ resource, state }) => [resource, state])).toEqual(
      names.map((name) => [name, 'held']),
    );
    expect(world.stored()).toMatch(/^[ -~]*$/);
  });

  it.each<[object, string]>([
    [{ resources: 'a' }, 'resources must be an array of names'],
    [{ resources: '' }, 'resources must be an array of names'],
    [{ resources: 0 }, 'resources must be an array of names'],
    [{ resources: [7] }, 'a name in resources must be a string'],
    [{ resources: [''] }, 'a name in resources must be 1 to 256 bytes of UTF-8, got "" (0 bytes)'],
    [{ resources: ['日'.repeat(86)] }, '(258 bytes)'],
    [{ resources: ['a\nb'] }, 'without control characters'],
    [{ resources: ['\ud800'] }, 'well-formed Unicode'],
    [{ resources: ['a', 'b', 'a'] }, 'resources must be names that differ, got "a"'],
    [{ resources: Array.from({ length: 700 }, (_, index) => `name-${index}`) }, 'at most 6000 bytes in all'],
    [{ create: 7 }, 'create must be a function'],
    [{ destroy: 7 }, 'destroy must be a function'],
    [{ onDestroyError: 7 }, 'onDestroyError must be a function'],
    [{ maxIdle: -1 }, 'maxIdle must be a whole number, at least 0'],
    [{ maxIdle: '1' }, 'maxIdle must be a whole number'],
    [{ ttlMs: 1 }, 'ttlMs must be'],
    [{ permits: 1 }, 'unknown option "permits"'],
  ])('refuses %o before anything is sent', (options, message) => {
    expect(() => new GcsResourcePool('my-bucket', 'a', options)).toThrow(message);
  });

  it('refuses wrong arguments of its calls before anything is sent', async () => {
    const world = poolWorld();
    const pool = world.pool({ resources: ['a'] });
    await expect(pool.acquire({ only: [] })).rejects.toThrow('only must be at least one name');
    for (const call of ['acquire', 'tryAcquire'] as const) {
      const acquired = world.settle(pool[call]({ only: ['b'] }));
      await expect(acquired).rejects.toThrow('only must be among the resources of');
    }
    await expect(pool.acquire({ only: 'a' as unknown as [] })).rejects.toThrow('only must be an array');
    await expect(pool.acquire({ only: 0 as unknown as [] })).rejects.toThrow('only must be an array');
    await expect(pool.acquire({ timeoutMs: -1 })).rejects.toThrow('timeoutMs must be');
    await expect(pool.tryAcquire({ timeoutMs: 1 } as object)).rejects.toThrow('unknown option "timeoutMs"');
    await expect(pool.add(['']).catch((error: unknown) => Promise.reject(error))).rejects.toThrow(
      'names must be 1',
    );
    await expect(pool.run(7 as never)).rejects.toThrow('callback must be a function');
    expect(() => new GcsResourcePool('my-bucket', 'x'.repeat(800))).toThrow('name must be');
    expect(world.asked()).toEqual([]);
  });

  it('leaves alone what is not its own, and counts a resource in its place as unusable', async () => {
    const world = poolWorld();
    await put(world, { metadata: {} }, `${NAME}/use-a`);
    await put(world, { metadata: {} }, `${NAME}/else`);
    const pool = world.pool({ resources: ['a', 'b'] });
    expect((await world.settle(pool.acquire())).resource).toBe('b');
    expect(await world.settle(pool.tryAcquire())).toBeUndefined();
    const { counts, resources } = await pool.status();
    expect(counts).toEqual({ free: 0, held: 1, stale: 0, unusable: 1 });
    expect(resources[0]).toEqual({
      resource: 'a',
      state: 'unusable',
      holder: undefined,
      staleForMs: 0,
      isMember: true,
    });
    expect(world.names()).toEqual(['else', 'resources', 'use-a', 'use-b']);
  });

  it.each([
    ['any file', {}, 'ERR_FOREIGN_OBJECT'],
    [
      'a semaphore',
      { schema: 'gcs-mutex-semaphore/1', writes: 'a'.repeat(32), permits: '1' },
      'ERR_FOREIGN_OBJECT',
    ],
    ['of a later version', { schema: 'gcs-mutex-pool/2' }, 'ERR_NEWER_VERSION'],
    [
      'broken',
      { schema: 'gcs-mutex-pool/1', writes: 'a'.repeat(32), resources: '["a","a"]' },
      'ERR_FOREIGN_OBJECT',
    ],
  ])('whose names are %s is never touched', async (_what, metadata, code) => {
    const world = poolWorld();
    await put(world, { metadata }, `${NAME}/resources`);
    const before = world.emulator.objects(world.bucket);
    const pool = world.pool({ resources: ['a'] });
    const calls: (() => Promise<unknown>)[] = [
      () => pool.acquire(),
      () => pool.tryAcquire(),
      () => pool.status(),
      () => pool.add(['b']),
      () => pool.remove(['a']),
    ];
    for (const call of calls) await expect(world.settle(call())).rejects.toMatchObject({ code });
    expect(world.emulator.objects(world.bucket)).toEqual(before);
  });
});
