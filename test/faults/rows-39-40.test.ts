import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GcsMutexOptions } from '../../src/options.ts';
import { cutOff, MATCH, takeoverAt } from './calls.ts';
import { drifting, onWallClock } from './drift.ts';
import { manualWorld } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** By how much the wall clock is set, one after the other. */
const JUMPS_MS = [HOUR_MS, -HOUR_MS, -HOUR_MS, HOUR_MS, DAY_MS, -DAY_MS, -DAY_MS, DAY_MS];

describe('a wall clock that is set by hours and days, back and forth', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Everything that is sent, when, and what came of it, where the clock is set again and again. */
  async function story(jumpsMs: readonly number[]): Promise<string[]> {
    vi.setSystemTime(Date.UTC(2030, 0, 1));
    const world = manualWorld();
    const jump = (index: number): void => void vi.setSystemTime(Date.now() + (jumpsMs[index] ?? 0));
    const [holder, waiter] = [world.process(), world.process()];
    const answer = world.emulator.faults.add({ when: 'after', do: { kind: 'hold' }, match: MATCH.C });
    const first = holder.mutex().acquire();
    await world.until('the create is under way', () => answer.struck.length === 1);
    jump(0);
    answer.release();
    const lease = await world.settle(first);
    const acquiring = waiter.mutex().acquire({ timeoutMs: Infinity });
    for (let index = 1; index < JUMPS_MS.length; index += 1) {
      await world.advance(17_000);
      jump(index);
      expect(lease.isHeld).toBe(true);
    }
    holder.kill();
    await world.advance(30_000);
    jump(0);
    const next = await world.settle(acquiring);
    jump(1);
    const refresh = next.refresh();
    jump(2);
    await world.settle(refresh);
    const releasing = next.release();
    jump(3);
    expect(await world.settle(releasing)).toBe(true);
    await world.end();
    return world.emulator.requests.all().map(({ at, method, status }) => `${at}: ${method} ${status}`);
  }

  it('row 39: changes nothing of what is sent, when, and what comes of it', async () => {
    const calm = await story([]);
    expect(await story(JUMPS_MS)).toEqual(calm);
    expect(await story(JUMPS_MS.map((ms) => -ms))).toEqual(calm);
  });
});

describe('a wall clock that stands in for the clock that counts sleep', () => {
  for (const jumpMs of [HOUR_MS, -HOUR_MS, DAY_MS, -DAY_MS]) {
    const what = `${jumpMs / HOUR_MS} h and back`;
    it(`row 39: costs a refresh at most when it is set by ${what}, never a lock`, async () => {
      const world = manualWorld();
      const [holder, waiter] = [world.process(), world.process()];
      const clock = onWallClock(holder.machine);
      const waitersClock = onWallClock(waiter.machine);
      holder.clock = clock;
      waiter.clock = waitersClock;
      // Set between the sending of the create and its answer: the grant has to be confirmed.
      const answer = world.emulator.faults.add({ when: 'after', do: { kind: 'hold' }, match: MATCH.C });
      const granting = holder.mutex().acquire();
      await world.until('the create is under way', () => answer.struck.length === 1);
      clock.jump(jumpMs);
      answer.release();
      const lease = await world.settle(granting);
      expect(lease.isHeld).toBe(true);
      const acquiring = waiter.mutex().acquire({ timeoutMs: Infinity });
      for (const ms of [-jumpMs, jumpMs, -jumpMs]) {
        await world.advance(10_000);
        clock.jump(ms);
        waitersClock.jump(-ms);
        await world.settle(lease.refresh());
        expect(lease.isHeld).toBe(true);
      }
      await world.advance(200_000);
      expect(lease.isHeld).toBe(true);
      expect(holder.events.map(({ kind }) => kind)).not.toContain('lost');
      expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
      holder.kill();
      const diedAt = world.object()?.updated ?? Number.NaN;
      await world.advance(30_000);
      waitersClock.jump(jumpMs);
      const next = await world.settle(acquiring);
      expect(takeoverAt(world) - diedAt).toBeGreaterThanOrEqual(60_000);
      expect(takeoverAt(world) - diedAt).toBeLessThanOrEqual(60_000 + 2_000 + 1_000 + 2_150);
      expect(await world.settle(next.release())).toBe(true);
      await world.end();
    });
  }
});

/** Few reads: each waiter looks when the record may have become stale, whatever its pauses. */
const RARELY = { minMs: 100, maxMs: 5_000 };

/** How fast the clocks of a holder and of a waiter run. */
interface Rates {
  readonly holder: number;
  readonly waiter: number;
}

