import { expect } from 'vitest';
import {
  BucketNotFoundError,
  type GcsMutexError,
  PermissionDeniedError,
  RetentionError,
} from '../../src/errors.ts';
import { everyCall, MATCH, patchBucket, patchObject, plant, removeBucket, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';
import type { World } from './world.ts';

const FORBIDDEN = {
  when: 'before',
  do: {
    kind: 'status',
    status: 403,
    reason: 'forbidden',
    message: 'job@p.iam.gserviceaccount.com does not have storage.objects.update access to the object.',
  },
} as const;

/** A ttl short enough to be lost in a test. */
const SHORT = { ttlMs: 2_500, refreshIntervalMs: 100 };

/** What each attempt of a world's processes was answered, past the reads. */
function writes(world: World): string[] {
  return world.emulator.requests
    .all()
    .filter(({ method, headers }) => method !== 'GET' && headers['x-test-process'] !== undefined)
    .map(({ method, status }) => `${method} ${status}`);
}

const forbiddenRefreshes: readonly Row[] = [
  {
    row: 20,
    name: 'a lease whose refreshes are forbidden is held and tries again until its deadline, and is lost then',
    play: async (world) => {
      const player = world.process();
      const errors: GcsMutexError[] = [];
      const onRefreshError = (error: GcsMutexError): void => void errors.push(error);
      const options = { ...SHORT, onRefreshError };
      const startedMs = world.nowMs();
      const lease = await world.settle(player.mutex(options).acquire());
      const script = strike(world, 'R', FORBIDDEN, 1_000);
      await world.until('it was forbidden twice', () => errors.length === 2);
      expect(lease.isHeld).toBe(true);
      expect(lease.signal.aborted).toBe(false);
      await world.until('it is lost', () => lease.signal.aborted);
      // Its time counts from the create, which is the last write that was applied.
      expect(world.nowMs() - startedMs).toBeGreaterThanOrEqual(0.9 * SHORT.ttlMs);
      expect(lease.lossError?.reason).toBe('expired');
      expect(script.struck.length).toBeGreaterThanOrEqual(2);
      for (const error of errors) expect(error).toBeInstanceOf(PermissionDeniedError);
      expect(String(errors[0])).toContain('storage.objects.update');
      expect(player.events.filter(({ kind }) => kind === 'refreshed')).toEqual([]);
      script.remove();
      await world.settle(lease.release());
    },
  },
];

/** What an admin can do to a lock's object that forbids to replace and to delete it. */
const PROTECTIONS: readonly { readonly what: string; readonly protect: (world: World) => Promise<void> }[] = [
  {
    what: 'a retention policy',
    protect: (world) => patchBucket(world, { retentionPolicy: { retentionPeriod: '864000' } }),
  },
  { what: 'a temporary hold', protect: (world) => patchObject(world, { temporaryHold: true }) },
  { what: 'an event-based hold', protect: (world) => patchObject(world, { eventBasedHold: true }) },
];

/** Expects the error of a lock that may not be replaced, with what to do, and no promise of a missing tool. */
function expectRetention(error: unknown): void {
  expect(error).toBeInstanceOf(RetentionError);
  expect(error).toMatchObject({ code: 'ERR_RETENTION', status: 403 });
  expect(String(error)).toMatch(/bucket without a retention policy|lift the hold/);
  expect(String(error)).toMatch(/hold and cannot be deleted|retention policy or object retention/);
}

const protectedObjects: readonly Row[] = PROTECTIONS.flatMap(({ what, protect }): Row[] => [
  {
    row: 21,
    name: `a release that ${what} forbids rejects at once and leaves the object as it is`,
    play: async (world) => {
      const player = world.process();
      const reported: GcsMutexError[] = [];
      const mutex = player.mutex({ onReleaseError: (error) => void reported.push(error) });
      const lease = await world.settle(mutex.acquire());
      await protect(world);
      // To refresh is no deletion.
      await world.settle(lease.refresh());
      const before = world.object();
      expectRetention(await world.settle(lease.release().catch((error: unknown) => error)));
      expect(writes(world).slice(-2)).toEqual(['PATCH 200', 'DELETE 403']);
      expect(lease.isHeld).toBe(false);
      expect(world.object()).toEqual(before);
      await lease[Symbol.asyncDispose]();
      expectRetention(reported[0]);
    },
  },
  {
    row: 21,
    name: `a takeover that ${what} forbids fails at once and leaves the object as it is`,
    play: async (world) => {
      await plant(world);
      await protect(world);
      await world.outlast(world.options.ttlMs);
      const before = world.object();
      const player = world.process();
      expectRetention(
        await world.settle(
          player
            .mutex()
            .acquire()
            .catch((error: unknown) => error),
        ),
      );
      expect(writes(world)).toEqual(['POST 412', 'POST 403']);
      expectRetention(
        await world.settle(
          player
            .mutex()
            .tryAcquire()
            .catch((error: unknown) => error),
        ),
      );
      expectRetention(
        await world.settle(
          player
            .mutex()
            .breakLock()
            .catch((error: unknown) => error),
        ),
      );
      expect(world.object()).toEqual(before);
    },
  },
]);

const defaultHold: Row = {
  row: 21,
  name: 'in a bucket with a default event-based hold a lock is acquired and refreshed, and its release rejects',
  play: async (world) => {
    await patchBucket(world, { defaultEventBasedHold: true });
    const lease = await world.settle(world.process().mutex().acquire());
    await world.settle(lease.refresh());
    expect(lease.isHeld).toBe(true);
    expectRetention(await world.settle(lease.release().catch((error: unknown) => error)));
    expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
  },
};

const missingBucket: Row = {
  row: 22,
  name: 'whatever is asked of a lock in a bucket that is not there fails at once with one request',
  play: async (world) => {
    await removeBucket(world);
    const mutex = world.process().mutex();
    for (const call of everyCall(mutex)) {
      const { count } = world.emulator.requests;
      const error: unknown = await world.settle<unknown>(call()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(BucketNotFoundError);
      expect(error).toMatchObject({ code: 'ERR_BUCKET_NOT_FOUND', status: 404, lock: mutex.url });
      expect(world.emulator.requests.count).toBe(count + 1);
    }
  },
};

const bucketGoneMeanwhile: Row = {
  row: 22,
  name: 'a waiter whose bucket is removed while it waits hears of it at its next read',
  play: async (world) => {
    await plant(world);
    const acquiring = world.process().mutex().acquire();
    const rejected = acquiring.catch((error: unknown) => error);
    await world.until('it has read', () =>
      world.emulator.requests.all().some(({ method }) => method === 'GET'),
    );
    const gone = {
      kind: 'status',
      status: 404,
      reason: 'notFound',
      message: 'The specified bucket does not exist.',
    } as const;
    const script = world.emulator.faults.add({ when: 'before', do: gone, match: MATCH.G, times: 1_000 });
    expect(await world.settle(rejected)).toBeInstanceOf(BucketNotFoundError);
    expect(script.struck).toHaveLength(1);
  },
};

playRows([...forbiddenRefreshes, ...protectedObjects, defaultHold, missingBucket, bucketGoneMeanwhile]);
