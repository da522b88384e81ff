import { expect, it } from 'vitest';
import { strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/**
 * Where a refresh that is confirmed late brings an expired lease back, its holder has acted as if it had lost,
 * and now holds what others may have begun to take over.
 */
it('a refresh that is confirmed only after the deadline does not bring the lease back', async () => {
  const world = manualWorld();
  const player = world.process();
  const lease = await world.settle(player.mutex().acquire());
  await world.advance(50_000 - 20_000);
  const script = strike(world, 'R', { when: 'after', do: { kind: 'hold' } }, 100);
  const reads = strike(world, 'G', { when: 'after', do: { kind: 'hold' } }, 100);
  await world.until('the lease is over', () => lease.signal.aborted);
  expect(lease.isHeld).toBe(false);
  script.remove();
  reads.remove();
  script.release();
  reads.release();
  await world.advance(5_000);
  expect(lease.isHeld).toBe(false);
  expect(lease.remainingMs).toBe(0);
  await expect(lease.refresh()).rejects.toMatchObject({ reason: 'expired' });
  expect(player.events.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
  expect(await world.settle(lease.release())).toBe(true);
  await world.end();
});

it('a holder that was stopped past its deadline sends no refresh any more, though nobody took over', async () => {
  const world = manualWorld();
  const player = world.process();
  const lease = await world.settle(player.mutex().acquire());
  player.machine.stop();
  await world.advance(59_000);
  const { count } = world.emulator.requests;
  player.machine.resume();
  await world.advance(10_000);
  expect(lease.isHeld).toBe(false);
  expect(world.emulator.requests.count).toBe(count);
  expect(await world.settle(lease.release())).toBe(true);
  await world.end();
});
