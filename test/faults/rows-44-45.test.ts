import { describe, expect, it } from 'vitest';
import { ForeignObjectError } from '../../src/errors.ts';
import { edit, everyCall, expectLostAsEdited, plant, put, remove } from './calls.ts';
import { manualWorld } from './world.ts';

const FOREIGN = {
  'without metadata': {},
  'with the metadata of something else': { metadata: { owner: 'somebody' } },
  'with a record that does not parse': { metadata: { schema: 'gcs-mutex/1', state: 'held' } },
};

describe('a foreign object under the name', () => {
  for (const [kind, resource] of Object.entries(FOREIGN)) {
    it(`row 44: an object ${kind} is never touched, and every call says so`, async () => {
      const world = manualWorld();
      await put(world, resource);
      const before = world.object();
      await world.advance(10 * 86_400_000);
      const mutex = world.process().mutex();
      for (const call of everyCall(mutex)) {
        await expect(world.settle<unknown>(call())).rejects.toBeInstanceOf(ForeignObjectError);
      }
      expect(world.object()).toEqual(before);
      await world.end();
    });
  }

  it('row 44: a foreign object that replaces a held lock is neither refreshed nor deleted', async () => {
    const world = manualWorld();
    await expectLostAsEdited(world, () => put(world, {}));
  });

  it('row 44: a foreign object that replaces a stale lock between read and takeover is left alone', async () => {
    const world = manualWorld();
    await plant(world);
    await world.outlast(60_000);
    const late = world.emulator.faults.add({
      when: 'before',
      do: { kind: 'hold' },
      match: { operation: 'objects.insert', where: ({ query }) => query['ifGenerationMatch'] !== '0' },
    });
    const acquiring = world.process().mutex().acquire();
    const foreign = expect(acquiring).rejects.toBeInstanceOf(ForeignObjectError);
    await world.until('the takeover is under way', () => late.struck.length === 1);
    late.remove();
    await put(world, {});
    const before = world.object();
    late.release();
    await world.settle(foreign);
    expect(world.object()).toEqual(before);
    await world.end();
  });

  it('row 44: a record of a later version counts as held and is never taken over', async () => {
    const world = manualWorld();
    await put(world, { metadata: { schema: 'gcs-mutex/2', 'lease-id': 'x' } });
    const before = world.object();
    await world.advance(86_400_000);
    const mutex = world.process().mutex();
    expect(await world.settle(mutex.tryAcquire())).toBeUndefined();
    await expect(world.settle(mutex.acquire())).rejects.toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      message: expect.stringContaining('written by a newer version of gcs-mutex (gcs-mutex/2)'),
    });
    for (const call of [() => mutex.status(), () => mutex.breakLock()]) {
      await expect(world.settle<unknown>(call())).rejects.toMatchObject({
        code: 'ERR_NEWER_VERSION',
        schema: 'gcs-mutex/2',
        message: expect.stringContaining('update gcs-mutex'),
      });
    }
    expect(world.object()).toEqual(before);
    await world.end();
  });
});

describe('an admin at work on a held lock', () => {
  it('row 45: a lease whose object was deleted is lost at its next refresh, and its release is false', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    await remove(world);
    expect(lease.isHeld).toBe(true);
    await world.advance(20_000);
    expect(lease.isHeld).toBe(false);
    expect(lease.lossError?.reason).toBe('deleted');
    expect(await world.settle(lease.release())).toBe(false);
    await world.end();
  });

  it('row 45: a release that is the first to find the object deleted is false', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    await remove(world);
    expect(await world.settle(lease.release())).toBe(false);
    await world.end();
  });

  for (const change of [
    { 'ttl-ms': '1000' },
    { state: 'free' },
    { 'refresh-count': '900' },
    { 'lease-id': 'f'.repeat(32) },
  ]) {
    it(`row 45: a lease whose record now says ${JSON.stringify(change)} is lost at its next refresh`, async () => {
      const world = manualWorld();
      const player = world.process();
      const lease = await world.settle(player.mutex().acquire());
      await edit(world, change);
      await world.advance(20_000);
      expect(lease.isHeld).toBe(false);
      expect(player.events.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
      expect(await world.settle(lease.release())).toBe(false);
      await world.end();
    });
  }

  it('row 45: a lease whose other keys are edited all the time stays held, keeps the edits, and is released', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex({ metadata: { run: '7' } }).acquire());
    for (let round = 0; round < 5; round += 1) {
      await edit(world, { note: `edit ${round}` });
      await world.advance(20_000);
      expect(lease.isHeld).toBe(true);
    }
    expect(world.object()?.metadata).toMatchObject({ note: 'edit 4', 'user-run': '7' });
    expect(await world.settle(lease.release())).toBe(true);
    expect(player.events.filter(({ kind }) => kind === 'lost')).toEqual([]);
    await world.end();
  });

  it('row 45: an edit of other keys after the last refresh does not stand in the way of the release', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    await edit(world, { note: 'moved the metageneration' });
    expect(await world.settle(lease.release())).toBe(true);
    expect(world.object()).toBeUndefined();
    await world.end();
  });
});
