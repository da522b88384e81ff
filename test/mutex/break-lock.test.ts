import { describe, expect, it } from 'vitest';
import { edit, plant, remove, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

describe('breakLock', () => {
  it('removes the lock that was looked at', async () => {
    const world = manualWorld();
    await plant(world);
    const mutex = world.process().mutex();
    const status = await world.settle(mutex.status());
    const ifVersion = status?.version ?? { generation: '1', metageneration: '1' };
    expect(await world.settle(mutex.breakLock({ ifVersion }))).toBe(true);
    expect(world.object()).toBeUndefined();
  });

  it('removes nothing that has changed since it was looked at', async () => {
    const world = manualWorld();
    await plant(world);
    const mutex = world.process().mutex();
    const status = await world.settle(mutex.status());
    await edit(world, { note: 'a refresh would do the same' });
    const ifVersion = status?.version ?? { generation: '1', metageneration: '1' };
    expect(await world.settle(mutex.breakLock({ ifVersion }))).toBe(false);
    expect(world.object()).toBeDefined();
  });

  it('is false where there is no lock', async () => {
    const world = manualWorld();
    expect(await world.settle(world.process().mutex().breakLock())).toBe(false);
    expect(world.emulator.requests.mutations()).toEqual([]);
  });

  it('is false where the lock is free already', async () => {
    const world = manualWorld();
    await plant(world, { state: 'free', counter: '7' });
    const before = world.object();
    expect(await world.settle(world.process().mutex().breakLock())).toBe(false);
    expect(world.object()).toEqual(before);
  });

  it('frees a lock with a fencing counter in place, so that the counter outlives it', async () => {
    const world = manualWorld();
    await plant(world, { counter: '7' });
    expect(await world.settle(world.process().mutex().breakLock())).toBe(true);
    expect(world.object()?.metadata).toMatchObject({ state: 'free', counter: '7' });
  });

  it('is refused by a change that comes between its read and its delete', async () => {
    const world = manualWorld();
    await plant(world);
    const script = strike(world, 'D', { when: 'before', do: { kind: 'hold' } });
    const breaking = world.process().mutex().breakLock();
    await world.until('the delete is under way', () => script.struck.length === 1);
    await edit(world, { note: 'moved' });
    script.release();
    expect(await world.settle(breaking)).toBe(false);
    expect(world.object()).toBeDefined();
  });

  for (const counter of [undefined, '7']) {
    const kind = counter === undefined ? 'a delete' : 'a free-patch';
    const call = counter === undefined ? 'D' : 'R';
    const record = counter === undefined ? {} : { counter };

    it(`is true where the answer to ${kind} that was applied is lost`, async () => {
      const world = manualWorld();
      await plant(world, record);
      strike(world, call, { when: 'after', do: { kind: 'reset' } });
      expect(await world.settle(world.process().mutex().breakLock())).toBe(true);
    });

    it(`is false where ${kind} without an answer was not applied and the lock was refreshed since`, async () => {
      const world = manualWorld();
      await plant(world, record);
      const script = strike(world, call, { when: 'before', do: { kind: 'reset' } });
      const breaking = world.process().mutex().breakLock();
      await world.until('it was sent', () => script.struck.length === 1);
      await edit(world, { 'refresh-count': '1' });
      expect(await world.settle(breaking)).toBe(false);
      expect(world.object()?.metadata?.['state']).toBe('held');
    });
  }

  it('is true where a delete without an answer is followed by somebody else, since the lock is gone', async () => {
    const world = manualWorld();
    await plant(world);
    const script = strike(world, 'D', { when: 'after', do: { kind: 'reset' } });
    const breaking = world.process().mutex().breakLock();
    await world.until('it was sent', () => script.struck.length === 1);
    const next = await world.settle(world.process().mutex().acquire());
    expect(await world.settle(breaking)).toBe(true);
    expect(world.object()?.metadata?.['lease-id']).toBe(next.leaseId);
  });

  it('makes the holder lose the lease at its next refresh', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    expect(await world.settle(world.process().mutex().breakLock())).toBe(true);
    await world.until('the lease is lost', () => lease.signal.aborted);
    expect(lease.lossError?.reason).toBe('deleted');
  });

  it('rejects when the store gives no answer in time, and with the reason of an abort', async () => {
    const world = manualWorld();
    await plant(world);
    strike(world, 'D', { when: 'before', do: { kind: 'stall' } }, 100);
    const mutex = world.process().mutex();
    await expect(world.settle(mutex.breakLock())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    const controller = new AbortController();
    const breaking = mutex.breakLock({ signal: controller.signal }).catch((reason: unknown) => reason);
    await world.advance(100);
    controller.abort('enough');
    expect(await breaking).toBe('enough');
    await remove(world);
    await world.end();
  });
});
