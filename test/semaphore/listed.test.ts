import { describe, expect, it } from 'vitest';
import { GcsLocks } from '../../src/factory/factory.ts';
import type { ListedLock } from '../../src/factory/listed.ts';
import { put } from '../faults/calls.ts';
import { LEFT_BEHIND } from '../left-behind.ts';
import { NAME, semaphoreWorld, type SemaphoreWorld } from './world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** All locks of the bucket, as a process of its own sees them. */
function locksOf(world: SemaphoreWorld): GcsLocks {
  return new GcsLocks('gs://memory', { apiEndpoint: 'http://127.0.0.1:4443' }, world.process().components);
}

async function listed(world: SemaphoreWorld): Promise<ListedLock[]> {
  const found: ListedLock[] = [];
  const all = async (): Promise<void> => {
    for await (const lock of locksOf(world).list()) found.push(lock);
  };
  await world.settle(all());
  return found;
}

/** Puts a permit's or a lock's record there, as a holder that is dead has left it. */
function plant(world: SemaphoreWorld, name: string): Promise<void> {
  return put(world, { metadata: LEFT_BEHIND }, name);
}

function plantPermits(world: SemaphoreWorld, name: string, permits: number): Promise<void> {
  const metadata = { schema: 'gcs-mutex-semaphore/1', writes: 'e'.repeat(32), permits: String(permits) };
  return put(world, { metadata }, `${name}/permits`);
}

const namesOf = (locks: readonly ListedLock[]): string[] => locks.map(({ kind, name }) => `${kind} ${name}`);

describe('a semaphore in a list of locks', () => {
  it('is one entry, with its status', async () => {
    const world = semaphoreWorld();
    const lease = await world.settle(world.semaphore({ permits: 4, holder: 'me' }).acquire());
    await plant(world, `${NAME}/slot-0003`);
    const [semaphore, ...others] = await listed(world);
    expect(others).toEqual([]);
    expect(semaphore).toMatchObject({
      kind: 'semaphore',
      url: 'gs://memory/limits/reports',
      name: 'limits/reports',
      untouchedForMs: 0,
      status: await world.settle(world.semaphore().status()),
    });
    expect(semaphore).toMatchObject({ status: { permits: 4, held: lease.slots[0]?.endsWith('3') ? 1 : 2 } });
  });

  it('stands apart from locks beside it, below it, and from semaphores within', async () => {
    const world = semaphoreWorld();
    await plant(world, 'a');
    await plantPermits(world, 'a', 3);
    await plant(world, 'a/b');
    await plantPermits(world, 'a/q', 2);
    for (const name of ['a/q/slot-0001', 'a/slot-0000', 'a/slot-0002', 'a/slot-1', 'b/slot-0000', 'permits'])
      await plant(world, name);
    await put(world, {}, 'c/permits');
    await put(world, { metadata: { schema: 'gcs-mutex-semaphore/2' } }, 'd/permits');
    const found = await listed(world);
    expect(namesOf(found)).toEqual([
      'held a',
      'held a/b',
      'semaphore a/q',
      'held a/slot-1',
      'semaphore a',
      'held b/slot-0000',
      'newer d/permits',
      'held permits',
    ]);
    const held = found.map((lock) => (lock.kind === 'semaphore' ? lock.status.held : undefined));
    expect([held[2], held[4]]).toEqual([1, 2]);
  });

  it('is found whole where its slots are on several pages', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, 'many', 300);
    for (let slot = 0; slot < 260; slot += 1)
      await plant(world, `many/slot-${String(slot).padStart(4, '0')}`);
    world.asked();
    const [semaphore] = await listed(world);
    expect(world.asked()).toHaveLength(2);
    expect(semaphore).toMatchObject({ status: { permits: 300, held: 260, free: 40, available: 40 } });
  });
});

describe('cleaning', () => {
  it('removes what dead holders left, and the number once nobody has used it for a day', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, NAME, 3);
    await world.clock.advance(HOUR);
    for (const slot of ['slot-0000', 'slot-0002', 'slot-0007']) await plant(world, `${NAME}/${slot}`);
    await world.clock.advance(DAY - HOUR);
    expect(await world.settle(locksOf(world).clean())).toEqual([]);
    await world.clock.advance(HOUR + 62_000);
    const would = await world.settle(locksOf(world).clean({ dryRun: true }));
    expect(world.names()).toHaveLength(4);
    const removed = await world.settle(locksOf(world).clean());
    expect(namesOf(removed)).toEqual([
      `held ${NAME}/slot-0000`,
      `held ${NAME}/slot-0002`,
      `held ${NAME}/slot-0007`,
      `semaphore ${NAME}`,
    ]);
    expect(namesOf(would)).toEqual(namesOf(removed));
    expect(world.names()).toEqual([]);
    const guards = world.emulator.requests.mutations().slice(-4);
    for (const { method, query } of guards) {
      expect([method, query['ifGenerationMatch'], query['ifMetagenerationMatch']]).toEqual([
        'DELETE',
        expect.stringMatching(/^\d+$/),
        '1',
      ]);
    }
  });

  it('leaves the number while anybody holds, whatever it is', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, NAME, 3);
    await world.clock.advance(2 * DAY);
    await put(world, { metadata: { schema: 'gcs-mutex/2' } }, `${NAME}/slot-0001`);
    expect(await world.settle(locksOf(world).clean())).toEqual([]);
    await plantPermits(world, 'other', 3);
    await put(world, {}, 'other/slot-0000');
    await world.clock.advance(2 * DAY);
    expect(await world.settle(locksOf(world).clean())).toEqual([]);
    expect(world.emulator.objects(world.bucket)).toHaveLength(4);
  });

  it('leaves the number of a semaphore that is used twice a day', async () => {
    const world = semaphoreWorld();
    const semaphore = world.semaphore({ permits: 2 });
    for (let hour = 0; hour < 60; hour += 11) {
      await world.settle(semaphore.run(() => hour));
      await world.clock.advance(11 * HOUR);
      expect(await world.settle(locksOf(world).clean())).toEqual([]);
    }
    await world.clock.advance(DAY);
    expect(namesOf(await world.settle(locksOf(world).clean()))).toEqual([`semaphore ${NAME}`]);
    await expect(world.settle(world.semaphore().acquire())).rejects.toMatchObject({
      code: 'ERR_PERMITS_UNKNOWN',
    });
    expect(await world.settle(semaphore.run(() => 7))).toBe(7);
  });

  it('leaves a number alone that was touched after it was listed', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, NAME, 3);
    await world.clock.advance(2 * DAY);
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.get' },
      do: { kind: 'delay', ms: 1_000 },
    });
    const cleaning = locksOf(world).clean();
    await world.clock.advance(500);
    await plantPermits(world, NAME, 4);
    expect(await world.settle(cleaning)).toEqual([]);
    expect(await world.settle(world.semaphore().permits())).toBe(4);
  });

  it('says that the number was removed where the answer to that was lost', async () => {
    const world = semaphoreWorld();
    await plantPermits(world, NAME, 3);
    await world.clock.advance(2 * DAY);
    world.emulator.faults.add({
      when: 'after',
      match: { operation: 'objects.delete' },
      do: { kind: 'reset' },
    });
    expect(namesOf(await world.settle(locksOf(world).clean()))).toEqual([`semaphore ${NAME}`]);
    expect(world.names()).toEqual([]);
  });
});
