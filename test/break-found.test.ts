import { describe, expect, it } from 'vitest';
import { type BreakableLock, GcsLocks } from '../src/factory/factory.ts';
import type { FoundLock } from '../src/factory/looking.ts';
import { createMemoryBucket } from '../src/testing/index.ts';
import { settle } from './settle.ts';

const RATE = { limit: 5, windowMs: 60_000, once: true };

/** A lock, an event and a rate limiter in use, and how to change each. */
async function folder() {
  const memory = createMemoryBucket({ idempotencyReplayMs: 0 });
  const options = { apiEndpoint: 'http://127.0.0.1:4443' };
  const locks = new GcsLocks('gs://memory/jobs', options, memory.process().components);
  const world = {
    held: async () => void (await locks.mutex('held').acquire()),
    event: async () => void (await locks.event('event').set('told')),
    'rate-limiter': () => locks.rateLimiter('rate-limiter', RATE).take(),
  };
  for (const make of Object.values(world)) await settle(memory, make());
  const names = (): string[] => memory.emulator.objects(memory.bucket).map(({ name }) => name.slice(5));
  return { ...memory, locks, change: world, names };
}

function breakable(found: FoundLock | undefined): BreakableLock {
  if (found?.kind === 'held' || found?.kind === 'event' || found?.kind === 'rate-limiter') return found;
  throw new Error(`it is ${found?.kind}`);
}

const KINDS = ['held', 'event', 'rate-limiter'] as const;

describe('breaking what was found', () => {
  it.each(KINDS)('removes it, and nothing else: %s', async (kind) => {
    const { locks, names } = await folder();
    expect(await locks.break(breakable(await locks.find(kind)))).toBe(true);
    expect(names()).toEqual(['event', 'held', 'rate-limiter'].filter((name) => name !== kind));
    expect(await locks.find(kind)).toBeUndefined();
  });

  it.each(KINDS)('leaves it alone where it has changed since: %s', async (kind) => {
    const world = await folder();
    const { locks, names } = world;
    const found = breakable(await locks.find(kind));
    if (kind === 'held') await locks.mutex(kind).breakLock();
    await settle(world, world.change[kind]());
    expect(await locks.break(found)).toBe(false);
    expect(names()).toHaveLength(3);
  });

  it('leaves a limiter as if nothing had been taken, of which another limit may be stored', async () => {
    const world = await folder();
    const { locks } = world;
    await locks.break(breakable(await locks.find('rate-limiter')));
    const other = locks.rateLimiter('rate-limiter', { ...RATE, limit: 7 });
    expect(await settle(world, other.tryTake(7))).toMatchObject({ ok: true });
  });

  it('takes nothing that consists of several, and nothing that is free', async () => {
    const { locks, emulator } = await folder();
    const { count } = emulator.requests;
    for (const kind of ['semaphore', 'pool', 'free']) {
      const odd: BreakableLock = JSON.parse(JSON.stringify({ kind, name: 'a' }));
      await expect(locks.break(odd)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    }
    for (const odd of [undefined, null, 'held', { kind: 'held', name: 'held' }]) {
      await expect(locks.break(odd as never)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringMatching(/^found[a-z.]* must be an object/),
      });
    }
    const found = breakable(await locks.find('held'));
    // Without a version it would be no guarded removal.
    await expect(locks.break({ ...found, status: {} } as never)).rejects.toMatchObject({
      message: expect.stringContaining('found.status.version must be the version'),
    });
    const reason = new Error('enough');
    await expect(locks.break(found, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(emulator.requests.count).toBe(count + 1);
  });
});
