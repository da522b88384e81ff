import { describe, expect, it } from 'vitest';
import { LockMemory, ProcessMemory } from '../../src/memory.ts';
import type { ReadOutcome } from '../../src/protocol/outcome.ts';
import type { LockRecord } from '../../src/protocol/record.ts';
import { edit, plant, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

const RECORD: LockRecord = {
  state: 'held',
  leaseId: '0'.repeat(32),
  ttlMs: 60_000,
  refreshCount: 0,
  holder: '',
  metadata: {},
};

function found(changes: Partial<LockRecord> | 'foreign' = {}, metageneration = '1'): ReadOutcome {
  const content =
    changes === 'foreign'
      ? ({ kind: 'foreign', why: 'it is a picture' } as const)
      : ({ kind: 'record', record: { ...RECORD, ...changes } } as const);
  const version = { generation: '5', metageneration };
  return { kind: 'found', object: { version, content, updatedAt: 0, createdAt: 0 } };
}

const UNREADABLE: ReadOutcome = { kind: 'unreadable', failure: { kind: 'unavailable', detail: 'no answer' } };

describe('the memory of one lock', () => {
  it('knows since when a record has been unchanged, whatever others edit beside it', () => {
    const memory = new ProcessMemory().of('a lock');
    expect(memory.see(found(), 100).observedSinceMs).toBe(100);
    expect(memory.see(found({}, '2'), 200).observedSinceMs).toBe(100);
    expect(memory.see(UNREADABLE, 300)).toEqual({});
    expect(memory.see(found({}, '3'), 400).observedSinceMs).toBe(100);
  });

  it.each([
    ['the record is refreshed', found({ refreshCount: 1 })],
    ['the object is gone', { kind: 'absent' } as const],
    ['the object is no record', found('foreign')],
  ])('begins anew after a reading by which %s', (_what, between) => {
    const memory = new ProcessMemory().of('a lock');
    memory.see(found(), 100);
    memory.see(between, 200);
    expect(memory.see(found(), 300).observedSinceMs).toBe(300);
  });

  it('knows which lease ids are of acquisitions that are over, and forgets the oldest of very many', () => {
    const memory = new ProcessMemory().of('a lock');
    expect(memory.see(found(), 0).isOwnOrphan).toBe(false);
    memory.noteEnded(RECORD.leaseId);
    expect(memory.see(found(), 0).isOwnOrphan).toBe(true);
    for (let index = 0; index < 300; index += 1) memory.noteEnded(String(index));
    expect(memory.see(found(), 0).isOwnOrphan).toBe(false);
  });

  it('can be taken out as data, and goes on from there', () => {
    const memory = new LockMemory();
    memory.see(found(), 100);
    memory.noteEnded(RECORD.leaseId);
    const { remembered } = memory;
    memory.see(found({ refreshCount: 1 }), 200);
    expect(new LockMemory(remembered).see(found(), 300)).toEqual({ observedSinceMs: 100, isOwnOrphan: true });
  });
});

describe('the memory of a process', () => {
  it('is one for each lock', () => {
    const memory = new ProcessMemory();
    expect(memory.of('one')).toBe(memory.of('one'));
    expect(memory.of('one')).not.toBe(memory.of('other'));
  });

  it('keeps the locks that were used last', () => {
    const memory = new ProcessMemory();
    const [used, unused] = [memory.of('used'), memory.of('unused')];
    for (let index = 0; index < 9_999; index += 1) {
      memory.of(String(index));
      memory.of('used');
    }
    expect(memory.of('used')).toBe(used);
    expect(memory.of('unused')).not.toBe(unused);
  });
});

describe('a process that left a record behind', () => {
  it('takes it over at once where its release could not be confirmed', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const lease = await world.settle(mutex.acquire());
    const script = strike(world, 'D', { when: 'before', do: { kind: 'reset' } }, 1_000);
    await expect(world.settle(lease.release())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    script.remove();
    expect(await world.settle(world.process().mutex().tryAcquire())).toBeUndefined();
    const next = await world.settle(mutex.tryAcquire());
    expect(next?.isHeld).toBe(true);
    // The old lease is told that the lock is no longer its own, and leaves the new one alone.
    await world.settle(lease.release());
    expect(world.object()?.metadata?.['lease-id']).toBe(next?.leaseId);
    expect(await world.settle(next?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
    await world.end();
  });

  it('takes it over at once where its lease was lost in a silence of the store', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const lease = await world.settle(mutex.acquire());
    const silence = (['R', 'G'] as const).map((call) =>
      strike(world, call, { when: 'before', do: { kind: 'stall' } }, 1_000),
    );
    await world.until('it is lost', () => lease.signal.aborted);
    for (const script of silence) script.remove();
    expect(await world.settle(world.process().mutex().tryAcquire())).toBeUndefined();
    const next = await world.settle(mutex.tryAcquire());
    expect(next?.isHeld).toBe(true);
    expect(await world.settle(next?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
    await world.end();
  });

  it('takes it over at once where the network doubled a create after the release', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const lease = await world.settle(mutex.acquire());
    const create = world.emulator.requests.last();
    expect(await world.settle(lease.release())).toBe(true);
    if (create !== undefined) world.emulator.replay(create);
    expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
    const next = await world.settle(mutex.tryAcquire());
    expect(next?.isHeld).toBe(true);
    expect(await world.settle(next?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
  });

  it('does not take it over where it is still held by another lease of its own', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    const lease = await world.settle(mutex.acquire());
    expect(await world.settle(mutex.tryAcquire())).toBeUndefined();
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('counts what it has watched across calls, so that tryAcquire finds a dead holder by observation alone', async () => {
    const world = manualWorld();
    await plant(world);
    const mutex = world.process().mutex({ takeover: 'observation' });
    expect(await world.settle(mutex.tryAcquire())).toBeUndefined();
    await world.advance(40_000);
    expect(await world.settle(mutex.status())).toMatchObject({ isStale: false });
    await edit(world, { note: 'keeps nobody alive' });
    await world.advance(25_000);
    const lease = await world.settle(mutex.tryAcquire());
    expect(lease?.isHeld).toBe(true);
    expect(await world.settle(lease?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
  });
});
