import { describe, expect, it } from 'vitest';
import type { GcsResourcePoolOptions } from '../../src/pool/pool-options.ts';
import { poolWorld, type PoolWorld } from './world.ts';

/** A connection that says what became of it. */
class Connection {
  readonly resource: string;
  isOpen = true;
  constructor(resource: string) {
    this.resource = resource;
  }
}

/** Options that make connections, and all that were made. */
function connections(more: GcsResourcePoolOptions<Connection> = {}) {
  const made: Connection[] = [];
  const options: GcsResourcePoolOptions<Connection> = {
    resources: ['a', 'b', 'c', 'd'],
    create(resource) {
      const connection = new Connection(resource);
      made.push(connection);
      return connection;
    },
    destroy: (connection) => void (connection.isOpen = false),
    ...more,
  };
  const open = (): string[] => made.filter(({ isOpen }) => isOpen).map(({ resource }) => resource);
  return { made, options, open };
}

function use(world: PoolWorld, pool: ReturnType<PoolWorld['pool']>, only: string) {
  return world.settle(pool.run(({ value }) => value, { only: [only] }));
}

describe('a live object', () => {
  it('is made once the resource is held, and is there again when the same process gets it again', async () => {
    const world = poolWorld();
    const { made, options, open } = connections();
    const pool = world.pool(options);
    const first = await world.settle(pool.acquire());
    expect(first.value).toBe(made[0]);
    expect(first.value.resource).toBe(first.resource);
    await first.release();
    expect(open()).toEqual([first.resource]);
    // Of four that are free, it prefers the one that it has a connection to.
    for (let round = 0; round < 8; round += 1)
      expect(await world.settle(pool.run(({ value }) => value))).toBe(first.value);
    expect(made).toHaveLength(1);
  });

  it('is left alone by a release that is asked for in the wrong words', async () => {
    const world = poolWorld();
    const { options, open } = connections({ maxIdle: 0 });
    const first = await world.settle(world.pool(options).acquire());
    await expect(first.release({ timeout: 5 } as object)).rejects.toThrow('unknown option "timeout"');
    expect(open()).toEqual([first.resource]);
    expect(first.lease.isHeld).toBe(true);
  });

  it('is not the same for two who hold at one moment, nor for two processes', async () => {
    const world = poolWorld();
    const { made, options } = connections();
    const pool = world.pool(options);
    await world.settle(Promise.all([pool.acquire(), pool.acquire(), world.pool(options).acquire()]));
    expect(made).toHaveLength(3);
    expect(new Set(made).size).toBe(3);
  });

  it('is destroyed where too many others came after it, the one used longest ago first', async () => {
    const world = poolWorld();
    const { options, open } = connections({ maxIdle: 2 });
    const pool = world.pool(options);
    const plain = pool as unknown as ReturnType<PoolWorld['pool']>;
    for (const name of ['a', 'b', 'a', 'c']) await use(world, plain, name);
    expect(open()).toEqual(['a', 'c']);
    await use(world, plain, 'd');
    expect(open()).toEqual(['c', 'd']);
  });

  it('is destroyed where its resource was removed, once this process hears of that', async () => {
    const world = poolWorld();
    const { options, open } = connections();
    const { resources: _given, ...others } = options;
    await world.settle(world.pool().add(['a', 'b', 'c']));
    const pool = world.pool(others);
    for (const name of ['a', 'b', 'c']) await world.settle(pool.run(() => {}, { only: [name] }));
    await world.settle(world.pool().remove(['a']));
    expect(open()).toEqual(['a', 'b', 'c']);
    await world.settle(pool.run(() => {}, { only: ['b'] }));
    expect(open()).toEqual(['b', 'c']);
    await world.settle(pool.remove(['b']));
    expect(open()).toEqual(['c']);
  });

  it('is destroyed before its resource is given back where none is kept', async () => {
    const world = poolWorld();
    const order: string[] = [];
    const { options } = connections({
      maxIdle: 0,
      destroy: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(world.names().includes('use-a') ? 'destroyed, held' : 'destroyed, free');
      },
    });
    const held = await world.settle(world.pool(options).acquire({ only: ['a'] }));
    await held.release();
    expect(order).toEqual(['destroyed, held']);
    expect(world.names()).toEqual(['resources']);
  });

  it('is destroyed when its pool is closed, at once or when its resource is given back', async () => {
    const world = poolWorld();
    const { options, open } = connections();
    const pool = world.pool(options);
    const held = await world.settle(pool.acquire({ only: ['a'] }));
    await world.settle(pool.run(() => {}, { only: ['b'] }));
    expect(open()).toEqual(['a', 'b']);
    await pool[Symbol.asyncDispose]();
    expect(open()).toEqual(['a']);
    await held[Symbol.asyncDispose]();
    expect(open()).toEqual([]);
  });

  it('is destroyed where the lease was lost: nobody knows who uses the resource', async () => {
    const world = poolWorld();
    const { made, options, open } = connections({ ttlMs: 6_000, refreshIntervalMs: 2_000 });
    const pool = world.pool(options);
    const held = await world.settle(pool.acquire({ only: ['a'] }));
    const outage = world.emulator.faults.add({ when: 'before', do: { kind: 'reset' }, times: Infinity });
    await world.clock.advance(6_000);
    expect(held.lossError?.reason).toBe('expired');
    expect(open()).toEqual(['a']);
    outage.remove();
    await world.settle(held.release());
    expect(open()).toEqual([]);
    const again = await world.settle(pool.acquire({ only: ['a'] }));
    expect(again.value).not.toBe(made[0]);
  });
});

