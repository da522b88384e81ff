import { describe, expect, it } from 'vitest';
import { GcsRateLimiter } from '../../src/rate/rate-limiter.ts';
import { asked, createWorld, limiterOf, NAME, settle } from './tools.ts';

/** In real time a window is 1 000 ms; by a clock that may run fast it is counted as 1 050. */
const WINDOW_MS = 1_050;

describe('a limiter', () => {
  it('asks the store once, by one read and one write, and hands out from its share from then on', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    expect(asked(world)).toEqual([]);
    expect(await settle(world, limiter.tryTake(2))).toEqual({ ok: true, remaining: 6, retryAfterMs: 0 });
    for (let left = 5; left >= 0; left -= 1) {
      expect(await limiter.tryTake()).toEqual({ ok: true, remaining: left, retryAfterMs: 0 });
    }
    expect(asked(world)).toEqual(['GET 404', 'POST 200']);
  });

  it('takes all of the limit where nobody else wants any', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    await settle(world, Promise.all(Array.from({ length: 10 }, () => limiter.take())));
    expect(world.clock.passedMs).toBe(0);
    expect(await limiter.tryTake()).toEqual({ ok: false, remaining: 0, retryAfterMs: WINDOW_MS });
    await world.clock.advance(WINDOW_MS);
    expect(await limiter.tryTake()).toMatchObject({ ok: true });
  });

  it('takes all that is asked for, or nothing', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    await settle(world, limiter.take(8));
    expect(await limiter.tryTake(3)).toMatchObject({ ok: false, remaining: 2 });
    expect(await limiter.tryTake(2)).toMatchObject({ ok: true, remaining: 0 });
  });

  it('serves its callers in the order in which they came, and lets none past one that wants many', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    const served: string[] = [];
    const take = (name: string, count: number) => limiter.take(count).then(() => served.push(name));
    await settle(world, limiter.take(10));
    const all = Promise.all([take('many', 10), take('one', 1), take('another', 1)]);
    expect(await limiter.tryTake()).toMatchObject({ ok: false });
    await world.clock.advance(WINDOW_MS);
    expect(served).toEqual(['many']);
    await settle(world, all);
    expect(served).toEqual(['many', 'one', 'another']);
    expect(world.clock.passedMs).toBe(2 * WINDOW_MS);
  });

  it('rejects with the reason of an abort, and with its own error when the time is over', async () => {
    const world = createWorld();
    const process = world.process();
    const limiter = limiterOf(world, {}, process);
    await settle(world, limiter.take(10));
    const controller = new AbortController();
    const aborted = limiter.take(10, { signal: controller.signal });
    const late = limiter.take(5, { timeoutMs: 400 });
    const next = limiter.take(1);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(settle(world, late)).rejects.toMatchObject({
      code: 'ERR_TAKE_TIMEOUT',
      count: 5,
      waitedMs: 400,
      lock: `gs://memory/${NAME}`,
    });
    await settle(world, next);
    expect(world.clock.passedMs).toBe(WINDOW_MS);
    await expect(limiter.take(1, { signal: controller.signal })).rejects.toThrow('enough');
    await expect(limiter.tryTake(1, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('says that the store has not answered yet, where the time is over before it does', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    const answer = world.emulator.faults.add({ when: 'before', do: { kind: 'hold' } });
    const late = settle(world, limiter.take(1, { timeoutMs: 400 }));
    await expect(late).rejects.toMatchObject({
      code: 'ERR_TAKE_TIMEOUT',
      cause: expect.objectContaining({ code: 'ERR_STORE_UNAVAILABLE' }),
    });
    answer.release();
    await settle(world, limiter.take(10));
    const refused: unknown = await settle(world, limiter.take(1, { timeoutMs: 400 })).catch((error) => error);
    expect(refused).toMatchObject({ code: 'ERR_TAKE_TIMEOUT' });
    expect(refused, 'all were in use').not.toHaveProperty('cause');
  });

  it('gives back what it has once it is not used any more, and leaves no timer behind', async () => {
    const world = createWorld();
    const process = world.process();
    const limiter = limiterOf(world, {}, process);
    await settle(world, limiter.take(3));
    expect(await settle(world, limiter.status())).toMatchObject({ shared: 9, available: 1 });
    await world.clock.advance(20_000);
    expect(await settle(world, limiter.status())).toMatchObject({ shared: 0, available: 10, processes: [] });
    expect(process.machine.timerCount).toBe(0);
    expect(process.machine.resumeListenerCount).toBe(0);
    const { length } = asked(world);
    await world.clock.advance(100_000);
    expect(asked(world)).toHaveLength(length);
    await settle(world, limiter.take(10));
  });

  it('gives back at the end of its scope: what was not taken at once, the rest when its window is over', async () => {
    const world = createWorld();
    const other = limiterOf(world);
    {
      await using limiter = limiterOf(world);
      await settle(world, limiter.take(4));
      await world.clock.advance(1_000);
    }
    expect(await settle(world, other.status())).toMatchObject({ shared: 0, spent: 4, available: 6 });
    await world.clock.advance(1_000);
    expect(await settle(world, other.tryTake(6))).toMatchObject({ ok: true });
    await settle(world, other.take(4));
    // A second that the server's time is cut to, the window, and room for clocks that differ.
    expect(world.clock.passedMs).toBeGreaterThan(3_000);
    expect(world.clock.passedMs).toBeLessThan(6_500);
  });

  it('can be used again after it has given back, with what is left of the window', async () => {
    const world = createWorld();
    const limiter = limiterOf(world, { windowMs: 60_000 });
    await settle(world, limiter.take(4));
    await world.clock.advance(1_000);
    await settle(world, limiter.release());
    await world.clock.advance(1_000);
    await settle(world, limiter.take(6));
    expect(world.clock.passedMs).toBeLessThan(5_000);
    await expect(settle(world, limiter.take(1, { timeoutMs: 50_000 }))).rejects.toMatchObject({
      code: 'ERR_TAKE_TIMEOUT',
    });
  });

  it('says how it stands', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    expect(await settle(world, limiter.status())).toBeUndefined();
    await settle(world, limiter.take(2));
    expect(await settle(world, limiter.status())).toEqual({
      limit: 10,
      windowMs: 1_000,
      available: 2,
      shared: 8,
      spent: 0,
      nextFreeAt: undefined,
      version: { generation: expect.stringMatching(/^\d+$/), metageneration: '1' },
      processes: [
        {
          id: expect.stringMatching(/^[0-9a-f]{16}$/),
          count: 8,
          wanted: 6,
          refreshedAt: new Date(world.clock.wallMs()),
          ttlMs: 15_000,
          isStale: false,
        },
      ],
    });
  });
});

