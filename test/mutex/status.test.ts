import { describe, expect, it } from 'vitest';
import { GcsMutex } from '../../src/mutex.ts';
import { createTestBucket } from '../through/bucket.ts';
import { plant, put, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

const START = Date.UTC(2030, 0, 1);

describe('status', () => {
  it('is undefined where there is no lock, and where it is free', async () => {
    const world = manualWorld();
    const mutex = world.process().mutex();
    expect(await world.settle(mutex.status())).toBeUndefined();
    await plant(world, { state: 'free', counter: '3' });
    expect(await world.settle(mutex.status())).toBeUndefined();
  });

  it("says who holds the lock, since when, and when it was last refreshed, by the server's clock", async () => {
    const world = manualWorld();
    await world.advance(5_000);
    const holder = world.process().mutex({ holder: 'the night job', metadata: { run: '7' } });
    const lease = await world.settle(holder.acquire());
    await world.advance(25_000);
    const status = await world.settle(world.process().mutex({ ttlMs: 5_000 }).status());
    expect(status).toEqual({
      holder: 'the night job',
      leaseId: lease.leaseId,
      since: new Date(START + 5_000),
      refreshedAt: new Date(START + 25_000),
      ttlMs: 60_000,
      isStale: false,
      version: { generation: String(world.object()?.generation), metageneration: '2' },
      metadata: { run: '7' },
    });
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('says that a record is stale from its ttl and the skew on, in whole seconds of the server', async () => {
    const world = manualWorld();
    await plant(world);
    const mutex = world.process().mutex();
    await world.advance(61_999);
    expect(await world.settle(mutex.status())).toMatchObject({ isStale: false });
    await world.advance(1);
    expect(await world.settle(mutex.status())).toMatchObject({ isStale: true });
  });

  it("shows nothing of another client's label that a terminal would take for more than text", async () => {
    const world = manualWorld();
    await plant(world, { holder: 'good' });
    await put(world, { metadata: { ...world.object()?.metadata, holder: 'evil\u001b[2J\nlabel' } });
    expect(await world.settle(world.process().mutex().status())).toMatchObject({ holder: 'evil?[2J?label' });
  });

  it('tries again for requestTimeoutMs, then rejects', async () => {
    const world = manualWorld();
    await plant(world);
    strike(world, 'G', { when: 'before', do: { kind: 'reset' } }, 3);
    const mutex = world.process().mutex();
    expect(await world.settle(mutex.status())).toMatchObject({ holder: 'a dead holder' });
    strike(world, 'G', { when: 'before', do: { kind: 'stall' } }, 100);
    const startedAt = world.nowMs();
    await expect(world.settle(mutex.status())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(world.nowMs() - startedAt).toBe(10_000);
  });
});

describe('GcsMutex.fromUrl', () => {
  it('makes the mutex of the constructor, and takes what follows the bucket as it is', () => {
    const { components } = createTestBucket().process();
    const mutex = GcsMutex.fromUrl('gs://bucket/locks/a%20b?c#d', {}, components);
    expect(mutex.url).toBe('gs://bucket/locks/a%20b?c#d');
  });

  it('contends for the same lock as the constructor', async () => {
    const { bucket, url, process } = createTestBucket();
    const { components } = process();
    const options = { apiEndpoint: url };
    const lease = await new GcsMutex(bucket, 'locks/x', options, components).acquire();
    const other = GcsMutex.fromUrl(`gs://${bucket}/locks/x`, options, components);
    expect(await other.status()).toMatchObject({ leaseId: lease.leaseId });
    expect(await lease.release()).toBe(true);
  });

  it.each(['', 'bucket/name', 'gs://bucket', 'gs://bucket/', 'gs:///name', 'https://bucket/name', 5, null])(
    'refuses %j',
    (url) => {
      expect(() => GcsMutex.fromUrl(url as string)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
      );
    },
  );
});

describe("a lock's name", () => {
  it.each([
    '',
    '.',
    '..',
    'a\nb',
    'a\rb',
    '.well-known/acme-challenge/x',
    'é'.repeat(513),
    '\ud800',
    5,
    undefined,
  ])('may not be %j', (name) => {
    expect(() => new GcsMutex('bucket', name as string)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
    );
  });

  it.each(['a', 'locks/nightly report', 'é'.repeat(512), '...', 'a/../b', '%2F', '🔒'])(
    'may be %j',
    async (name) => {
      const { bucket, emulator, process } = createTestBucket();
      const lease = await process().mutex(name).acquire();
      expect(emulator.objects(bucket).map((object) => object.name)).toEqual([name]);
      expect(await lease.release()).toBe(true);
    },
  );
});

describe('a bucket', () => {
  it.each(['', 'ab', 'Bucket', '-bucket', 'bucket-', 'gs://bucket', 'a/b', 5, null, {}, { name: 'bucket' }])(
    'may not be %j',
    (bucket) => {
      expect(() => new GcsMutex(bucket as string, 'name')).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARGUMENT',
          message: expect.stringContaining('bucket must be'),
        }),
      );
    },
  );
});
