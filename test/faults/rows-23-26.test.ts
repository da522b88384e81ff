import { expect } from 'vitest';
import { plant, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';

const goneBetween: Row = {
  row: 23,
  name: 'creates that are refused over and over while reads find nothing are bounded, and no error',
  play: async (world) => {
    const refuse = { kind: 'status', status: 412, reason: 'conditionNotMet' } as const;
    const script = strike(world, 'C', { when: 'before', do: refuse }, 1_000);
    const mutex = world.process().mutex({ mutationIntervalMs: 100 });
    const startedMs = world.nowMs();
    const acquiring = mutex.acquire({ timeoutMs: 1_000 });
    await expect(world.settle(acquiring)).rejects.toMatchObject({ code: 'ERR_ACQUIRE_TIMEOUT' });
    expect(world.nowMs() - startedMs).toBeGreaterThanOrEqual(999);
    expect(script.struck.length).toBeLessThanOrEqual(12);
  },
};

const conflicts = (['C', 'T'] as const).map((call): Row => ({
  row: 24,
  name: `tryAcquire takes 409 of ${call} for "held"`,
  play: async (world) => {
    if (call === 'T') {
      await plant(world);
      await world.outlast(world.options.ttlMs);
    }
    strike(world, call, { when: 'before', do: { kind: 'status', status: 409 } }, 100);
    expect(await world.settle(world.process().mutex().tryAcquire())).toBeUndefined();
  },
}));

playRows([goneBetween, ...conflicts]);
