import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError } from '../src/errors.ts';
import { GcsEvent } from '../src/event/event.ts';
import { GcsLocks } from '../src/factory/factory.ts';
import type { Lease } from '../src/lease.ts';
import { GcsMutex } from '../src/mutex.ts';
import type { PooledResource } from '../src/pool/pooled-resource.ts';
import { PermitsUnknownError } from '../src/semaphore/semaphore-errors.ts';
import { GcsSemaphore } from '../src/semaphore/semaphore.ts';
import { createMemoryBucket, type ImaginedProcess } from '../src/testing/index.ts';
import { WaitTimeoutError } from '../src/event/wait-timeout.ts';
import { settle } from './settle.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [, SECTION = ''] = /\n## Coming from another library\n([^]*?)\n## /.exec(README) ?? [];

/** The lines of the table: a library's call, and what is written here instead. */
const ROWS = new Map<string, string>();
let library = '';
for (const [, from = '', there = '', here = ''] of SECTION.matchAll(
  /^\| (.*?) ?\| `(.+?)` \| `(.+?)` \|$/gm,
)) {
  library = from === '' ? library : from;
  ROWS.set(`${library}: ${there}`, here);
}

const NAME = 'report';
const apiEndpoint = 'http://127.0.0.1:4443';

/** What the lines of the table name, as one process has it. */
function scopeOf({ components }: ImaginedProcess) {
  /** The class, on this process. */
  const here = <Options extends object, Made>(
    Class: new (bucket: string, name: string, options: Options, parts: object) => Made,
  ) =>
    function (bucket: string, name: string, options: Options) {
      return new Class(bucket, name, { apiEndpoint, ...options }, components);
    };
  const locks = new GcsLocks('gs://my-bucket', { apiEndpoint }, components);
  return {
    GcsMutex: here(GcsMutex),
    GcsSemaphore: here(GcsSemaphore),
    GcsEvent: here(GcsEvent),
    GcsLocks: function (url: string, defaults: object) {
      return new GcsLocks(url, { apiEndpoint, ...defaults }, components);
    },
    locks,
    mutex: locks.mutex(NAME),
    semaphore: locks.semaphore(NAME, { permits: 2 }),
    limiter: locks.rateLimiter(NAME, { limit: 2, windowMs: 1_000 }),
    pool: locks.pool(NAME, { resources: ['a'], create: (resource) => ({ connectedTo: resource }) }),
    event: locks.event(NAME),
    name: NAME,
    task: 'my task',
    connect: (resource: string) => ({ connectedTo: resource }),
    work: (given: unknown) => ({ workedWith: given }),
  };
}

