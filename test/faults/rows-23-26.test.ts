import { expect } from 'vitest';
import { StoreUnavailableError } from '../../src/errors.ts';
import { type Call, expectAsIfNothing, MATCH, plant, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';

const CALLS: readonly Call[] = ['C', 'G', 'R', 'T', 'D'];

const goneBetween: readonly Row[] = [
  {
    row: 23,
    name: 'a lock that is released between a refused create and the read is created at once',
    play: async (world) => {
      const first = await world.settle(world.process().mutex().acquire());
      const reading = world.emulator.faults.add({ when: 'before', do: { kind: 'hold' }, match: MATCH.G });
      const acquiring = world.process().mutex().acquire();
      await world.until('the read is under way', () => reading.struck.length === 1);
      expect(await world.settle(first.release())).toBe(true);
      reading.release();
      const lease = await world.settle(acquiring);
      const { requests } = world.emulator;
      expect(requests.all().map(({ method, applied }) => `${method} ${applied}`)).toEqual([
        'POST 200',
        'POST 412',
        'GET 404',
        'DELETE 204',
        'POST 200',
      ]);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
  {
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
  },
];

const conflicts: readonly Row[] = (['C', 'T'] as const).flatMap((call): Row[] => {
  const conflict = { when: 'before', do: { kind: 'status', status: 409 } } as const;
  return [
    {
      row: 24,
      name: `${call} takes 409 for "busy" and gets the lock later`,
      play: (world) => expectAsIfNothing(world, call, conflict, 2),
    },
    {
      row: 24,
      name: `tryAcquire takes 409 of ${call} for "held"`,
      play: async (world) => {
        if (call === 'T') {
          await plant(world);
          await world.outlast(world.options.ttlMs);
        }
        strike(world, call, conflict, 100);
        expect(await world.settle(world.process().mutex().tryAcquire())).toBeUndefined();
      },
    },
  ];
});

const redirects: readonly Row[] = CALLS.map((call) => ({
  row: 25,
  name: `${call} follows no redirect, whatever its kind and its host`,
  play: async (world) => {
    for (const status of world.some([301, 302, 307, 308])) {
      for (const location of [`/storage/v1/b/${world.bucket}/o/elsewhere`, 'http://127.0.0.1:9/']) {
        const mutex = world.process().mutex();
        const lease = call === 'R' || call === 'D' ? await world.settle(mutex.acquire()) : undefined;
        if (call === 'T' || call === 'G') await plant(world, {}, `locks/${status}`);
        if (call === 'T') await world.outlast(world.options.ttlMs);
        const target = call === 'T' || call === 'G' ? world.process().mutex({}, `locks/${status}`) : mutex;
        const action = { kind: 'status', status, headers: { location } } as const;
        const script = strike(world, call, { when: 'before', do: action });
        if (lease === undefined) {
          await expect(world.settle(target.acquire())).rejects.toBeInstanceOf(StoreUnavailableError);
        } else if (call === 'R') {
          // A held lease tries again: whatever redirects it may be gone by then.
          await world.settle(lease.refresh());
          expect(await world.settle(lease.release())).toBe(true);
        } else {
          await expect(world.settle(lease.release())).rejects.toBeInstanceOf(StoreUnavailableError);
          expect(await world.settle(lease.release())).toBe(true);
        }
        expect(script.struck).toHaveLength(1);
      }
    }
    expect(world.emulator.requests.all().filter(({ object }) => object === 'elsewhere')).toEqual([]);
  },
}));

const NONSENSE = [
  '<html><body>Welcome to our wireless network</body></html>',
  {},
  { metageneration: '1', metadata: {} },
  { generation: 1_700_000_000_000_001, metageneration: 1 },
  { generation: '0', metageneration: '0' },
] as const;

const nonsense: readonly Row[] = CALLS.map((call) => ({
  row: 26,
  name: `${call} believes no answer of 200 that is not the store's`,
  play: async (world) => {
    for (const body of world.some(NONSENSE)) {
      await expectAsIfNothing(world, call, { when: 'before', do: { kind: 'status', status: 200, body } });
    }
  },
}));

playRows([...goneBetween, ...conflicts, ...redirects, ...nonsense]);
