import { describe, expect, it } from 'vitest';
import { createWorld, limiterOf, settle } from './tools.ts';

/** A limiter whose first question to the store gets no answer. */
function unanswered() {
  const world = createWorld();
  world.emulator.faults.add({ when: 'before', do: { kind: 'stall' } });
  return { world, limiter: limiterOf(world) };
}

describe.each(['release', 'reset'] as const)('a %s while the store is being asked for a caller', (end) => {
  it('lets a caller that waits be served soon after', async () => {
    const { world, limiter } = unanswered();
    const taken = limiter.take();
    await world.clock.advance(100);
    await settle(world, limiter[end]());
    await settle(world, taken);
    expect(world.clock.passedMs).toBeLessThan(5_000);
  });

  it('lets a caller that only tries have its answer', async () => {
    const { world, limiter } = unanswered();
    const tried = limiter.tryTake();
    await world.clock.advance(100);
    await settle(world, limiter[end]());
    expect(await settle(world, tried)).toMatchObject({ ok: true });
  });
});

describe('a release', () => {
  it('called again while it is under way settles with it, by one change', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    await settle(world, limiter.take());
    await world.clock.advance(2_000);
    const requestCount = world.emulator.requests.count;
    await settle(world, Promise.all([limiter.release(), limiter.release()]));
    expect(world.emulator.requests.count - requestCount).toBe(2);
    expect(await settle(world, limiter.status())).toMatchObject({ shared: 0 });
  });

  it('called again much later gives back what was taken since', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    for (const _round of [1, 2]) {
      await settle(world, limiter.take());
      await settle(world, limiter.release());
      expect(await settle(world, limiter.status())).toMatchObject({ shared: 0 });
      await world.clock.advance(10_000);
    }
  });

  it('goes on for another call where the first gives up', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    await settle(world, limiter.take());
    world.emulator.faults.add({ when: 'before', do: { kind: 'stall' } });
    const controller = new AbortController();
    const first = limiter.release({ signal: controller.signal });
    const second = limiter.release();
    await world.clock.advance(100);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    await settle(world, second);
    expect(await settle(world, limiter.status())).toMatchObject({ shared: 0 });
  });

  it('that a reset overtakes has nothing left to give back', async () => {
    const world = createWorld();
    const limiter = limiterOf(world);
    await settle(world, limiter.take());
    const reset = limiter.reset();
    world.emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.get' },
      skip: 1,
      do: { kind: 'stall' },
    });
    await settle(world, Promise.all([reset, limiter.release()]));
    expect(await settle(world, limiter.status())).toMatchObject({ shared: 0, spent: 0 });
  });
});

it('whoever has all of the limit is told to come back when there is room, and not before', async () => {
  const world = createWorld();
  const limiter = limiterOf(world, { limit: 1, windowMs: 3_600_000 });
  await settle(world, limiter.take());
  const { ok, retryAfterMs } = await settle(world, limiter.tryTake());
  expect(ok).toBe(false);
  expect(retryAfterMs).toBeGreaterThan(3_600_000);
});
