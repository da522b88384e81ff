import { expect } from 'vitest';
import { expectAsIfNothing, MATCH, plant, remove, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';

const HOLD = { when: 'before', do: { kind: 'hold' } } as const;
const TWICE = { kind: 'duplicate' } as const;

const lateWritesMeetTheSameMetageneration: readonly Row[] = [
  {
    row: 14,
    name: 'a takeover that arrives after the record was replaced by one of metageneration 1 is refused',
    play: async (world) => {
      await plant(world);
      await world.outlast(world.options.ttlMs);
      const late = strike(world, 'T', HOLD);
      const acquiring = world.process().mutex().acquire();
      await world.until('the takeover is under way', () => late.struck.length === 1);
      const rival = await world.settle(world.process().mutex().acquire());
      expect(world.object()?.metageneration).toBe(1n);
      late.release();
      await world.until('it was decided', () => late.struck[0]?.applied !== undefined);
      expect(late.struck[0]?.applied).toBe(412);
      expect(world.object()?.metadata?.['lease-id']).toBe(rival.leaseId);
      expect(await world.settle(rival.release())).toBe(true);
      expect(await world.settle((await world.settle(acquiring)).release())).toBe(true);
    },
  },
  {
    row: 14,
    name: 'a refresh that arrives after the object was deleted and made anew is refused, and the lease lost',
    play: async (world) => {
      const player = world.process();
      const first = await world.settle(player.mutex().acquire());
      const late = strike(world, 'R', HOLD);
      const lost = expect(first.refresh()).rejects.toMatchObject({ code: 'ERR_LEASE_LOST' });
      await world.until('the refresh is under way', () => late.struck.length === 1);
      await remove(world);
      const second = await world.settle(world.process().mutex().acquire());
      // Nothing is promised against whoever may delete the object.
      expect(world.beliefs.take()).toHaveLength(1);
      const before = world.object();
      late.release();
      await world.settle(lost);
      expect(late.struck[0]?.applied).toBe(412);
      expect(world.object()).toEqual(before);
      expect(first.lossError?.reason).toBe('taken-over');
      expect(await world.settle(second.release())).toBe(true);
    },
  },
  {
    row: 14,
    name: 'a release that arrives after the object was deleted and made anew is refused, and gives false',
    play: async (world) => {
      const first = await world.settle(world.process().mutex().acquire());
      const late = strike(world, 'D', HOLD);
      const releasing = first.release();
      await world.until('the delete is under way', () => late.struck.length === 1);
      await remove(world);
      const second = await world.settle(world.process().mutex().acquire());
      late.release();
      expect(await world.settle(releasing)).toBe(false);
      expect(world.object()?.metadata?.['lease-id']).toBe(second.leaseId);
      expect(await world.settle(second.release())).toBe(true);
    },
  },
];

const answersReordered: readonly Row[] = [
  {
    row: 15,
    name: 'an answer to a refresh that comes after the next one was credited never moves the deadline',
    play: async (world) => {
      const lease = await world.settle(world.process().mutex({ requestTimeoutMs: 300 }).acquire());
      const slow = world.emulator.faults.add({ when: 'after', do: { kind: 'hold' }, match: MATCH.R });
      await world.settle(lease.refresh());
      expect(slow.struck).toHaveLength(1);
      await world.settle(lease.refresh());
      const remainingMs = lease.remainingMs;
      slow.release();
      await world.until('it was answered', () => slow.struck[0]?.status === 200);
      expect(lease.remainingMs).toBeLessThanOrEqual(remainingMs);
      expect(lease.isHeld).toBe(true);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
  {
    row: 15,
    name: 'two refreshes asked for at once are one request',
    play: async (world) => {
      const lease = await world.settle(world.process().mutex().acquire());
      await world.settle(Promise.all([lease.refresh(), lease.refresh()]));
      const patches = world.emulator.requests.mutations().filter(({ method }) => method === 'PATCH');
      expect(patches).toHaveLength(1);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
];

const duplicates: readonly Row[] = (['before', 'after'] as const).flatMap((when): Row[] => [
  {
    row: 16,
    name: `a create that the network doubles (${when} its own turn) grants one lease`,
    play: async (world) => {
      strike(world, 'C', { when, do: TWICE });
      const lease = await world.settle(world.process().mutex().acquire());
      expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
      await world.settle(lease.refresh());
      expect(await world.settle(lease.release())).toBe(true);
      expect(world.object()).toBeUndefined();
    },
  },
  {
    row: 16,
    name: `a refresh that the network doubles (${when} its own turn) is credited`,
    play: async (world) => {
      const lease = await world.settle(world.process().mutex().acquire());
      strike(world, 'R', { when, do: TWICE });
      await world.settle(lease.refresh());
      await world.settle(lease.refresh());
      expect(lease.isHeld).toBe(true);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
  {
    row: 16,
    name: `a release that the network doubles (${when} its own turn) frees the lock and is no error`,
    play: async (world) => {
      const lease = await world.settle(world.process().mutex().acquire());
      strike(world, 'D', { when, do: TWICE });
      // Of the second execution one sees that the object is gone, and cannot know by whose hand.
      expect(await world.settle(lease.release())).toBe(when === 'after');
      expect(world.object()).toBeUndefined();
    },
  },
]);

const replayed: readonly Row[] = (['C', 'R', 'D'] as const).map((call) => ({
  row: 16,
  name: `${call} that the network doubles is as if it had not, where the store replays its first answer`,
  store: { idempotencyReplayMs: 120_000 },
  play: (world) => expectAsIfNothing(world, call, { when: 'before', do: TWICE }),
}));

playRows([...replayed, ...lateWritesMeetTheSameMetageneration, ...answersReordered, ...duplicates]);
