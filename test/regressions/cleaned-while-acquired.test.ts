import { describe, expect, it } from 'vitest';
import type { FaultMatch, ScriptedFault } from '../../emulator/index.ts';
import { GcsLocks } from '../../src/factory/factory.ts';
import { createMemoryBucket, type MemoryBucket } from '../../src/testing/index.ts';
import { settle } from '../settle.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PATIENCE_MS = 30_000;

/** A semaphore and a pool as the tests below use them: what is stored, and what is held. */
interface Used {
  readonly document: string;
  /** Acquires, going by what is stored or giving what is stored at first. */
  readonly acquire: (world: MemoryBucket, given: boolean) => Promise<{ release(): Promise<boolean> }>;
  /** Acquires, giving something else. */
  readonly acquireOther: (world: MemoryBucket) => Promise<unknown>;
  readonly mismatch: string;
}

const USED: Readonly<Record<string, Used>> = {
  semaphore: {
    document: 'limits/one/permits',
    acquire: (world, given) =>
      world
        .process()
        .semaphore('limits/one', given ? { permits: 2 } : {})
        .acquire({ timeoutMs: PATIENCE_MS }),
    acquireOther: (world) => world.process().semaphore('limits/one', { permits: 5 }).acquire(),
    mismatch: 'ERR_PERMITS_MISMATCH',
  },
  pool: {
    document: 'limits/one/resources',
    acquire: (world, given) =>
      world
        .process()
        .pool('limits/one', given ? { resources: ['a', 'b'] } : {})
        .acquire({ timeoutMs: PATIENCE_MS }),
    acquireOther: (world) =>
      world
        .process()
        .pool('limits/one', { resources: ['c'] })
        .acquire(),
    mismatch: 'ERR_RESOURCES_MISMATCH',
  },
};

function clean(world: MemoryBucket, staleForMs?: number): Promise<string[]> {
  const options = { apiEndpoint: 'http://127.0.0.1:4443' };
  const locks = new GcsLocks('gs://memory', options, world.process().components);
  return locks.clean({ staleForMs }).then((removed) => removed.map(({ kind }) => kind));
}

function hold({ emulator }: MemoryBucket, match: FaultMatch): ScriptedFault {
  return emulator.faults.add({ when: 'before', match, do: { kind: 'hold' } });
}

describe.each(Object.keys(USED))('a %s that is acquired while it is cleaned', (kind) => {
  const { document, acquire, acquireOther, mismatch } = USED[kind] ?? expect.unreachable();

  /** One that was used, and then not for a while. */
  async function unusedFor(ms: number): Promise<MemoryBucket> {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    await (await settle(world, acquire(world, true))).release();
    await world.clock.advance(ms);
    return world;
  }

  async function expectStored(world: MemoryBucket): Promise<void> {
    expect(world.emulator.object(world.bucket, document)).toBeDefined();
    await expect(settle(world, acquireOther(world))).rejects.toMatchObject({ code: mismatch });
  }

  it.each([0, HOUR, 13 * HOUR])(
    'keeps what it has stored where that is younger than a day: %i ms',
    async (age) => {
      const world = await unusedFor(age);
      const lateDelete = hold(world, { method: 'DELETE', object: document });
      const cleaning = clean(world, 0);
      await world.clock.advance(0);
      await settle(world, acquire(world, false));
      lateDelete.release();
      expect(await settle(world, cleaning)).toEqual([]);
      await expectStored(world);
    },
  );

  it('keeps it however old it is, where it is stored again before the removal arrives', async () => {
    const world = await unusedFor(2 * DAY);
    const lateDelete = hold(world, { method: 'DELETE', object: document });
    const cleaning = clean(world);
    await lateDelete.strikes();
    await settle(world, acquire(world, false));
    lateDelete.release();
    expect(await settle(world, cleaning)).toEqual([]);
    await expectStored(world);
  });

  it.each([true, false])(
    'stores it anew where it was removed after it was listed, given: %s',
    async (given) => {
      const world = await unusedFor(2 * DAY);
      const lateTouch = hold(world, { method: 'PATCH', object: document });
      const acquiring = acquire(world, given);
      await lateTouch.strikes();
      expect(await settle(world, clean(world))).toEqual([kind]);
      lateTouch.release();
      await settle(world, acquiring);
      await expectStored(world);
    },
  );

  it('takes nothing before it is stored again, however long the store is busy', async () => {
    const world = await unusedFor(2 * DAY);
    const busy = world.emulator.faults.add({
      when: 'before',
      match: { method: 'PATCH' },
      do: { kind: 'status', status: 429 },
      times: Infinity,
    });
    const acquiring = acquire(world, false);
    await world.clock.advance(20_000);
    expect(busy.struck.length).toBeGreaterThan(3);
    expect(world.emulator.objects(world.bucket)).toHaveLength(1);
    busy.remove();
    const lease = await settle(world, acquiring);
    expect(await lease.release()).toBe(true);
    await expectStored(world);
  });

  it.each([0, 2 * DAY])('waits in vain where the store never takes it, and says why: %i ms', async (age) => {
    const world = age === 0 ? createMemoryBucket() : await unusedFor(age);
    const failing = { kind: 'status', status: 503 } as const;
    const match = { object: document, method: ['POST', 'PATCH'] };
    world.emulator.faults.add({ when: 'before', match, do: failing, times: Infinity });
    await expect(settle(world, acquire(world, true))).rejects.toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      cause: { code: 'ERR_STORE_UNAVAILABLE', status: 503 },
    });
    const left = world.emulator.objects(world.bucket).map(({ name }) => name);
    expect(left).toEqual(age === 0 ? [] : [document]);
  });
});

it.each(['add', 'remove'] as const)(
  'names that are cleaned away while somebody calls %s are kept',
  async (how) => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    await settle(world, world.process().pool('one').add(['a', 'b']));
    await world.clock.advance(2 * DAY);
    const late = hold(world, { method: 'PATCH', object: 'one/resources' });
    const pool = world.process().pool('one');
    const changing: Promise<unknown> = how === 'add' ? pool.add(['c']) : pool.remove(['b']);
    await late.strikes();
    expect(await settle(world, clean(world))).toEqual(['pool']);
    late.release();
    await settle(world, changing);
    const { resources } = await settle(world, pool.status());
    expect(resources.map(({ resource }) => resource)).toEqual(how === 'add' ? ['a', 'b', 'c'] : ['a']);
  },
);
