import { expect } from 'vitest';
import { type Call, edit, expectAsIfNothing, plant, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';
import type { World } from './world.ts';

const CALLS: readonly Call[] = ['C', 'G', 'R', 'T', 'D'];
const BROKEN = [500, 502, 503, 504, 408] as const;
const RESET = { kind: 'reset' } as const;
const UNAVAILABLE = { kind: 'status', status: 503 } as const;

/** An answer that is lost after the store has done its work. */
const LOST_ANSWERS = [RESET, UNAVAILABLE] as const;

function count(world: World, method: string): number {
  return world.emulator.requests.mutations().filter((request) => request.method === method).length;
}

const errorsBefore: readonly Row[] = CALLS.map((call) => ({
  row: 1,
  name: `${call} gets through answers of 500, 502, 503, 504 and 408 to requests that were not carried out`,
  play: async (world) => {
    for (const status of world.some(BROKEN)) {
      await expectAsIfNothing(world, call, { when: 'before', do: { kind: 'status', status } });
    }
  },
}));

const answersLost: readonly Row[] = LOST_ANSWERS.flatMap((action): Row[] => [
  {
    row: 2,
    name: `a create whose answer is lost (${action.kind}) grants once a read shows its lease id`,
    play: async (world) => {
      await expectAsIfNothing(world, 'C', { when: 'after', do: action });
      expect(count(world, 'POST'), 'it was not sent again').toBe(1);
    },
  },
  {
    row: 3,
    name: `a refresh whose answer is lost (${action.kind}) is credited from its own send`,
    play: async (world) => {
      const player = world.process();
      const lease = await world.settle(player.mutex().acquire());
      strike(world, 'R', { when: 'after', do: action });
      await world.settle(lease.refresh());
      expect(count(world, 'PATCH'), 'it was not sent again').toBe(1);
      expect(lease.isHeld).toBe(true);
      expect(lease.remainingMs).toBeLessThanOrEqual(0.9 * world.options.ttlMs);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
  {
    row: 4,
    name: `a takeover whose answer is lost (${action.kind}) grants once a read shows its lease id`,
    play: async (world) => {
      await expectAsIfNothing(world, 'T', { when: 'after', do: action });
      const overwrites = world.emulator.requests
        .mutations()
        .filter(({ method, query }) => method === 'POST' && Number(query['ifGenerationMatch']) > 0);
      expect(overwrites, 'it was not sent again').toHaveLength(1);
    },
  },
]);

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

const releasesLost: readonly Row[] = LOST_ANSWERS.flatMap((action) =>
  ([404, 412] as const).map((missingObjectStatus) => ({
    row: 5,
    name: `a release whose answer is lost (${action.kind}) and whose retry meets ${missingObjectStatus} is true`,
    store: { missingObjectStatus },
    play: async (world) => {
      await expectAsIfNothing(world, 'D', { when: 'after', do: action });
      expect(world.emulator.requests.last()?.status).toBe(missingObjectStatus);
    },
  })),
);

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

const resets: readonly Row[] = CALLS.map((call) => ({
  row: 6,
  name: `${call} gets through resets of connections whose requests were not carried out`,
  play: (world) => expectAsIfNothing(world, call, { when: 'before', do: RESET }, 2),
}));

playRows([
  ...errorsBefore,
  ...answersLost,
  ...countedFromTheSend,
  refreshCountedFromTheSend,
  ...releasesLost,
  ...refreshesUnknown,
  ...resets,
]);
