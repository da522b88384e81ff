import { describe, expect, it } from 'vitest';
import type { GcsRateLimiter } from '../../src/rate/rate-limiter.ts';
import { sum } from '../../src/protocol/rate-line.ts';
import { asked, createWorld, limiterOf, mostInAWindow, settle } from './tools.ts';

/** When something was taken, and by the how manyeth. */
interface Taken {
  readonly ms: number;
  readonly by: number;
}

/** Lets processes take as much as they get, until a time. */
async function takeAll(
  world: ReturnType<typeof createWorld>,
  limiters: readonly GcsRateLimiter[],
  untilMs: number,
): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  const end = new AbortController();
  const all = limiters.map(async (limiter, by) => {
    while (!end.signal.aborted) {
      await limiter.take(1, { signal: end.signal, timeoutMs: Infinity }).then(
        () => taken.push({ ms: world.clock.passedMs, by }),
        (error: unknown) => expect(error).toBe('over'),
      );
    }
  });
  while (world.clock.passedMs < untilMs) {
    await world.clock.advance(Math.max(1, Math.min(50, Math.ceil(world.clock.untilNextTimerMs ?? 50))));
  }
  end.abort('over');
  await settle(world, Promise.all(all));
  return taken;
}

function most(taken: readonly Taken[]): number {
  return mostInAWindow(
    taken.map(({ ms }) => ms),
    1_000,
  );
}

/** How many each of some took from a time on. */
function byEach(taken: readonly Taken[], count: number, fromMs: number): readonly number[] {
  return Array.from({ length: count }, (_, each) => {
    return taken.filter(({ ms, by }) => by === each && ms > fromMs).length;
  });
}

describe('processes that share a limit', () => {
  it('take nearly all of it together, about as much each, and never more', async () => {
    const world = createWorld();
    const limiters = Array.from({ length: 4 }, () => limiterOf(world, { limit: 12 }));
    const taken = await takeAll(world, limiters, 40_000);
    expect(most(taken)).toBe(12);
    const counts = byEach(taken, 4, 25_000);
    expect(sum(counts) / 15).toBeGreaterThan(0.85 * 12);
    expect(Math.min(...counts)).toBeGreaterThan(0.7 * Math.max(...counts));
  });

  it('have their parts of a large limit after a few writes each', async () => {
    const world = createWorld();
    const limiters = Array.from({ length: 4 }, () => limiterOf(world, { limit: 500 }));
    // The first knows what it could use when the others come.
    const before = await takeAll(world, limiters.slice(0, 1), 12_000);
    const taken = await takeAll(world, limiters, 45_000);
    expect(most([...before, ...taken])).toBe(500);
    const counts = byEach(taken, 4, 37_000);
    expect(Math.min(...counts)).toBeGreaterThan(0.6 * Math.max(...counts));
  });

  it('take turns where there are fewer permits than processes', async () => {
    const world = createWorld();
    const limiters = Array.from({ length: 4 }, () => limiterOf(world, { limit: 2 }));
    const taken = await takeAll(world, limiters, 45_000);
    expect(most(taken)).toBe(2);
    const counts = byEach(taken, 4, 0);
    expect(sum(counts)).toBeGreaterThan(0.5 * 90);
    expect(Math.min(...counts)).toBeGreaterThan(0.3 * Math.max(...counts));
  });

  it('leave to one what the others do not use', async () => {
    const world = createWorld();
    const modest = limiterOf(world, { limit: 20 });
    const greedy = limiterOf(world, { limit: 20 });
    const now = takeAll(world, [greedy], 30_000);
    for (let second = 0; second < 29; second += 1) {
      const beforeMs = world.clock.passedMs;
      await settle(world, modest.take(2));
      while (world.clock.passedMs < beforeMs + 1_000) await world.clock.advance(100);
    }
    // It keeps a little more than it uses, and 5 % are lost to clocks that may differ.
    expect(sum(byEach(await now, 1, 15_000)) / 15).toBeGreaterThan(0.6 * 20);
  });

  it('have what a crashed one had once its ttl and a window have passed', async () => {
    const world = createWorld();
    const crashed = world.process();
    await settle(world, limiterOf(world, { limit: 10 }, crashed).take(10));
    crashed.machine.stop();
    const fromMs = world.clock.passedMs;
    await settle(world, limiterOf(world, { limit: 10 }).take(10));
    // The ttl, the window, the room for clocks that differ, and the second that time is cut to.
    expect(world.clock.passedMs - fromMs).toBeGreaterThanOrEqual(15_000 + 1_000 + 2_000);
    expect(world.clock.passedMs - fromMs).toBeLessThan(15_000 + 1_000 + 2_000 + 1_000 + 3_000);
  });
});

