import { OAuth2Client } from 'google-auth-library';
import { describe, expect, it } from 'vitest';
import {
  type GcsMutexError,
  PermissionDeniedError,
  StoreUnavailableError,
  UnauthenticatedError,
} from '../../src/errors.ts';
import { acceptToken } from '../through/tokens.ts';
import { expectAsIfNothing, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';
import { httpWorld, type World } from './world.ts';

const TOO_MANY = { when: 'before', do: { kind: 'status', status: 429 } } as const;
const WRONG_TOKEN = { when: 'before', do: { kind: 'status', status: 401 } } as const;
/** A ttl short enough to be lost in a test. */
const SHORT = { ttlMs: 1_500, refreshIntervalMs: 200 };

function forbidden(permission: string) {
  const message = `job@p.iam.gserviceaccount.com does not have ${permission} access to the object.`;
  return { when: 'before', do: { kind: 'status', status: 403, reason: 'forbidden', message } } as const;
}

const busy: readonly Row[] = [
  ...(['C', 'G', 'R', 'T', 'D'] as const).map((call) => ({
    row: 17,
    name: `${call} gets through answers of 429`,
    play: (world: World) => expectAsIfNothing(world, call, TOO_MANY, 3),
  })),
  {
    row: 17,
    name: 'creates that are answered with 429 keep their distance, and it grows',
    play: async (world) => {
      strike(world, 'C', TOO_MANY, 4);
      const options = { mutationIntervalMs: 100, backoff: { minMs: 10, maxMs: 400 } };
      const lease = await world.settle(world.process().mutex(options).acquire());
      const sentAt = world.emulator.requests.mutations().map(({ at }) => at);
      const gapsMs = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
      expect(gapsMs).toHaveLength(4);
      // Over HTTP these are the times of arrival, of which a busy machine brings some closer together.
      for (const gapMs of gapsMs) expect(gapMs).toBeGreaterThanOrEqual(50);
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
  {
    row: 17,
    name: 'a release that is answered with 429 for all its time rejects, and leaves the lock to its ttl',
    play: async (world) => {
      const lease = await world.settle(world.process().mutex().acquire());
      const script = strike(world, 'D', TOO_MANY, 1_000);
      const releasing = lease.release({ timeoutMs: 300 });
      await expect(world.settle(releasing)).rejects.toBeInstanceOf(StoreUnavailableError);
      script.remove();
      expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
      await world.outlast(world.options.ttlMs);
      const next = await world.settle(world.process().mutex().acquire());
      expect(await world.settle(next.release())).toBe(true);
    },
  },
];

const unauthenticated: readonly Row[] = [
  {
    row: 18,
    name: 'an acquire that is answered with 401 fails at once',
    play: async (world) => {
      strike(world, 'C', WRONG_TOKEN, 1_000);
      const acquiring = world.process().mutex().acquire();
      await expect(world.settle(acquiring)).rejects.toBeInstanceOf(UnauthenticatedError);
      expect(world.emulator.requests.count).toBe(world.sendsPer401);
    },
  },
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
  {
    row: 18,
    name: 'a release that is answered with 401 rejects at once',
    play: async (world) => {
      const lease = await world.settle(world.process().mutex().acquire());
      const script = strike(world, 'D', WRONG_TOKEN, 1_000);
      await expect(world.settle(lease.release())).rejects.toBeInstanceOf(UnauthenticatedError);
      expect(script.struck).toHaveLength(world.sendsPer401);
    },
  },
];

const denied: readonly Row[] = [
  {
    row: 19,
    name: 'an acquire that may not create fails at once and names the permission',
    play: async (world) => {
      strike(world, 'C', forbidden('storage.objects.create'), 1_000);
      const error: unknown = await world
        .settle(world.process().mutex().acquire())
        .catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(PermissionDeniedError);
      expect(String(error)).toContain('storage.objects.create');
      expect(world.emulator.requests.count).toBe(1);
    },
  },
  {
    row: 19,
    name: 'an acquire that may not read fails at once and names the permission',
    play: async (world) => {
      const holder = await world.settle(world.process().mutex().acquire());
      const script = strike(world, 'G', forbidden('storage.objects.get'), 1_000);
      const error: unknown = await world
        .settle(world.process().mutex().acquire())
        .catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(PermissionDeniedError);
      expect(String(error)).toContain('storage.objects.get');
      // Without permission to list, a read of what is absent is forbidden too: a create is tried once more.
      expect(script.struck.length).toBeLessThanOrEqual(3);
      expect(await world.settle(holder.release())).toBe(true);
    },
  },
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

describe('over HTTP with credentials', () => {
  it('row 18: a token that is answered with 401 once is renewed, and nobody notices', async () => {
    await using world = await httpWorld();
    const auth = new OAuth2Client();
    let tokenCount = 0;
    auth.refreshHandler = () => {
      tokenCount += 1;
      acceptToken(`token-${tokenCount}`);
      return Promise.resolve({ access_token: `token-${tokenCount}`, expiry_date: Date.now() + 3_600_000 });
    };
    strike(world, 'C', WRONG_TOKEN);
    const lease = await world.process(auth).mutex().acquire();
    expect(lease.isHeld).toBe(true);
    expect(await lease.release()).toBe(true);
    const tokens = world.emulator.requests.all().map(({ headers }) => headers['authorization']);
    expect(tokens).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
    await world.end();
  });
});
