import { expect } from 'vitest';
import { type GcsMutexError, StoreUnavailableError } from '../../src/errors.ts';
import type { Detour } from './line.ts';
import { playRows, type Row } from './rows.ts';

/** Ways to the store that fail, and may work later. */
const PASSING: readonly Detour[] = ['refused', 'no-name', 'no-tls'];
const LOST = { ttlMs: 1_500, refreshIntervalMs: 100 };

const unreachable = PASSING.map((detour): Row => ({
  row: 28,
  name: `whatever is asked of a store that cannot be reached (${detour}) is tried until its time is over`,
  play: async (world) => {
    const player = world.process();
    const lease = await world.settle(player.mutex(LOST).acquire());
    const { struck } = player.line.divert(() => true, detour, Infinity);
    await world.until('the lease is lost', () => lease.signal.aborted);
    expect(lease.lossError?.reason).toBe('expired');
    expect(struck.length).toBeGreaterThan(1);
    const mutex = player.mutex({ requestTimeoutMs: 500 });
    const unavailable = { code: 'ERR_STORE_UNAVAILABLE' };
    const calls = [
      [() => lease.release({ timeoutMs: 500 }), unavailable],
      [() => mutex.acquire({ timeoutMs: 500 }), { code: 'ERR_ACQUIRE_TIMEOUT', cause: unavailable }],
      [() => mutex.tryAcquire(), unavailable],
      [() => mutex.status(), unavailable],
      [() => mutex.breakLock(), unavailable],
    ] as const;
    for (const [call, expected] of calls) {
      const startedMs = world.nowMs();
      const sentBefore = struck.length;
      const failed = world.settle<unknown>(call()).catch((error: unknown) => error);
      expect(await failed).toMatchObject(expected);
      expect(world.nowMs() - startedMs).toBeGreaterThanOrEqual(499);
      expect(struck.length).toBeGreaterThan(sentBefore + 1);
    }
  },
}));

const distrusted: readonly Row[] = [
  {
    row: 28,
    name: 'whatever is asked of a server with a bad certificate fails at once, and is not tried again',
    play: async (world) => {
      const player = world.process();
      const mutex = player.mutex();
      const lease = await world.settle(mutex.acquire());
      const { struck } = player.line.divert(() => true, 'bad-certificate', Infinity);
      const calls = [
        () => mutex.acquire(),
        () => mutex.tryAcquire(),
        () => mutex.status(),
        () => mutex.breakLock(),
        () => lease.release(),
      ];
      for (const [index, call] of calls.entries()) {
        const error: unknown = await world.settle<unknown>(call()).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(StoreUnavailableError);
        expect(String(error)).toContain('certificate');
        expect(struck).toHaveLength(index + 1);
      }
      expect(world.emulator.requests.count, 'nothing got there').toBe(1);
    },
  },
  {
    row: 28,
    name: 'a lease whose refreshes meet a bad certificate is held until its deadline, and gets over it before',
    play: async (world) => {
      const player = world.process();
      const errors: GcsMutexError[] = [];
      const mutex = player.mutex({ onRefreshError: (error) => void errors.push(error) });
      const lease = await world.settle(mutex.acquire());
      player.line.divert(({ method }) => method === 'PATCH', 'bad-certificate', 2);
      await world.settle(lease.refresh());
      expect(errors.map(String).join()).toContain('certificate');
      expect(errors).toHaveLength(2);
      expect(lease.isHeld).toBe(true);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
];

playRows([...unreachable, ...distrusted]);