describe('a lost answer', () => {
  it.each([
    ['before', 'POST'],
    ['after', 'POST'],
    ['before', 'PATCH'],
    ['after', 'PATCH'],
  ] as const)('%s the store carried a %s out hands nothing out twice', async (when, method) => {
    const world = createWorld();
    const once = { once: true, limit: 3, windowMs: 60_000 };
    if (method === 'PATCH') {
      await settle(world, limiterOf(world, once).take());
      await world.clock.advance(2_000);
    }
    const operation = method === 'PATCH' ? 'objects.patch' : 'objects.insert';
    world.emulator.faults.add({ when, match: { operation }, do: { kind: 'reset' } });
    const limiter = limiterOf(world, once);
    expect(await settle(world, limiter.tryTake())).toMatchObject({ ok: true });
    const status = await settle(world, limiter.status());
    expect(status).toMatchObject({ spent: method === 'PATCH' ? 2 : 1 });
  });

  it('of a share leaves it as it is, whichever way it went', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    world.emulator.faults.add({
      when: 'after',
      match: { operation: 'objects.insert' },
      do: { kind: 'stall' },
    });
    const taken = Promise.all(Array.from({ length: 10 }, () => limiter.take()));
    await settle(world, taken);
    expect(await limiter.tryTake()).toMatchObject({ ok: false });
    expect(await settle(world, limiter.status())).toMatchObject({ shared: 10, spent: 0 });
  });
});

describe('a machine in trouble', () => {
  it('hands nothing out after a stop before its share was written anew', async () => {
    const world = createWorld();
    const process = world.process();
    const limiter = limiterOf(world, {}, process);
    await settle(world, limiter.take());
    process.machine.stop();
    await world.clock.advance(3_000);
    const { length } = asked(world);
    process.machine.resume();
    expect(await settle(world, limiter.tryTake())).toMatchObject({ ok: true });
    expect(asked(world).slice(length)).toEqual(['GET 200', 'PATCH 200']);
  });

  it('hands nothing out after a sleep, however short its monotonic clock took it to be', async () => {
    const world = createWorld();
    const process = world.process();
    const limiter = limiterOf(world, {}, process);
    await settle(world, limiter.take(10));
    process.machine.suspend();
    await world.clock.advance(600_000);
    const other = limiterOf(world);
    await settle(world, other.take(10));
    process.machine.wake();
    expect(await settle(world, limiter.tryTake(10))).toMatchObject({ ok: false });
  });

  it('hands out what it has while the store is away, and no longer than its share lasts', async () => {
    const world = createWorld();
    const limiter = limiterOf(world, { limit: 100 });
    await settle(world, limiter.take(10));
    world.emulator.faults.add({ when: 'before', times: 1_000, do: { kind: 'status', status: 503 } });
    await world.clock.advance(10_000);
    expect(await limiter.tryTake(10)).toMatchObject({ ok: true });
    await world.clock.advance(4_000);
    await expect(settle(world, limiter.tryTake())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    const late = await settle(world, limiter.take(1, { timeoutMs: 30_000 })).catch((error: unknown) => error);
    expect(late).toMatchObject({
      code: 'ERR_TAKE_TIMEOUT',
      cause: expect.objectContaining({ code: 'ERR_STORE_UNAVAILABLE' }),
    });
  });

  it('gives up in the background at last, without a word, and begins anew when it is used again', async () => {
    const world = createWorld();
    const process = world.process();
    const limiter = limiterOf(world, {}, process);
    await settle(world, limiter.take());
    const faults = world.emulator.faults.add({
      when: 'before',
      times: 10_000,
      do: { kind: 'status', status: 403 },
    });
    await world.clock.advance(300_000);
    expect(process.machine.timerCount).toBe(0);
    await expect(limiter[Symbol.asyncDispose]()).resolves.toBeUndefined();
    await expect(settle(world, limiter.take())).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' });
    faults.remove();
    await world.clock.advance(30_000);
    await settle(world, limiter.take());
  });

  it('takes nothing for a limiter that is none', async () => {
    const world = createWorld();
    const process = world.process();
    await settle(world, process.mutex('limits/mail').acquire());
    await expect(settle(world, limiterOf(world).take())).rejects.toMatchObject({
      code: 'ERR_FOREIGN_OBJECT',
    });
  });
});
