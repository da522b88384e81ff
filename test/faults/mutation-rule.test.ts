import { describe, expect, it } from 'vitest';
import type { GcsMutexError } from '../../src/errors.ts';
import type { GcsMutexOptions } from '../../src/options.ts';
import { plant } from './calls.ts';
import { manualWorld, type ManualWorld } from './world.ts';

/** Google takes about one change of an object a second, and short bursts: with the default settings that must do. */
for (const mutationBurst of [1, 2]) {
  const burst = mutationBurst === 1 ? 'no burst' : `bursts of ${mutationBurst}`;
  describe(`where an object may be changed once a second, with ${burst}`, () => {
    const start = (): ManualWorld => manualWorld({ mutationsPerSecond: 1, mutationBurst });

    /** Options that note every error which is reported in the background. */
    function noting(reported: GcsMutexError[]): GcsMutexOptions {
      const note = (error: GcsMutexError): void => void reported.push(error);
      return { onRefreshError: note, onReleaseError: note };
    }

    it('a lock that is acquired and released again and again is always had, and each release confirmed', async () => {
      const world = start();
      const mutex = world.process().mutex();
      for (let round = 0; round < 5; round += 1) {
        const lease = await world.settle(mutex.acquire());
        expect(await world.settle(lease.release())).toBe(true);
        expect(world.object()).toBeUndefined();
      }
      // Two writes a round, a second each, and what the pauses add.
      expect(world.nowMs()).toBeLessThan(5 * 2 * 3_000);
      await world.end();
    });

    it('a lease that asks for one refresh after the other stays held', async () => {
      const world = start();
      const reported: GcsMutexError[] = [];
      const player = world.process();
      const lease = await world.settle(player.mutex(noting(reported)).acquire());
      for (let round = 0; round < 5; round += 1) {
        await world.settle(lease.refresh());
        expect(lease.isHeld).toBe(true);
      }
      expect(reported).toEqual([]);
      expect(await world.settle(lease.release())).toBe(true);
      await world.end();
    });

    it('the shortest ttl against Google is kept alive by refreshes a second apart, while others wait', async () => {
      const world = start();
      const reported: GcsMutexError[] = [];
      const options = { ttlMs: 5_000, refreshIntervalMs: 1_000, ...noting(reported) };
      const player = world.process();
      const lease = await world.settle(player.mutex(options).acquire());
      const waiting = [1, 2].map(async () => {
        const next = await world.process().mutex(options).acquire({ timeoutMs: Infinity });
        return next.release();
      });
      await world.advance(20_000);
      expect(lease.isHeld).toBe(true);
      expect(reported).toEqual([]);
      expect(await world.settle(lease.release())).toBe(true);
      expect(await world.settle(Promise.all(waiting))).toEqual([true, true]);
      await world.end();
    });

    it('contenders get the lock one after the other, none of them meets an error, and each release is confirmed', async () => {
      const world = start();
      const reported: GcsMutexError[] = [];
      const released: boolean[] = [];
      const contend = async (): Promise<void> => {
        const player = world.process();
        for (let round = 0; round < 2; round += 1) {
          const lease = await player.mutex(noting(reported)).acquire({ timeoutMs: Infinity });
          await lease.refresh();
          expect(lease.isHeld).toBe(true);
          released.push(await lease.release());
        }
      };
      await world.settle(Promise.all(Array.from({ length: 4 }, contend)));
      expect(released).toEqual(Array.from({ length: 8 }, () => true));
      expect(reported).toEqual([]);
      // Three writes a turn, a second each, and the pauses of those who wait.
      expect(world.nowMs()).toBeLessThan(8 * 10_000);
      await world.end();
    });

    it('waiters take a dead holder over, one of them at once and the others after it', async () => {
      const world = start();
      await plant(world);
      const startedMs = world.nowMs();
      const released: boolean[] = [];
      const tookMs: number[] = [];
      const contend = async (): Promise<void> => {
        const lease = await world.process().mutex().acquire({ timeoutMs: Infinity });
        tookMs.push(world.nowMs() - startedMs);
        released.push(await lease.release());
      };
      await world.settle(Promise.all([1, 2, 3].map(contend)));
      expect(released).toEqual([true, true, true]);
      expect(tookMs[0]).toBeLessThanOrEqual(60_000 + 2_000 + 1_000 + 2_150);
      await world.end();
    });

    it('a holder that released gets the answer of tryAcquire, not an error, whatever the store is busy with', async () => {
      const world = start();
      const mutex = world.process().mutex();
      const first = await world.settle(mutex.acquire());
      expect(await world.settle(first.release())).toBe(true);
      const second = await world.settle(mutex.tryAcquire());
      if (second !== undefined) expect(await world.settle(second.release())).toBe(true);
      await world.end();
    });
  });
}
