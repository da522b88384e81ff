import { describe, expect, it } from 'vitest';
import { GcsLocks } from '../../src/factory/factory.ts';
import { settle } from '../settle.ts';
import { createMemoryBucket } from '../../src/testing/index.ts';

const HOUR = 3_600_000;

function folder() {
  const world = createMemoryBucket({ idempotencyReplayMs: 0 });
  const defaults = {
    apiEndpoint: 'http://127.0.0.1:4443',
    ttlMs: 20_000,
    holder: 'me',
    requestTimeoutMs: 5_000,
  };
  const locks = new GcsLocks('gs://memory/jobs', defaults, world.process().components);
  const names = (): string[] => world.emulator.objects(world.bucket).map(({ name }) => name);
  return { ...world, locks, names };
}

describe('a factory', () => {
  it('makes events below its prefix, with those of its defaults that have to do with requests', async () => {
    const world = folder();
    const event = world.locks.event('a/imported');
    expect(event.url).toBe('gs://memory/jobs/a/imported');
    expect(world.locks.event('../x').url).toBe('gs://memory/jobs/../x');
    expect(() => world.locks.event('')).toThrow('name must be at least one character long');
    world.emulator.faults.add({ when: 'before', do: { kind: 'stall' } });
    await expect(settle(world, event.status())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(world.clock.passedMs).toBe(5_000);
  });

  it('lists events beside its locks', async () => {
    const world = folder();
    await settle(world, world.locks.event('a').set('told'));
    await settle(world, world.locks.event('c').clear());
    await world.clock.advance(HOUR);
    await using _lease = await world.locks.mutex('b').acquire();
    const found = [];
    for await (const { kind, name } of world.locks.list()) found.push(`${name} ${kind}`);
    expect(found).toEqual(['a event', 'b held', 'c event']);
    for await (const listed of world.locks.list()) {
      if (listed.kind !== 'event') continue;
      const isSet = listed.name === 'a';
      expect(listed.status).toMatchObject({ isSet, payload: isSet ? 'told' : '' });
      // The server cuts its time to whole seconds.
      expect(Math.abs(listed.staleForMs - (isSet ? 0 : HOUR))).toBeLessThanOrEqual(1_000);
    }
  });

  it('cleans away what was cleared long ago, and nothing that is set or in use', async () => {
    const world = folder();
    const { clock, locks } = world;
    for (const name of ['old', 'set', 'cleared']) await settle(world, locks.event(name).set());
    await settle(world, locks.event('old').clear());
    await clock.advance(23 * HOUR);
    await settle(world, locks.event('cleared').clear());
    expect(await locks.clean()).toEqual([]);
    await clock.advance(HOUR);
    expect(await locks.clean({ dryRun: true })).toMatchObject([{ name: 'old', kind: 'event' }]);
    expect(world.names()).toHaveLength(3);
    expect(await locks.clean()).toMatchObject([{ name: 'old', kind: 'event' }]);
    expect(world.names()).toEqual(['jobs/cleared', 'jobs/set']);
    expect(await locks.clean({ staleForMs: 0 })).toMatchObject([{ name: 'cleared' }]);
  });

  it('removes no event that was changed after it was listed', async () => {
    for (const isSet of [true, false]) {
      const world = folder();
      const { clock, locks, emulator } = world;
      const event = locks.event('old');
      await settle(world, event.clear());
      await clock.advance(25 * HOUR);
      // Before it is looked at again, and between that look and the removal.
      const operation = isSet ? 'objects.get' : 'objects.delete';
      const slow = { when: 'before', match: { operation }, do: { kind: 'hold' } } as const;
      const held = emulator.faults.add(slow);
      const cleaned = locks.clean();
      await held.strikes();
      await settle<unknown>(world, isSet ? event.set() : event.clear());
      held.release();
      expect(await settle(world, cleaned)).toEqual([]);
      expect(world.names()).toEqual(['jobs/old']);
    }
  });

  it('knows its own removal whose answer was lost', async () => {
    const world = folder();
    await settle(world, world.locks.event('old').clear());
    await world.clock.advance(25 * HOUR);
    const match = { operation: 'objects.delete' } as const;
    world.emulator.faults.add({ when: 'after', match, do: { kind: 'reset' } });
    expect(await settle(world, world.locks.clean())).toHaveLength(1);
    expect(world.names()).toEqual([]);
  });
});
