import { describe, expect, it } from 'vitest';
import { GcsLocks } from '../../src/factory/factory.ts';
import type { ListedLock } from '../../src/factory/listed.ts';
import { documentCodec } from '../../src/protocol/document-record.ts';
import { RATE_LIMITER, type RateValue } from '../../src/protocol/rate-record.ts';
import { createMemoryBucket } from '../../src/testing/index.ts';
import { put } from '../faults/calls.ts';
import { settle } from '../settle.ts';

const HOUR = 3_600_000;
const RATE = { limit: 10, windowMs: HOUR };

const RATE_CODEC = documentCodec(RATE_LIMITER);
/** Of a process that made the object. */
const SHARE = { id: 'a'.repeat(16), count: 5, wanted: 5, needed: 1, stampMs: 0, ttlMs: 15_000 };

/** A folder on a bucket that replays no answer, seen by one process. */
function folder() {
  const world = createMemoryBucket({ idempotencyReplayMs: 0 });
  const locksOf = (): GcsLocks =>
    new GcsLocks('gs://memory/jobs', { apiEndpoint: 'http://127.0.0.1:4443' }, world.process().components);
  const names = (): string[] => world.emulator.objects(world.bucket).map(({ name }) => name);
  const take = (name: string, count = 1): Promise<void> =>
    settle(
      world,
      locksOf()
        .rateLimiter(name, { ...RATE, once: true })
        .take(count),
    );
  return { ...world, locks: locksOf(), locksOf, names, take };
}

type Folder = ReturnType<typeof folder>;

async function listed({ locks }: Folder): Promise<ListedLock[]> {
  const found: ListedLock[] = [];
  for await (const lock of locks.list()) found.push(lock);
  return found;
}

describe('a factory', () => {
  it('lists rate limiters beside its locks, with what is left of them', async () => {
    const world = folder();
    await using _lease = await world.locks.mutex('a').acquire();
    await world.take('b', 3);
    await put(world, { metadata: { schema: 'gcs-mutex-rate/2' } }, 'jobs/c');
    const [, limiter, newer, ...more] = await listed(world);
    expect(limiter).toMatchObject({
      url: 'gs://memory/jobs/b',
      name: 'b',
      kind: 'rate-limiter',
      staleForMs: 0,
      status: { ...RATE, spent: 3, available: 7, processes: [], version: { metageneration: '1' } },
    });
    expect(newer).toMatchObject({ name: 'c', kind: 'newer', schema: 'gcs-mutex-rate/2' });
    expect(more).toEqual([]);
  });

  it('says when more is free of what was spent: after its time to be used, the window, and room for clocks', async () => {
    const world = folder();
    const takenAt = world.clock.wallMs();
    await world.take('b');
    const [limiter] = await listed(world);
    if (limiter?.kind !== 'rate-limiter') throw new Error(`it is ${limiter?.kind}`);
    const freeAt = (limiter.status.nextFreeAt?.getTime() ?? 0) - takenAt;
    expect(freeAt).toBe(15_000 + HOUR + 2_000);
    await world.clock.advance(freeAt - 1_000);
    expect(await listed(world)).toMatchObject([{ status: { available: 9 } }]);
    await world.clock.advance(1_000);
    expect(await listed(world)).toMatchObject([{ status: { available: 10, nextFreeAt: undefined } }]);
  });

  it('cleans away a limiter of which nothing has counted for a day, and none before', async () => {
    const world = folder();
    await world.take('old');
    await world.clock.advance(HOUR + 17_000 + 24 * HOUR - 1_000);
    expect(await world.locks.clean()).toEqual([]);
    await world.take('fresh');
    await world.clock.advance(1_000);
    expect(await world.locks.clean({ dryRun: true })).toMatchObject([{ name: 'old', kind: 'rate-limiter' }]);
    expect(world.names()).toEqual(['jobs/fresh', 'jobs/old']);
    expect(await world.locks.clean()).toMatchObject([{ name: 'old', kind: 'rate-limiter' }]);
    expect(world.names()).toEqual(['jobs/fresh']);
  });

  it.each<[string, Partial<RateValue>, number]>([
    ['a share of a process, dead or alive', { shares: [SHARE] }, 15_000 + HOUR + 2_000],
    ['a process in line', { shares: [{ ...SHARE, count: 0 }] }, 15_000],
    ['what was spent', { spent: [{ count: 1, untilMs: 5_000 }] }, 5_000 + HOUR + 2_000],
    ['nothing', {}, 0],
  ])('removes it no sooner than safe, however little is asked for: %s', async (_what, value, safeMs) => {
    const world = folder();
    const whole = { ...RATE, shares: [], spent: [], ...value };
    const writeIds = ['e'.repeat(32)];
    await put(world, { metadata: RATE_CODEC.encode({ value: whole, writeIds }) }, 'jobs/it');
    if (safeMs > 0) {
      await world.clock.advance(safeMs - 1);
      expect(await world.locks.clean({ staleForMs: 0 })).toEqual([]);
      await world.clock.advance(1);
    }
    expect(await world.locks.clean({ staleForMs: 0 })).toHaveLength(1);
    expect(world.names()).toEqual([]);
  });

  it('never lets more through by cleaning than the limit, however often it cleans', async () => {
    const world = folder();
    const takenMs: number[] = [];
    for (let step = 0; step < 200; step += 1) {
      await settle(world, world.locks.clean({ staleForMs: 0 }));
      const limiter = world.locksOf().rateLimiter('busy', { limit: 2, windowMs: 60_000, once: true });
      if ((await settle(world, limiter.tryTake(2))).ok) takenMs.push(world.clock.passedMs);
      await world.clock.advance(1_700);
    }
    const gaps = takenMs.slice(1).map((ms, index) => ms - (takenMs[index] ?? 0));
    expect(takenMs.length).toBeGreaterThan(4);
    expect(Math.min(...gaps)).toBeGreaterThan(60_000);
    const removals = world.emulator.requests.all().filter(({ method }) => method === 'DELETE');
    expect(removals).toHaveLength(takenMs.length - 1);
  });

  it('removes no limiter from which somebody took after it was listed', async () => {
    for (const operation of ['objects.get', 'objects.delete'] as const) {
      const world = folder();
      await world.take('old');
      await world.clock.advance(26 * HOUR);
      // Before it is looked at again, and between that look and the removal.
      const slow = { when: 'before', match: { operation }, do: { kind: 'hold' } } as const;
      const held = world.emulator.faults.add(slow);
      const cleaned = world.locks.clean();
      await held.strikes();
      await world.take('old');
      held.release();
      expect(await settle(world, cleaned)).toEqual([]);
      expect(world.names()).toEqual(['jobs/old']);
    }
  });
});
