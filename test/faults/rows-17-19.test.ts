import { expect } from 'vitest';
import { type GcsMutexError, PermissionDeniedError, UnauthenticatedError } from '../../src/errors.ts';
import { strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';

const TOO_MANY = { when: 'before', do: { kind: 'status', status: 429 } } as const;
const WRONG_TOKEN = { when: 'before', do: { kind: 'status', status: 401 } } as const;
/** A ttl short enough to be lost in a test. */
const SHORT = { ttlMs: 1_500, refreshIntervalMs: 200 };

function forbidden(permission: string) {
  const message = `job@p.iam.gserviceaccount.com does not have ${permission} access to the object.`;
  return { when: 'before', do: { kind: 'status', status: 403, reason: 'forbidden', message } } as const;
}

const busy: readonly Row[] = [
  {
    row: 17,
    name: 'creates that are answered with 429 keep their distance, and it grows',
    play: async (world) => {
      strike(world, 'C', TOO_MANY, 4);
      const options = { mutationIntervalMs: 100, backoff: { minMs: 10, maxMs: 400 } };
      const player = world.process();
      const lease = await world.settle(player.mutex(options).acquire());
      const { sent, sentAtMs } = player.line;
      const createdAtMs = sentAtMs.filter((_, index) => sent[index]?.method === 'POST');
      const gapsMs = createdAtMs.slice(1).map((atMs, index) => atMs - (createdAtMs[index] ?? 0));
      expect(gapsMs).toHaveLength(4);
      for (const gapMs of gapsMs) expect(gapMs).toBeGreaterThanOrEqual(options.mutationIntervalMs);
      expect(await world.settle(lease.release())).toBe(true);
    },
  },
  {
    row: 17,
    name: 'a lease whose refreshes are answered with 429 until its deadline is lost then, and says so before',
    play: async (world) => {
      const player = world.process();
      const errors: GcsMutexError[] = [];
      const onRefreshError = (error: GcsMutexError): void => void errors.push(error);
      const lease = await world.settle(player.mutex({ ...SHORT, onRefreshError }).acquire());
      strike(world, 'R', TOO_MANY, 1_000);
      await world.until('it is lost', () => lease.signal.aborted);
      expect(lease.lossError?.reason).toBe('expired');
      expect(errors[0]).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', status: 429 });
    },
  },
];

const unauthenticated: readonly Row[] = [
  {
    row: 18,
    name: 'a lease whose refreshes are answered with 401 tries until its deadline and is lost then',
    play: async (world) => {
      const errors: GcsMutexError[] = [];
      const onRefreshError = (error: GcsMutexError): void => void errors.push(error);
      const lease = await world.settle(
        world
          .process()
          .mutex({ ...SHORT, onRefreshError })
          .acquire(),
      );
      const script = strike(world, 'R', WRONG_TOKEN, 1_000);
      await world.until('it is lost', () => lease.signal.aborted);
      expect(script.struck.length).toBeGreaterThan(1);
      expect(errors[0]).toBeInstanceOf(UnauthenticatedError);
      expect(lease.lossError?.reason).toBe('expired');
    },
  },
];

const denied: readonly Row[] = [
  {
    row: 19,
    name: 'status and breakLock fail at once where they may not read',
    play: async (world) => {
      const script = strike(world, 'G', forbidden('storage.objects.get'), 1_000);
      const mutex = world.process().mutex();
      await expect(world.settle(mutex.status())).rejects.toBeInstanceOf(PermissionDeniedError);
      await expect(world.settle(mutex.breakLock())).rejects.toBeInstanceOf(PermissionDeniedError);
      expect(script.struck).toHaveLength(2);
    },
  },
];

playRows([...busy, ...unauthenticated, ...denied]);