describe('a limiter that takes once', () => {
  it('takes by one read and one write, has no share, and needs nothing afterwards', async () => {
    const world = createWorld();
    const process = world.process();
    const limiter = limiterOf(world, { once: true, windowMs: 60_000 }, process);
    expect(await settle(world, limiter.tryTake(4))).toEqual({ ok: true, remaining: 0, retryAfterMs: 0 });
    expect(asked(world)).toEqual(['GET 404', 'POST 200']);
    expect(process.machine.timerCount).toBe(0);
    expect(await settle(world, limiter.status())).toMatchObject({ spent: 4, available: 6, processes: [] });
    await world.clock.advance(2_000);
    const another = limiterOf(world, { once: true, windowMs: 60_000 });
    await settle(world, another.take(6));
    expect(asked(world).slice(-2)).toEqual(['GET 200', 'PATCH 200']);
    await world.clock.advance(2_000);
    expect(await settle(world, another.tryTake())).toMatchObject({ ok: false });
    // Whoever does not wait is not written down.
    expect(asked(world).slice(-1)).toEqual(['GET 200']);
  });

  it('waits in the line of processes for its turn', async () => {
    const world = createWorld();
    await settle(world, limiterOf(world, { once: true, limit: 1 }).take());
    await settle(world, limiterOf(world, { once: true, limit: 1 }).take());
    // Its own short ttl, since nobody knows when within it the first was used, and the window.
    expect(world.clock.passedMs).toBeGreaterThan(15_000);
    expect(world.clock.passedMs).toBeLessThan(22_000);
  });
});

