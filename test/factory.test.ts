import { describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../emulator/index.ts';
import { GcsLocks } from '../src/factory/factory.ts';
import type { TransportAnswer } from '../src/gcs/transport.ts';
import type { ListedLock } from '../src/factory/listed.ts';
import type { GcsMutexOptions } from '../src/options.ts';
import { createMemoryBucket } from '../src/testing/index.ts';
import { put as putObject } from './faults/calls.ts';
import { LEFT_BEHIND } from './left-behind.ts';

const HOUR = 3_600_000;

/** A bucket with a folder of locks, seen by one process. */
function folder(options: EmulatorOptions = {}, defaults: GcsMutexOptions = {}) {
  const memory = createMemoryBucket(options);
  const process = memory.process();
  const put = (name: string, metadata: Record<string, string>): Promise<void> =>
    putObject(memory, { metadata }, name);
  const locks = new GcsLocks(
    'gs://memory/jobs',
    { apiEndpoint: 'http://127.0.0.1:4443', ...defaults },
    process.components,
  );
  return { ...memory, process, locks, put };
}

async function all(locks: GcsLocks): Promise<ListedLock[]> {
  const found: ListedLock[] = [];
  for await (const lock of locks.list()) found.push(lock);
  return found;
}

describe('a factory', () => {
  it('makes locks below its prefix, with its defaults', async () => {
    const { locks } = folder({}, { ttlMs: 20_000, holder: 'all of us' });
    const mutex = locks.mutex('a/b');
    expect(mutex.url).toBe('gs://memory/jobs/a/b');
    expect(mutex.timing.ttlMs).toBe(20_000);
    expect(locks.mutex('a', { ttlMs: 30_000 }).timing.ttlMs).toBe(30_000);
    await using lease = await mutex.acquire();
    expect((await all(locks)).map(({ url }) => url)).toEqual([lease.lock]);
  });

  it('makes semaphores below its prefix, with its defaults', () => {
    const { locks } = folder({}, { ttlMs: 20_000 });
    const semaphore = locks.semaphore('a/b', { permits: 3 });
    expect(semaphore.url).toBe('gs://memory/jobs/a/b');
    expect(semaphore.timing.ttlMs).toBe(20_000);
    expect(() => locks.semaphore('', { permits: 3 })).toThrow('at least one character');
    expect(() => locks.semaphore('a', { permits: 0 })).toThrow('permits must be');
  });

  it.each(['gs://memory/jobs', 'gs://memory/jobs/'])('takes %s for the same prefix', (url) => {
    expect(new GcsLocks(url).url).toBe('gs://memory/jobs/');
  });

  it('takes a whole bucket', () => {
    expect(new GcsLocks('gs://memory').mutex('x').url).toBe('gs://memory/x');
  });

  it.each(['../other', '/x', '..'])('lets no name out of the prefix: %s', (name) => {
    expect(new GcsLocks('gs://memory/jobs').mutex(name).url).toBe(`gs://memory/jobs/${name}`);
  });

  it.each([
    ['memory/jobs', 'url must be of the form gs://bucket or gs://bucket/prefix'],
    ['gs://', 'url must be of the form'],
    ['gs://Memory/jobs', 'bucket must be'],
    ['gs://memory/a\nb', 'name must be without carriage return'],
  ])('refuses the url %j before anything is sent', (url, message) => {
    expect(() => new GcsLocks(url)).toThrow(message);
  });

  it('goes by its defaults where an option is undefined', () => {
    const { locks } = folder({}, { ttlMs: 20_000 });
    expect(locks.mutex('a', { ttlMs: undefined }).timing.ttlMs).toBe(20_000);
    expect(locks.semaphore('a', { ttlMs: undefined }).timing.ttlMs).toBe(20_000);
  });

  it.each([5, null, 'a', [5], () => 5])('refuses %j in place of options', (wrong) => {
    const { locks } = folder();
    const options: never = wrong as never;
    const refused = expect.objectContaining({
      code: 'ERR_INVALID_ARGUMENT',
      message: expect.stringContaining('options must be an object'),
    });
    expect(() => locks.mutex('a', options)).toThrow(refused);
    expect(() => locks.semaphore('a', options)).toThrow(refused);
    expect(() => locks.pool('a', options)).toThrow(refused);
    expect(() => locks.event('a', options)).toThrow(refused);
    expect(() => locks.rateLimiter('a', options)).toThrow(refused);
  });

  it('refuses a wrong option, and an empty name', () => {
    expect(() => new GcsLocks('gs://memory/jobs', { ttlMs: 1 })).toThrow('ttlMs must be');
    expect(() => new GcsLocks('gs://memory/jobs').mutex('')).toThrow(
      'name must be at least one character long',
    );
  });
});

describe('a list', () => {
  it('shows every lock below the prefix and nothing else', async () => {
    const { locks, put, clock } = folder();
    await put('jobs/', {});
    await put('jobs/dead', LEFT_BEHIND);
    await put('jobs/free', { ...LEFT_BEHIND, state: 'free', counter: '7' });
    await put('jobs/newer', { ...LEFT_BEHIND, schema: 'gcs-mutex/2' });
    await put('jobs/report.pdf', { author: 'somebody' });
    await put('jobs-of-others', LEFT_BEHIND);
    await clock.advance(62_000 + HOUR);
    await using lease = await locks.mutex('held', { holder: 'me' }).acquire();
    const found = await all(locks);
    expect(found).toMatchObject([
      { kind: 'held', name: 'dead', status: { holder: 'gone', isStale: true }, staleForMs: HOUR },
      { kind: 'free', name: 'free', url: 'gs://memory/jobs/free' },
      {
        kind: 'held',
        name: 'held',
        status: { holder: 'me', leaseId: lease.leaseId, isStale: false },
        staleForMs: 0,
      },
      { kind: 'newer', name: 'newer', schema: 'gcs-mutex/2' },
    ]);
    expect(found).toHaveLength(4);
  });

  it('goes on to the last page', async () => {
    const { locks, put, emulator } = folder();
    for (let index = 0; index < 501; index += 1) await put(`jobs/${index}`, LEFT_BEHIND);
    expect(await all(locks)).toHaveLength(501);
    expect(emulator.requests.all().filter(({ operation }) => operation === 'objects.list')).toHaveLength(3);
  });

  it('holds pages of locks with as much metadata as there may be', async () => {
    const { locks, put } = folder();
    for (let index = 0; index < 250; index += 1)
      await put(`jobs/${index}`, { ...LEFT_BEHIND, 'user-x': 'x'.repeat(7_000) });
    expect(await all(locks)).toHaveLength(250);
  });

  it('tries again while the store does not answer, and says so in the end', async () => {
    const { locks, put, emulator, clock } = folder();
    await put('jobs/a', LEFT_BEHIND);
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 503 }, times: 2 });
    const found = all(locks);
    await clock.advance(10_000);
    expect(await found).toHaveLength(1);
    emulator.faults.add({ when: 'before', do: { kind: 'status', status: 503 }, times: Infinity });
    const failed = expect(all(locks)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      lock: 'gs://memory/jobs/',
    });
    await clock.advance(60_000);
    await failed;
  });

  it('names a bucket that is not there', async () => {
    const { process } = folder();
    const locks = new GcsLocks(
      'gs://nowhere/jobs',
      { apiEndpoint: 'http://127.0.0.1:4443' },
      process.components,
    );
    await expect(all(locks)).rejects.toMatchObject({ code: 'ERR_BUCKET_NOT_FOUND' });
  });

  it.each([
    ['an object outside of the prefix', { items: [{ ...object('elsewhere') }] }],
    ['an object without a version', { items: [{ ...object('jobs/a'), generation: 7 }] }],
    ['no list', { items: 'none' }],
    ['a token that is none', { items: [], nextPageToken: 7 }],
  ])('takes no answer for a list that holds %s', async (_what, body) => {
    const { process, clock } = folder();
    const transport = (): Promise<TransportAnswer> =>
      Promise.resolve({ status: 200, headers: { get: () => null }, body: JSON.stringify(body) });
    const locks = new GcsLocks(
      'gs://memory/jobs',
      { apiEndpoint: 'http://127.0.0.1:4443' },
      { ...process.components, transport },
    );
    const failed = expect(all(locks)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    await clock.advance(60_000);
    await failed;
  });

  it('ends with the reason of its signal', async () => {
    const { locks } = folder();
    const reason = new Error('enough');
    await expect(locks.list({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  });
});

function object(name: string) {
  return {
    name,
    generation: '1',
    metageneration: '1',
    updated: '2030-01-01T00:00:00.000Z',
    timeCreated: '2030-01-01T00:00:00.000Z',
    metadata: LEFT_BEHIND,
  };
}

describe('cleaning', () => {
  it.each(['true', 0, {}])('takes no %j for a dry run', async (wrong) => {
    const { locks, emulator } = folder();
    await expect(locks.clean({ dryRun: wrong as never })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      message: expect.stringContaining('dryRun must be true or false'),
    });
    expect(emulator.requests.count).toBe(0);
  });

  it('removes what has been stale for long, and nothing else', async () => {
    const { locks, put, clock, emulator, bucket } = folder();
    await put('jobs/old', LEFT_BEHIND);
    await put('jobs/counter', { ...LEFT_BEHIND, state: 'free', counter: '7' });
    await put('jobs/newer', { ...LEFT_BEHIND, schema: 'gcs-mutex/2' });
    await put('jobs/report.pdf', {});
    await put('others/old', LEFT_BEHIND);
    await clock.advance(62_000 + 24 * HOUR - 1_000);
    await put('jobs/fresh', LEFT_BEHIND);
    expect(await locks.clean()).toEqual([]);
    await clock.advance(1_000);
    expect(await locks.clean({ dryRun: true })).toMatchObject([{ name: 'old' }]);
    expect(emulator.object(bucket, 'jobs/old')).toBeDefined();
    expect(await locks.clean()).toMatchObject([{ name: 'old' }]);
    expect(emulator.objects(bucket).map(({ name }) => name)).toEqual([
      'jobs/counter',
      'jobs/fresh',
      'jobs/newer',
      'jobs/report.pdf',
      'others/old',
    ]);
  });

  it('leaves a lock alone that came alive after it was listed', async () => {
    const { locks, put, clock, emulator, bucket } = folder();
    await put('jobs/old', LEFT_BEHIND);
    await clock.advance(26 * HOUR);
    const dead = emulator.object(bucket, 'jobs/old');
    emulator.faults.add({
      when: 'before',
      match: { operation: 'objects.get' },
      do: { kind: 'delay', ms: 1_000 },
    });
    const cleaned = locks.clean();
    await clock.advance(500);
    await put('jobs/old', { ...LEFT_BEHIND, 'lease-id': 'e'.repeat(32) });
    await clock.advance(1_000);
    expect(await cleaned).toEqual([]);
    expect(emulator.object(bucket, 'jobs/old')?.generation).not.toBe(dead?.generation);
  });
});
