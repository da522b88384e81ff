import { describe, expect, it } from 'vitest';
import { GcsLocks } from '../../src/factory/factory.ts';
import type { ListedLock } from '../../src/factory/listed.ts';
import { put } from '../faults/calls.ts';
import { NAME, poolWorld, type PoolWorld } from './world.ts';

const HOUR = 3_600_000;

function locksOf(world: PoolWorld): GcsLocks {
  return new GcsLocks('gs://memory', { apiEndpoint: 'http://127.0.0.1:4443' }, world.process().components);
}

async function listed(world: PoolWorld): Promise<ListedLock[]> {
  const found: ListedLock[] = [];
  const all = async (): Promise<void> => {
    for await (const lock of locksOf(world).list()) found.push(lock);
  };
  await world.settle(all());
  return found;
}

const namesOf = (locks: readonly ListedLock[]): string[] => locks.map(({ kind, name }) => `${kind} ${name}`);

describe('a factory', () => {
  it('makes pools below its prefix, with its defaults', async () => {
    const world = poolWorld();
    const defaults = { apiEndpoint: 'http://127.0.0.1:4443', ttlMs: 20_000 };
    const locks = new GcsLocks('gs://memory/pools', defaults, world.process().components);
    const pool = locks.pool('accounts', { resources: ['a'], create: (account) => `session of ${account}` });
    expect([pool.url, pool.timing.ttlMs]).toEqual([`gs://memory/${NAME}`, 20_000]);
    expect(await world.settle(pool.run(({ value }) => value))).toBe('session of a');
    expect(() => locks.pool('')).toThrow('name must be at least one character long');
  });

  it('lists a pool as one entry, with its status, beside what else there is', async () => {
    const world = poolWorld();
    const held = await world.settle(
      world.pool({ resources: ['a', 'b/c'], holder: 'me' }).acquire({ only: ['b/c'] }),
    );
    await world.plant('gone');
    await put(world, { metadata: { schema: 'gcs-mutex-pool/2' } }, 'later/resources');
    await put(world, { metadata: { schema: 'gcs-mutex/1', state: 'free', counter: '1' } }, `${NAME}/other`);
    await world.settle(world.process().semaphore('pools/s', { permits: 2 }).acquire());
    const found = await listed(world);
    expect(namesOf(found)).toEqual(['newer later/resources', `pool ${NAME}`, 'semaphore pools/s']);
    expect(found[1]).toMatchObject({
      url: `gs://memory/${NAME}`,
      untouchedForMs: 0,
      status: {
        counts: { free: 1, held: 2, stale: 0, unusable: 0 },
        resources: [
          { resource: 'a', state: 'free' },
          { resource: 'b/c', state: 'held', holder: { holder: 'me', leaseId: held.lease.leaseId } },
          { resource: 'gone', isMember: false },
        ],
      },
    });
  });

  it('cleans away what dead holders left, and the names once nobody has used them for a day', async () => {
    const world = poolWorld();
    await world.settle(world.pool().add(['a', 'b']));
    await world.clock.advance(HOUR);
    await world.plant('b');
    await world.clock.advance(23 * HOUR);
    expect(await world.settle(locksOf(world).clean())).toEqual([]);
    await world.clock.advance(HOUR + 62_000);
    const would = await world.settle(locksOf(world).clean({ dryRun: true }));
    expect(world.names()).toEqual(['resources', 'use-b']);
    expect(namesOf(await world.settle(locksOf(world).clean()))).toEqual([
      `held ${NAME}/use-b`,
      `pool ${NAME}`,
    ]);
    expect(namesOf(would)).toEqual([`held ${NAME}/use-b`, `pool ${NAME}`]);
    expect(world.names()).toEqual([]);
  });

  it('leaves a pool alone that somebody uses, or that changes while it is cleaned', async () => {
    const world = poolWorld();
    await world.settle(world.pool().add(['a']));
    await world.clock.advance(25 * HOUR);
    const held = world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.delete' },
      do: { kind: 'hold' },
    });
    const cleaned = locksOf(world).clean();
    await held.strikes();
    await world.settle(world.pool().add(['b']));
    held.release();
    expect(await world.settle(cleaned)).toEqual([]);
    await world.clock.advance(25 * HOUR);
    await using _used = await world.settle(world.pool().acquire());
    expect(await world.settle(locksOf(world).clean({ staleForMs: 1 }))).toEqual([]);
  });
});
