import { expect, it } from 'vitest';
import { strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/** A second call of `release` has a time limit and a signal of its own, which the first one's cannot stand in for. */
async function releasing(firstTimeoutMs: number) {
  const world = manualWorld();
  const player = world.process();
  const lease = await world.settle(player.mutex().acquire());
  const script = strike(world, 'D', { when: 'before', do: { kind: 'stall' } }, 100);
  const startedMs = world.nowMs();
  const first = lease.release({ timeoutMs: firstTimeoutMs }).catch((error: unknown) => error);
  return { world, player, lease, script, startedMs, first };
}

it('a second release with less time than the first gives up after its own, and the first goes on', async () => {
  const { world, lease, script, startedMs, first } = await releasing(8_000);
  const second = lease.release({ timeoutMs: 1_000 });
  await expect(world.settle(second)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
  expect(world.nowMs() - startedMs).toBe(1_000);
  script.remove();
  expect(await world.settle(first)).toBe(true);
  await world.end();
});

it('a second release with more time than the first goes on where that one gave up', async () => {
  const { world, lease, script, startedMs, first } = await releasing(1_000);
  const second = lease.release({ timeoutMs: 8_000 });
  expect(await world.settle(first)).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
  expect(world.nowMs() - startedMs).toBe(1_000);
  script.remove();
  expect(await world.settle(second)).toBe(true);
  expect(world.nowMs() - startedMs).toBeLessThanOrEqual(8_000);
  await world.end();
});

it('a second release whose signal aborts rejects with its reason, and the first goes on', async () => {
  const { world, lease, script, first } = await releasing(8_000);
  const controller = new AbortController();
  const second = lease.release({ signal: controller.signal }).catch((reason: unknown) => reason);
  controller.abort('enough');
  expect(await second).toBe('enough');
  expect(await lease.release({ signal: controller.signal }).catch((reason: unknown) => reason)).toBe(
    'enough',
  );
  script.remove();
  expect(await world.settle(first)).toBe(true);
  await world.end();
});

it('a second release outlives the abort of the first', async () => {
  const world = manualWorld();
  const lease = await world.settle(world.process().mutex().acquire());
  const script = strike(world, 'D', { when: 'before', do: { kind: 'stall' } });
  const controller = new AbortController();
  const first = lease.release({ signal: controller.signal }).catch((reason: unknown) => reason);
  const second = lease.release();
  await world.until('it is under way', () => script.struck.length === 1);
  controller.abort('enough');
  expect(await first).toBe('enough');
  expect(await world.settle(second)).toBe(true);
  await world.end();
});

it('a release that the store forbids is not tried again by those who waited for it', async () => {
  const world = manualWorld();
  const lease = await world.settle(world.process().mutex().acquire());
  const script = strike(world, 'D', { when: 'before', do: { kind: 'status', status: 403 } }, 100);
  const all = [1, 2, 3].map(() => lease.release().catch((error: unknown) => error));
  for (const error of await world.settle(Promise.all(all))) {
    expect(error).toMatchObject({ code: 'ERR_PERMISSION_DENIED' });
  }
  expect(script.struck).toHaveLength(1);
  await world.end();
});
