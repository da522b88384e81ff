import { describe, expect, it } from 'vitest';
import { ResourcesMismatchError, ResourcesUnknownError } from '../../src/pool/pool-errors.ts';
import { poolWorld, type PoolWorld } from './world.ts';

const RESET = { kind: 'reset' } as const;
const DOCUMENT = { object: /resources$/, method: ['POST', 'PATCH'] } as const;

async function failed(world: PoolWorld, work: Promise<unknown>): Promise<unknown> {
  return world.settle(work.catch((reason: unknown) => reason));
}

describe('the names of a pool', () => {
  it('are those that were stored first, in whatever order others give them', async () => {
    const world = poolWorld();
    await world.settle(world.pool({ resources: ['a', 'b'] }).acquire({ only: ['a'] }));
    expect((await world.settle(world.pool({ resources: ['b', 'a'] }).acquire())).resource).toBe('b');
    expect(world.stored()).toBe('["a","b"]');
  });

  it('are stored by one of several who come first at one moment', async () => {
    const world = poolWorld();
    const acquisitions = Array.from({ length: 3 }, () =>
      world.pool({ resources: ['a', 'b', 'c'] }).acquire(),
    );
    const held = await world.settle(Promise.all(acquisitions));
    expect(new Set(held.map(({ resource }) => resource)).size).toBe(3);
    expect(world.asked().filter((line) => line.startsWith('POST 200 resources'))).toHaveLength(1);
  });

  it('refuse whoever gives others, and say what the difference is', async () => {
    const world = poolWorld();
    await world.settle(world.pool({ resources: ['a', 'b'] }).acquire());
    const other = world.pool({ resources: ['b', 'c'] });
    for (const call of [() => other.acquire(), () => other.tryAcquire(), () => other.status()]) {
      const error = await failed(world, call());
      expect(error).toBeInstanceOf(ResourcesMismatchError);
      expect(error).toMatchObject({ stored: ['a', 'b'], given: ['b', 'c'], code: 'ERR_RESOURCES_MISMATCH' });
      expect(String(error)).toContain('does not have "c" and has "a" besides');
    }
  });

  it('that nobody has said are asked for', async () => {
    const world = poolWorld();
    for (const call of [
      () => world.pool().acquire(),
      () => world.pool().status(),
      () => world.pool().remove(['a']),
    ])
      expect(await failed(world, call())).toBeInstanceOf(ResourcesUnknownError);
    expect(await world.settle(world.pool().add(['a']))).toEqual(['a']);
    expect((await world.settle(world.pool().acquire())).resource).toBe('a');
  });

  it('are written once more where they are in use, twice a day', async () => {
    const world = poolWorld();
    const pool = world.pool({ resources: ['a'] });
    await world.settle(pool.run(() => {}));
    await world.clock.advance(11 * 3_600_000);
    await world.settle(pool.run(() => {}));
    world.asked();
    await world.clock.advance(2 * 3_600_000);
    await world.settle(pool.run(() => {}));
    expect(world.asked().filter((line) => line === 'PATCH 200 resources')).toHaveLength(1);
  });
});

