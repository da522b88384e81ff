import { expect } from 'vitest';
import { edit, plant, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';
import type { World } from './world.ts';

const RESET = { kind: 'reset' } as const;
function count(world: World, method: string): number {
  return world.emulator.requests.mutations().filter((request) => request.method === method).length;
}

/** The matrix plays it where the retry meets 404, the answer that the embedded store gives unless told otherwise. */
const releaseLost: Row = {
  row: 5,
  name: 'a release whose answer is lost and whose retry meets 412 is true',
  store: { missingObjectStatus: 412 },
  play: async (world) => {
    const lease = await world.settle(world.process().mutex().acquire());
    strike(world, 'D', { when: 'after', do: RESET });
    expect(await world.settle(lease.release())).toBe(true);
    expect(world.emulator.requests.last()?.status).toBe(412);
  },
};

const countedFromTheSend: readonly Row[] = (['C', 'T'] as const).map((call) => ({
  row: call === 'C' ? 2 : 4,
  name: `${call} whose answer never comes counts from its send, not from the read that shows it`,
  play: async (world) => {
    if (call === 'T') {
      await plant(world);
      await world.outlast(world.options.ttlMs);
    }
    strike(world, call, { when: 'after', do: { kind: 'stall' } });
    const lease = await world.settle(world.process().mutex({ requestTimeoutMs: 300 }).acquire());
    expect(lease.remainingMs).toBeLessThanOrEqual(0.9 * world.options.ttlMs - 299);
    expect(await world.settle(lease.release())).toBe(true);
  },
}));

const refreshCountedFromTheSend: Row = {
  row: 3,
  name: 'R whose answer never comes counts from its send, not from the read that shows it',
  play: async (world) => {
    const lease = await world.settle(world.process().mutex({ requestTimeoutMs: 300 }).acquire());
    strike(world, 'R', { when: 'after', do: { kind: 'stall' } });
    await world.settle(lease.refresh());
    expect(count(world, 'PATCH'), 'it was not sent again').toBe(1);
    expect(lease.remainingMs).toBeLessThanOrEqual(0.9 * world.options.ttlMs - 299);
    expect(await world.settle(lease.release())).toBe(true);
  },
};

const refreshesUnknown: readonly Row[] = [
  {
    row: 3,
    name: 'a refresh that was not applied is sent again under a new count and with the version as read',
    play: async (world) => {
      const lease = await world.settle(world.process().mutex().acquire());
      await edit(world, { note: 'an edit that moves the metageneration' });
      strike(world, 'R', { when: 'before', do: RESET });
      await world.settle(lease.refresh());
      expect(world.object()?.metadata?.['refresh-count']).toBe('2');
      expect(world.object()?.metageneration).toBe(3n);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
  {
    row: 3,
    name: 'a refresh after which the record shows edited protocol keys loses the lease',
    play: async (world) => {
      const player = world.process();
      const lease = await world.settle(player.mutex().acquire());
      await edit(world, { 'ttl-ms': '77777' });
      await expect(world.settle(lease.refresh())).rejects.toMatchObject({ reason: 'edited' });
      expect(lease.isHeld).toBe(false);
      expect(await world.settle(lease.release())).toBe(false);
    },
  },
  {
    row: 3,
    name: 'a refresh after which the record shows another lease id loses the lease',
    play: async (world) => {
      const player = world.process();
      const lease = await world.settle(player.mutex().acquire());
      await plant(world);
      await expect(world.settle(lease.refresh())).rejects.toMatchObject({ reason: 'taken-over' });
      expect(await world.settle(lease.release())).toBe(false);
      expect(world.object()?.metadata?.['lease-id']).toBe('d'.repeat(32));
    },
  },
];

playRows([...countedFromTheSend, refreshCountedFromTheSend, releaseLost, ...refreshesUnknown]);
