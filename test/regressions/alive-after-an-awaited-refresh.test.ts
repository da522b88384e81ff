import { describe, expect, it } from 'vitest';
import type { Clock, TimerKind } from '../../src/platform/clock.ts';
import { strike } from '../faults/calls.ts';
import { type ManualPlayer, manualWorld } from '../faults/world.ts';

// A refresh that somebody awaits keeps the process alive. The timer of the next one, which nobody awaits, was set
// before those who waited were told: the process stayed alive for another refreshIntervalMs, with nothing to do.

/** Says when the timers are due that keep a process alive, as delays from when they were set. */
function foregroundTimers(player: ManualPlayer): () => number[] {
  const timers = new Set<{ readonly kind: TimerKind; readonly delayMs: number }>();
  const { machine } = player;
  player.clock = {
    now: () => machine.now(),
    onResume: (callback) => machine.onResume(callback),
    setTimer: (delayMs, kind, callback) => {
      const timer = { kind, delayMs };
      timers.add(timer);
      const cancel = machine.setTimer(delayMs, kind, () => {
        timers.delete(timer);
        callback();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
  } satisfies Clock;
  return () => [...timers].filter(({ kind }) => kind !== 'background').map(({ delayMs }) => delayMs);
}

describe('a lease keeps its process alive', () => {
  it('while somebody awaits a refresh, through its pauses, and not a moment longer', async () => {
    const world = manualWorld();
    const player = world.process();
    const foreground = foregroundTimers(player);
    const lease = await world.settle(player.mutex().acquire());
    expect(foreground()).toEqual([]);
    await world.advance(1_000);
    const script = strike(world, 'R', { when: 'before', do: { kind: 'status', status: 429 } }, 1);
    const refreshing = lease.refresh();
    // To the lease's end at the latest.
    expect(foreground()).toContain(53_000);
    await world.until('it was refused', () => script.struck.length === 1);
    await world.advance(0);
    expect(foreground().length).toBeGreaterThan(1);
    await world.settle(refreshing);
    expect(foreground()).toEqual([]);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('while somebody awaits that a doubt is settled, and not a moment longer', async () => {
    const world = manualWorld();
    const player = world.process();
    const foreground = foregroundTimers(player);
    const lease = await world.settle(player.mutex().acquire());
    player.machine.stop();
    await world.advance(2_000);
    player.machine.resume();
    expect(lease.isHeld).toBe(false);
    expect(foreground()).toEqual([]);
    const refreshing = lease.refresh();
    expect(foreground()).not.toEqual([]);
    await world.settle(refreshing);
    expect(lease.isHeld).toBe(true);
    expect(foreground()).toEqual([]);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });
});
