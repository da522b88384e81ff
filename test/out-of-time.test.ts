import { describe, expect, it } from 'vitest';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../src/testing/index.ts';
import { settle } from './settle.ts';

/** Something that a caller waits for. */
interface Waited {
  readonly what: string;
  /** The code of the error of a wait that ran out. */
  readonly code: string;
  /** Sees to it that whoever comes later waits. */
  readonly occupy?: (process: ImaginedProcess) => Promise<unknown>;
  readonly wait: (process: ImaginedProcess, options: { readonly timeoutMs: number }) => Promise<unknown>;
}

const SEMAPHORE = ['limits/reports', { permits: 1 }] as const;
const POOL = ['pools/accounts', { resources: ['anna'] }] as const;
const RATE = ['limits/mail', { limit: 1, windowMs: 3_600_000 }] as const;

const WAITED: readonly Waited[] = [
  {
    what: 'a lock',
    code: 'ERR_ACQUIRE_TIMEOUT',
    occupy: (process) => process.mutex('locks/one').acquire(),
    wait: (process, options) => process.mutex('locks/one').acquire(options),
  },
  {
    what: 'a permit',
    code: 'ERR_ACQUIRE_TIMEOUT',
    occupy: (process) => process.semaphore(...SEMAPHORE).acquire(),
    wait: (process, options) => process.semaphore(...SEMAPHORE).acquire(options),
  },
  {
    what: 'a resource',
    code: 'ERR_ACQUIRE_TIMEOUT',
    occupy: (process) => process.pool(...POOL).acquire(),
    wait: (process, options) => process.pool(...POOL).acquire(options),
  },
  {
    what: 'an event',
    code: 'ERR_WAIT_TIMEOUT',
    wait: (process, options) => process.event('events/imported').wait(options),
  },
  {
    what: 'a permit of a rate limiter',
    code: 'ERR_TAKE_TIMEOUT',
    occupy: (process) => process.rateLimiter(...RATE).take(),
    wait: (process, options) => process.rateLimiter(...RATE).take(1, options),
  },
];

const FAILING = { kind: 'status', status: 503 } as const;
const TROUBLES = [
  [
    'stalls',
    { kind: 'stall' },
    { says: /There was no answer within \d+ ms\.|was cut off\./, status: undefined },
  ],
  ['breaks connections', { kind: 'reset' }, { says: /The connection broke/, status: undefined }],
  ['answers 503', FAILING, { says: /The store answered 503/, status: 503 }],
  [
    'answers 429',
    { kind: 'status', status: 429 },
    { says: /The store asks for patience \(HTTP 429/, status: 429 },
  ],
] as const;

/** Waits from now on, and gives the error of that. */
async function waitInVain(world: MemoryBucket, { wait }: Waited, timeoutMs = 8_000): Promise<unknown> {
  const startedMs = world.clock.passedMs;
  const error = await settle(
    world,
    wait(world.process(), { timeoutMs }).then(
      () => 'granted',
      (reason: unknown) => reason,
    ),
  );
  expect(world.clock.passedMs - startedMs).toBe(timeoutMs);
  expect(error).toMatchObject({ waitedMs: timeoutMs });
  return error;
}

async function occupied(waited: Waited): Promise<MemoryBucket> {
  const world = createMemoryBucket();
  if (waited.occupy !== undefined) await settle(world, waited.occupy(world.process()));
  return world;
}

const outage = (action: (typeof TROUBLES)[number][1]) =>
  ({ when: 'before', match: {}, do: action, times: Infinity }) as const;

describe.each(WAITED)('a wait for $what', (waited) => {
  const { code, wait } = waited;

  it.each(TROUBLES)('is out of time where the store %s, and says so', async (_how, action, seen) => {
    const world = createMemoryBucket();
    world.emulator.faults.add(outage(action));
    const error = await waitInVain(world, waited);
    const { says, status } = seen;
    expect(error).toMatchObject({ code, cause: { code: 'ERR_STORE_UNAVAILABLE', status } });
    expect(String(error)).toMatch(/^\w+: \S.*8000 ms.*\. The store gave no usable answer for gs:/);
    expect(String(error)).toMatch(says);
  });

  it.each(TROUBLES)('says at its end that the store %s since a while', async (_how, action, { says }) => {
    const world = await occupied(waited);
    const waiting = waitInVain(world, waited, 20_000);
    await world.clock.advance(10_000);
    world.emulator.faults.add(outage(action));
    const error = await waiting;
    expect(error).toMatchObject({ code, cause: { code: 'ERR_STORE_UNAVAILABLE' } });
    expect(String(error)).toMatch(says);
  });

  it('says nothing of the store where it answers', async () => {
    const error = await waitInVain(await occupied(waited), waited);
    expect(error).toMatchObject({ code });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain('The store');
  });

  it('says nothing of the store where it has failed for a while and answers again', async () => {
    const world = await occupied(waited);
    const trouble = world.emulator.faults.add(outage(FAILING));
    const waiting = waitInVain(world, waited, 40_000);
    await world.clock.advance(15_000);
    trouble.remove();
    const error = await waiting;
    expect(error).toMatchObject({ code });
    expect(error).not.toHaveProperty('cause');
  });

  it.each([
    ['may not be asked', { kind: 'status', status: 403, reason: 'forbidden' }, 'ERR_PERMISSION_DENIED'],
    ['asks for credentials', { kind: 'status', status: 401, reason: 'required' }, 'ERR_UNAUTHENTICATED'],
  ] as const)('ends at once where the store %s', async (_how, action, other) => {
    const world = await occupied(waited);
    world.emulator.faults.add({ when: 'before', match: {}, do: action, times: Infinity });
    const startedMs = world.clock.passedMs;
    const failed = settle(world, wait(world.process(), { timeoutMs: 60_000 }));
    await expect(failed).rejects.toMatchObject({ code: other });
    expect(world.clock.passedMs - startedMs).toBeLessThan(3_000);
  });

  it('ends at once where there is no such bucket', async () => {
    const world = createMemoryBucket({ buckets: [] });
    const failed = settle(world, wait(world.process(), { timeoutMs: 60_000 }));
    await expect(failed).rejects.toMatchObject({ code: 'ERR_BUCKET_NOT_FOUND' });
    expect(world.clock.passedMs).toBe(0);
  });
});

describe.each(WAITED.filter(({ occupy }) => occupy !== undefined))('a wait for $what', (waited) => {
  it('says nothing of the store where a write failed once, and others were quicker than the next', async () => {
    const world = createMemoryBucket();
    world.emulator.faults.add({ when: 'before', match: { operation: 'objects.insert' }, do: FAILING });
    const waiting = waitInVain(world, waited);
    await world.clock.advance(0);
    await waited.occupy?.(world.process());
    const error = await waiting;
    expect(error).toMatchObject({ code: waited.code });
    expect(error).not.toHaveProperty('cause');
  });

  it.each(TROUBLES)('says that no write was possible where the store %s to each', async (...args) => {
    const [_how, action, { says }] = args;
    const world = createMemoryBucket();
    world.emulator.faults.add({ ...outage(action), match: { operation: 'objects.insert' } });
    const error = await waitInVain(world, waited, 12_000);
    expect(error).toMatchObject({ code: waited.code, cause: { code: 'ERR_STORE_UNAVAILABLE' } });
    expect(String(error)).toMatch(says);
  });
});