/** One line of the table, in a bucket of its own. */
class Trial {
  readonly world = createMemoryBucket({ buckets: ['my-bucket'], idempotencyReplayMs: 0 });
  readonly #process = this.world.process();
  readonly scope = scopeOf(this.#process);
  readonly #others = this.world.process();
  /** Somebody else's. */
  readonly other = scopeOf(this.#others);

  readonly #code: string;

  constructor(code: string) {
    this.#code = code;
  }

  /** Runs the line as it stands in the table. @returns what its last statement gives. */
  async run<T>(lease?: Lease): Promise<T> {
    const statements = this.#code.split('; ');
    const body = [...statements.slice(0, -1), `return ${statements.at(-1)}`].join('; ');
    // oxlint-disable-next-line typescript/no-implied-eval -- it is the page that is tested
    const line = new Function(...Object.keys(this.scope), 'lease', `return (async () => { ${body} })()`);
    return this.settle(line(...Object.values(this.scope), lease));
  }

  settle<T>(work: Promise<T>): Promise<T> {
    return settle(this.world, work);
  }

  /** The other one dies. */
  die(): void {
    this.#others.machine.stop();
  }
}

const isHeldBySomebody = async (trial: Trial): Promise<boolean> =>
  (await trial.settle(trial.scope.mutex.status())) !== undefined;

async function givesMutex(trial: Trial, ttlMs: number): Promise<void> {
  const lease = await trial.settle((await trial.run<GcsMutex>()).acquire());
  expect(lease.isHeld).toBe(true);
  expect(await trial.settle(trial.other.mutex.status())).toMatchObject({ ttlMs, leaseId: lease.leaseId });
}

async function givesLocks(trial: Trial, url: string, ttlMs = 60_000): Promise<void> {
  const locks = await trial.run<GcsLocks>();
  expect(locks.url).toBe(url);
  await trial.settle(locks.mutex(NAME).acquire());
  expect(await trial.settle(locks.mutex(NAME).status())).toMatchObject({ ttlMs });
}

async function givesSemaphore(trial: Trial, permits: number, ttlMs = 60_000): Promise<void> {
  const semaphore = await trial.run<GcsSemaphore>();
  await trial.settle(semaphore.acquire());
  const status = await trial.settle(semaphore.status());
  expect(status).toMatchObject({ permits, held: 1 });
  expect(status.holders[0]).toMatchObject({ ttlMs });
}

/** A free lock is taken, a held one is not, one of a dead holder is. */
async function acquiresIfFree(trial: Trial): Promise<void> {
  const lease = await trial.settle(trial.other.mutex.acquire());
  expect(await trial.run()).toBeUndefined();
  await trial.settle(lease.release());
  const own = await trial.run<Lease>();
  expect(own.isHeld).toBe(true);
  await trial.settle(own.release());
  await trial.settle(trial.other.mutex.acquire());
  trial.die();
  await trial.world.clock.advance(63_000);
  expect((await trial.run<Lease>()).isHeld).toBe(true);
}

async function waitsForPermit(trial: Trial, timeoutMs: number): Promise<void> {
  const leases = [await trial.run<Lease>(), await trial.settle(trial.other.semaphore.acquire())];
  expect(leases.map(({ isHeld }) => isHeld)).toEqual([true, true]);
  const startedAt = trial.world.clock.wallMs();
  await expect(trial.run()).rejects.toThrow(AcquireTimeoutError);
  expect(trial.world.clock.wallMs() - startedAt).toBe(timeoutMs);
}

async function refreshes(trial: Trial): Promise<void> {
  const lease = await trial.settle(trial.scope.mutex.acquire());
  await trial.world.clock.advance(5_000);
  const before = lease.remainingMs;
  await trial.run(lease);
  expect(lease.remainingMs - before).toBeGreaterThan(4_000);
}

async function releases(trial: Trial): Promise<void> {
  const lease = await trial.settle(trial.scope.mutex.acquire());
  expect(await trial.run(lease)).toBe(true);
  expect(await isHeldBySomebody(trial)).toBe(false);
  expect(await trial.run(lease), 'and a second time nothing').toBe(true);
}

const PROMISES: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  'dimutex: GCS(bucket, name, ttl=timedelta(seconds=60))': (trial) => givesMutex(trial, 60_000),
  'dimutex: acquire()': acquiresIfFree,
  'dimutex: acquire(expired=False)': async (trial) => {
    await trial.settle(trial.other.mutex.acquire());
    trial.die();
    await trial.world.clock.advance(63_000);
    expect(await trial.run()).toBe(false);
    await trial.settle(trial.scope.mutex.breakLock());
    expect((await trial.run<Lease>()).isHeld).toBe(true);
  },
  'dimutex: acquire(force=True)': async (trial) => {
    const lease = await trial.settle(trial.other.mutex.acquire());
    expect((await trial.run<Lease>()).isHeld).toBe(true);
    await expect(trial.settle(lease.refresh())).rejects.toThrow();
  },
  'dimutex: refresh()': refreshes,
  'dimutex: release()': releases,
  'dimutex: acquired()': async (trial) => {
    expect(await trial.run()).toBe(false);
    await trial.settle(trial.other.mutex.acquire());
    expect(await trial.run()).toBe(true);
  },
  'nats-semaphore: NatsSemaphoreContext(nc, bucket="SEMAPHORES")': (trial) =>
    givesLocks(trial, 'gs://my-bucket/semaphores/'),
  'nats-semaphore: context.semaphore(name, slot_count=3)': (trial) => givesSemaphore(trial, 3),
  'nats-semaphore: acquire(timeout=10)': (trial) => waitsForPermit(trial, 10_000),
  'nats-semaphore: lock(timeout=10)': async (trial) => {
    expect(await trial.run()).toEqual({ workedWith: expect.objectContaining({ permits: 1 }) });
    expect(await trial.settle(trial.scope.semaphore.availablePermits())).toBe(2);
  },
  'nats-semaphore: current_free_count()': async (trial) => {
    await trial.settle(trial.other.semaphore.acquire());
    expect(await trial.run()).toBe(1);
  },
  'nats-semaphore: lock.renew()': refreshes,
  'nats-semaphore: lock.release()': releases,
  'redsync: RedisSemaphore.create(client, name, count=3)': (trial) => givesSemaphore(trial, 3),
  'redsync: RedisSemaphore.attach(client, name)': async (trial) => {
    const semaphore = await trial.run<GcsSemaphore>();
    await expect(trial.settle(semaphore.acquire())).rejects.toThrow(PermitsUnknownError);
    await trial.settle(trial.other.semaphore.acquire());
    await trial.settle(semaphore.acquire());
    expect(await trial.settle(semaphore.status())).toMatchObject({ permits: 2, held: 2 });
  },
  'redsync: get_count()': async (trial) => {
    await trial.settle(trial.other.semaphore.acquire());
    expect(await trial.run()).toBe(2);
  },
  'redsync: acquire(timeout=5)': (trial) => waitsForPermit(trial, 5_000),
  'redsync: release()': releases,
  'redsync: RedisEvent(client, name)': async (trial) => {
    await trial.settle((await trial.run<GcsEvent>()).set());
    expect(await trial.settle(trial.other.event.isSet())).toBe(true);
  },
  'redsync: event.set()': async (trial) => {
    await trial.run();
    expect(await trial.settle(trial.other.event.isSet())).toBe(true);
  },
  'redsync: event.clear()': async (trial) => {
    await trial.settle(trial.other.event.set());
    await trial.run();
    expect(await trial.settle(trial.other.event.isSet())).toBe(false);
  },
  'redsync: event.is_set()': async (trial) => {
    expect(await trial.run()).toBe(false);
    await trial.settle(trial.other.event.set());
    expect(await trial.run()).toBe(true);
  },
  'redsync: event.wait(timeout=5)': async (trial) => {
    await expect(trial.run()).rejects.toThrow(WaitTimeoutError);
    await trial.settle(trial.other.event.set('ready'));
    expect(await trial.run()).toBe('ready');
    expect(await trial.run(), 'for all').toBe('ready');
  },
  'redguard: RedGuard.from_url(url, namespace="app")': (trial) => givesLocks(trial, 'gs://my-bucket/app/'),
  'redguard: guard.lock(name, ttl=10)': (trial) => givesMutex(trial, 10_000),
  'redguard: acquire(blocking=True, timeout=5)': async (trial) => {
    const lease = await trial.run<Lease>();
    await expect(trial.run()).rejects.toThrow(AcquireTimeoutError);
    await trial.settle(lease.release());
    expect((await trial.run<Lease>()).isHeld).toBe(true);
  },
  'redguard: acquire(blocking=False)': acquiresIfFree,
  'redguard: async with lock:': async (trial) => {
    expect(await trial.run()).toEqual({
      workedWith: expect.objectContaining({ lock: 'gs://my-bucket/report' }),
    });
    expect(await isHeldBySomebody(trial)).toBe(false);
  },
  'redguard: guard.semaphore(name, capacity=2, ttl=10)': (trial) => givesSemaphore(trial, 2, 10_000),
  'redguard: guard.limiter(name, limit=2, window=1)': async (trial) => {
    const limiter = await trial.run<Trial['scope']['limiter']>();
    await trial.settle(limiter.take(2));
    expect(await trial.settle(limiter.tryTake())).toMatchObject({ ok: false });
  },
  'redguard: limiter.acquire(blocking=True, timeout=5)': async (trial) => {
    for (const _turn of [1, 2, 3]) await trial.run();
    expect(await trial.settle(trial.scope.limiter.tryTake(2))).toMatchObject({ ok: false });
  },
  'redguard: limiter.acquire()': async (trial) => {
    expect([await trial.run(), await trial.run(), await trial.run()]).toEqual([true, true, false]);
  },
  'redguard: guard.pool(Semaphore, name, connect, capacity=3)': async (trial) => {
    const pool = await trial.run<Trial['scope']['pool']>();
    const all = await trial.settle(Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]));
    expect(all.map(({ value }) => value.connectedTo).toSorted()).toEqual(['a', 'b', 'c']);
    expect(await trial.settle(pool.tryAcquire())).toBeUndefined();
  },
  'redguard: SharedResourcePool.acquire()': async (trial) => {
    expect(await trial.run()).toEqual({ connectedTo: 'a' });
    expect(await trial.settle(trial.other.pool.tryAcquire())).toBeUndefined();
  },
  'redguard: async with pool as resource:': async (trial) => {
    expect(await trial.run()).toEqual({ workedWith: { connectedTo: 'a' } });
    const next: PooledResource<unknown> | undefined = await trial.settle(trial.other.pool.tryAcquire());
    expect(next?.resource).toBe('a');
  },
  'Redis semaphore utility: Semaphore(default_timeout=1800)': (trial) =>
    givesLocks(trial, 'gs://my-bucket/vars/', 1_800_000),
  'Redis semaphore utility: acquire_lock(var_name=name, task_name=task)': async (trial) => {
    expect((await trial.run<Lease>()).isHeld).toBe(true);
    expect(await trial.settle(trial.other.mutex.status())).toMatchObject({ holder: 'my task' });
    expect(await trial.run()).toBeUndefined();
  },
  'Redis semaphore utility: release_lock(var_name=name)': releases,
  'Redis semaphore utility: status_lock(var_name=name)': async (trial) => {
    expect(await trial.run()).toBeUndefined();
    await trial.settle(trial.other.locks.mutex(NAME, { holder: 'their task' }).acquire());
    expect(await trial.run()).toBe('their task');
  },
};

describe('the table of what other libraries call it', () => {
  it('has a promise for each line, and a line for each', () => {
    expect([...ROWS.keys()].toSorted()).toEqual(Object.keys(PROMISES).toSorted());
  });

  it.each(Object.entries(PROMISES))('keeps its word: %s', async (call, promise) => {
    await promise(new Trial(ROWS.get(call) ?? ''));
  });
});