describe('adding', () => {
  it('lets those who wait have the new resource', async () => {
    const world = poolWorld();
    await world.settle(world.pool({ resources: ['a'] }).acquire());
    const waiting = world.pool().acquire();
    await world.clock.advance(1_000);
    expect(await world.settle(world.pool().add(['b', 'a']))).toEqual(['a', 'b']);
    expect((await world.settle(waiting)).resource).toBe('b');
  });

  it('changes what the same object expects, and what is given first counts with it', async () => {
    const world = poolWorld();
    const pool = world.pool({ resources: ['a'] });
    expect(await world.settle(pool.add(['b']))).toEqual(['a', 'b']);
    await world.settle(pool.remove(['a']));
    expect((await pool.status()).resources.map(({ resource }) => resource)).toEqual(['b']);
    expect(await failed(world, world.pool({ resources: ['a'] }).status())).toBeInstanceOf(
      ResourcesMismatchError,
    );
  });

  it('of more than fits into one object is refused, and changes nothing', async () => {
    const world = poolWorld();
    const many = (letter: string): string[] =>
      Array.from({ length: 300 }, (_, index) => `${letter}-resource-${index}`);
    await world.settle(world.pool().add(many('a')));
    const before = world.stored();
    const error = await failed(world, world.pool().add(many('b').slice(0, 280)));
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect(String(error)).toContain('580 names');
    expect(world.stored()).toBe(before);
  });

  it.each(['before', 'after'] as const)(
    'happens once where the answer was lost %s it was done',
    async (when) => {
      const world = poolWorld();
      await world.settle(world.pool().add(['a']));
      world.emulator.faults.add({ when, match: DOCUMENT, do: RESET });
      expect(await world.settle(world.pool().add(['b']))).toEqual(['a', 'b']);
      world.emulator.faults.add({ when, match: DOCUMENT, do: RESET });
      expect(await world.settle(world.pool().remove(['a']))).toEqual([]);
      expect(world.stored()).toBe('["b"]');
    },
  );

  it('by several at one moment adds all', async () => {
    const world = poolWorld({ mutationsPerSecond: 1, mutationBurst: 1 });
    const names = ['a', 'b', 'c', 'd'];
    await world.settle(Promise.all(names.map((name) => world.pool().add([name]))));
    const { resources } = await world.pool().status();
    expect(new Set(resources.map(({ resource }) => resource))).toEqual(new Set(names));
  });

  it('is not undone by a removal from before that arrives late', async () => {
    const world = poolWorld();
    await world.settle(world.pool({ resources: ['a', 'b'] }).acquire({ only: ['b'] }));
    const held = world.emulator.faults.add({ when: 'before', match: DOCUMENT, do: { kind: 'hold' } });
    const controller = new AbortController();
    const removing = world.pool().remove(['a'], { signal: controller.signal });
    await world.clock.advance(0);
    controller.abort(new Error('enough'));
    await expect(removing).rejects.toThrow('enough');
    await world.settle(world.pool().add(['a']));
    held.release();
    await world.clock.advance(0);
    expect(held.struck[0]?.status).toBe(412);
    expect(world.stored()).toBe('["a","b"]');
  });
});

describe('removing', () => {
  it('leaves a resource with its holder, says so, and gives it to nobody afterwards', async () => {
    const world = poolWorld();
    const held = await world.settle(world.pool({ resources: ['a', 'b', 'c'] }).acquire({ only: ['a'] }));
    expect(await world.settle(world.pool().remove(['a', 'b']))).toEqual(['a']);
    expect(held.lease.isHeld).toBe(true);
    await world.settle(held.refresh());
    const pool = world.pool();
    expect((await pool.status()).resources).toMatchObject([
      { resource: 'c', state: 'free', isMember: true },
      { resource: 'a', state: 'held', isMember: false, holder: { leaseId: held.lease.leaseId } },
    ]);
    expect(await world.settle(held.release())).toBe(true);
    const last = await world.settle(pool.acquire());
    expect(last.resource).toBe('c');
    expect(await world.settle(pool.tryAcquire())).toBeUndefined();
    expect((await pool.status()).resources).toMatchObject([{ resource: 'c', state: 'held' }]);
  });

  it('keeps a resource that is added again while it is held from everybody else', async () => {
    const world = poolWorld();
    const held = await world.settle(world.pool({ resources: ['a'] }).acquire());
    await world.settle(world.pool().remove(['a']));
    await world.settle(world.pool().add(['a']));
    expect(await world.settle(world.pool().tryAcquire())).toBeUndefined();
    await held.release();
    expect((await world.settle(world.pool().acquire())).resource).toBe('a');
  });

  it('of all resources lets everybody wait for another', async () => {
    const world = poolWorld();
    await world.settle(world.pool({ resources: ['a'] }).run(() => {}));
    await world.settle(world.pool().remove(['a']));
    expect(await world.settle(world.pool().tryAcquire())).toBeUndefined();
    const waiting = world.pool().acquire();
    await world.clock.advance(3_000);
    await world.settle(world.pool().add(['b']));
    expect((await world.settle(waiting)).resource).toBe('b');
  });

  it('comes before an acquisition that has listed, and not yet taken: it gives the resource back', async () => {
    const world = poolWorld();
    await world.settle(world.pool({ resources: ['a', 'b'] }).acquire({ only: ['b'] }));
    const match = { object: /use-a$/, method: 'POST' } as const;
    const slow = world.emulator.faults.add({ when: 'before', match, do: { kind: 'hold' } });
    const acquiring = world.pool().tryAcquire();
    await world.clock.advance(0);
    expect(slow.struck).toHaveLength(1);
    // Nobody holds it at this moment: whoever removes it may think that it is out of use.
    expect(await world.settle(world.pool().remove(['a']))).toEqual([]);
    slow.release();
    expect(await world.settle(acquiring)).toBeUndefined();
    expect(world.names()).toEqual(['resources', 'use-b']);
  });
});