describe('an error of create', () => {
  it('gives the resource back and rejects as it is', async () => {
    const world = poolWorld();
    const error = new Error('no connection');
    const create = (): Promise<never> => Promise.reject(error);
    const pool = world.pool({ resources: ['a'], create });
    const calls: (() => Promise<unknown>)[] = [
      () => pool.acquire(),
      () => pool.tryAcquire(),
      () => pool.run(() => {}),
      () => pool.tryRun(() => {}),
    ];
    for (const call of calls) {
      await expect(world.settle(call())).rejects.toBe(error);
      expect(world.names()).toEqual(['resources']);
    }
  });

  it('that is thrown at once does the same', async () => {
    const world = poolWorld();
    const create = (): never => {
      throw new TypeError('no');
    };
    await expect(world.settle(world.pool({ resources: ['a'], create }).acquire())).rejects.toThrow('no');
    expect(world.names()).toEqual(['resources']);
  });
});

describe('a caller who gives up while the object is made', () => {
  it('is told at once; the resource is given back when the making is over, the object destroyed', async () => {
    const world = poolWorld();
    const { options, open } = connections();
    let finish: (() => void) | undefined;
    let told: unknown;
    const create: typeof options.create = async (resource, { signal }) => {
      signal.addEventListener('abort', () => (told = signal.reason));
      await new Promise<void>((resolve) => (finish = resolve));
      return options.create?.(resource, { signal }) ?? Promise.reject(new Error('none'));
    };
    const controller = new AbortController();
    const acquiring = world.pool({ ...options, create }).acquire({ signal: controller.signal });
    await world.clock.advance(0);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(acquiring).rejects.toBe(reason);
    expect(told).toBe(reason);
    await world.clock.advance(60_000);
    expect(world.names()).toHaveLength(2);
    finish?.();
    await world.clock.advance(0);
    expect(open()).toEqual([]);
    expect(world.names()).toEqual(['resources']);
  });

  it('or loses the resource gets the loss, and the object is destroyed', async () => {
    const world = poolWorld();
    const { options, open } = connections({ ttlMs: 6_000, refreshIntervalMs: 2_000 });
    let finish: (() => void) | undefined;
    const create: typeof options.create = async (resource, context) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return options.create?.(resource, context) ?? Promise.reject(new Error('none'));
    };
    const acquiring = world.pool({ ...options, create }).acquire();
    await world.clock.advance(0);
    world.emulator.faults.add({ when: 'before', do: { kind: 'reset' }, times: Infinity });
    await world.clock.advance(6_000);
    finish?.();
    await expect(world.settle(acquiring)).rejects.toMatchObject({ code: 'ERR_LEASE_LOST' });
    expect(open()).toEqual([]);
  });
});

describe('an error of destroy', () => {
  it.each([
    [
      'thrown',
      () => {
        throw new Error('broken');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('broken'))],
  ])('is reported and fails nothing: %s', async (_how, destroy) => {
    const world = poolWorld();
    const reports: string[] = [];
    const { options } = connections({
      maxIdle: 0,
      destroy,
      onDestroyError(error, resource) {
        reports.push(`${resource}: ${String(error)}`);
        throw new Error('a broken reporter');
      },
    });
    const pool = world.pool(options);
    expect(await world.settle(pool.run(({ resource }) => resource, { only: ['a'] }))).toBe('a');
    expect(reports).toEqual(['a: Error: broken']);
    expect(world.names()).toEqual(['resources']);
    const quiet = world.pool({ ...options, onDestroyError: undefined });
    await world.settle(quiet.run(() => {}));
    await quiet.close();
  });
});