/**
 * A holder is cut off after a refresh, and a waiter takes over.
 *
 * @returns by how much, in real time, the holder's belief ended before that.
 */
async function outliveHolder(rates: Rates, options: GcsMutexOptions & { readonly ttlMs: number }) {
  const world = manualWorld();
  const [holder, waiter] = [world.process(), world.process()];
  holder.clock = drifting(holder.machine, rates.holder);
  waiter.clock = drifting(waiter.machine, rates.waiter);
  const lease = await world.settle(holder.mutex(options).acquire());
  const acquiring = waiter.mutex(options).acquire({ timeoutMs: Infinity });
  await world.advance(0.7 * options.ttlMs);
  expect(lease.isHeld).toBe(true);
  cutOff(world, holder, 'requests');
  let abortedAt = Number.NaN;
  lease.signal.addEventListener('abort', () => {
    abortedAt = world.emulator.clock.now();
  });
  const next = await world.settle(acquiring);
  const gapMs = takeoverAt(world) - abortedAt;
  expect(await world.settle(next.release())).toBe(true);
  return { world, gapMs };
}

const RATES = [0.95, 1, 1.05];

describe('clocks that run up to 5 % too fast or too slow', () => {
  for (const takeover of ['server-clock', 'observation'] as const) {
    it(`row 40: never let two believe at once, whatever the settings (${takeover})`, async () => {
      for (const holder of RATES) {
        for (const waiter of RATES) {
          for (const marginRate of [0.06, 0.1]) {
            for (const clockSkewMs of [0, 2_000]) {
              const ttlMs = 5_000;
              const marginMs = marginRate * ttlMs;
              const refreshIntervalMs = 0.3 * ttlMs;
              const options = { ttlMs, marginMs, clockSkewMs, refreshIntervalMs, takeover, backoff: RARELY };
              const { world, gapMs } = await outliveHolder({ holder, waiter }, options);
              const which = `holder ${holder}, waiter ${waiter}, margin ${marginMs}, skew ${clockSkewMs}`;
              expect(gapMs, which).toBeGreaterThanOrEqual(marginMs - 0.05 * ttlMs);
              await world.end();
            }
          }
        }
      }
    });

    it(`row 40: never let two believe at once by the narrowest settings, for ttls of any length (${takeover})`, async () => {
      for (const ttlMs of [500, 60_000, 600_000]) {
        for (const rates of [
          { holder: 0.95, waiter: 1.05 },
          { holder: 0.95, waiter: 0.95 },
        ]) {
          const marginMs = 0.06 * ttlMs;
          const backoff = { minMs: 10, maxMs: 600_000 };
          const options = { ttlMs, marginMs, clockSkewMs: 0, takeover, backoff };
          const { world, gapMs } = await outliveHolder(rates, options);
          expect(gapMs, `ttl ${ttlMs}`).toBeGreaterThanOrEqual(marginMs - 0.05 * ttlMs);
          await world.end();
        }
      }
    });

    it(`row 40: never cost a healthy holder its lock, for any number of ttls (${takeover})`, async () => {
      for (const rates of [
        { holder: 0.95, waiter: 1.05 },
        { holder: 1.05, waiter: 0.95 },
      ]) {
        const world = manualWorld();
        const [holder, waiter] = [world.process(), world.process()];
        holder.clock = drifting(holder.machine, rates.holder);
        waiter.clock = drifting(waiter.machine, rates.waiter);
        const options = { ttlMs: 5_000, marginMs: 300, clockSkewMs: 0, takeover, backoff: RARELY };
        // The latest refresh that the settings allow, but for the time that it takes.
        const lease = await world.settle(holder.mutex({ ...options, refreshIntervalMs: 4_600 }).acquire());
        const waiting = waiter.mutex(options).acquire({ timeoutMs: Infinity });
        await world.advance(20 * options.ttlMs);
        expect(lease.isHeld).toBe(true);
        expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
        expect(await world.settle(lease.release())).toBe(true);
        expect(await world.settle((await world.settle(waiting)).release())).toBe(true);
        await world.end();
      }
    });
  }

  it('row 40: beyond that two may believe at once, which these tests see', async () => {
    const options = { ttlMs: 5_000, marginMs: 300, clockSkewMs: 0, takeover: 'observation' } as const;
    const { world, gapMs } = await outliveHolder({ holder: 0.88, waiter: 1.12 }, options);
    expect(gapMs).not.toBeGreaterThanOrEqual(0);
    expect(world.beliefs.take()).toHaveLength(1);
    await expect(world.end()).rejects.toThrow('changed the lock of');
  });
});