describe('what a limiter is given', () => {
  it.each([
    ['no limit', {}, TypeError, 'limit must be a whole number'],
    [
      'a limit of nothing',
      { limit: 0 },
      RangeError,
      'limit must be a whole number from 1 to 1000000000, got 0',
    ],
    ['half a permit', { limit: 1.5 }, RangeError, 'limit'],
    ['a limit in words', { limit: '10' }, TypeError, 'limit'],
    ['a window that is too short', { windowMs: 9 }, RangeError, 'windowMs must be a whole number from 10'],
    ['a window that is too long', { windowMs: 86_400_001 }, RangeError, 'windowMs'],
    ['an option that it has not', { refreshIntervalMs: 5 }, TypeError, 'unknown option "refreshIntervalMs"'],
    ['a word for once', { once: 'yes' }, TypeError, 'once must be true or false'],
    ['a ttl that is too short', { ttlMs: 100 }, RangeError, 'ttlMs'],
  ])('is refused before anything is sent: %s', (_what, options, type, words) => {
    const world = createWorld();
    const given: object = 'limit' in options ? options : { ...options, limit: 'x' in options ? 1 : 10 };
    const all = _what === 'no limit' ? { windowMs: 1_000 } : { windowMs: 1_000, ...given };
    const make = () => new GcsRateLimiter(world.bucket, NAME, all as never, world.process().components);
    expect(make).toThrow(type);
    expect(make).toThrow(words);
    expect(asked(world)).toEqual([]);
  });

  it.each([0, -1, 1.5, 11, Number.NaN])('refuses to take %d of 10', async (count) => {
    const world = createWorld();
    const limiter = limiterOf(world);
    await expect(limiter.take(count)).rejects.toThrow(RangeError);
    await expect(limiter.tryTake(count)).rejects.toThrow('from 1 to the limit, 10');
    expect(asked(world)).toEqual([]);
  });

  it('must be what is stored: another limit, or window, is an error that names both', async () => {
    const world = createWorld();
    const first = limiterOf(world);
    await settle(world, first.take());
    const second = limiterOf(world, { limit: 20, windowMs: 3_000 });
    const calls: (() => Promise<unknown>)[] = [() => second.take(), () => second.tryTake()];
    for (const call of calls) {
      const error: unknown = await settle(world, call()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'ERR_RATE_MISMATCH',
        given: { limit: 20, windowMs: 3_000 },
        stored: { limit: 10, windowMs: 1_000 },
      });
      expect(String(error)).toContain('allows 10 in 1000 ms, and this limiter was given 20 in 3000 ms');
    }
    await settle(world, second.reset());
    await world.clock.advance(2_000);
    expect(await settle(world, second.tryTake(20))).toMatchObject({ ok: true });
    await world.clock.advance(20_000);
    await expect(settle(world, first.take())).rejects.toMatchObject({ code: 'ERR_RATE_MISMATCH' });
  });

  it('may be a gs:// URL', async () => {
    const world = createWorld();
    const limiter = GcsRateLimiter.fromUrl(
      `gs://memory/${NAME}`,
      { limit: 10, windowMs: 1_000, apiEndpoint: 'http://127.0.0.1:4443' },
      world.process().components,
    );
    await settle(world, limiter.take());
    expect(limiter).toMatchObject({ url: `gs://memory/${NAME}`, limit: 10, windowMs: 1_000 });
  });
});
