import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ForeignObjectError, GcsMutex, type GcsMutexOptions } from '../../src/index.ts';
import { isKnownTo } from '../conformance/deviations/table.ts';
import { describeOnEach } from './on-each.ts';
import { freshBucket, type ServerKind } from './servers.ts';

const NAME = 'locks/nightly report';
/** Long enough that a busy machine costs no lease. */
const TTL_MS = 30_000;
/** For the one test that outlives a ttl, refreshed so often that it takes seconds without any time to lose it. */
const SHORT = { ttlMs: 2_000, refreshIntervalMs: 200 };

/** The mutex end to end, over HTTP and through google-auth-library, on one server. */
function mutexSuite(server: ServerKind | undefined, getUrl: () => string): void {
  const isUnguarded = isKnownTo(server, 'ignores guards');
  const makesBuckets = isKnownTo(server, 'makes buckets');
  const open = async (): Promise<(options?: GcsMutexOptions) => GcsMutex> => {
    const bucket = await freshBucket(getUrl());
    return (options = {}) =>
      new GcsMutex(bucket, NAME, {
        apiEndpoint: getUrl(),
        ttlMs: TTL_MS,
        clockSkewMs: 0,
        mutationIntervalMs: 0,
        ...options,
      });
  };
  const put = async (mutex: GcsMutex, text: string): Promise<void> => {
    const [, bucket = ''] = /^gs:\/\/([^/]+)/.exec(mutex.url) ?? [];
    const url = `${getUrl()}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(NAME)}`;
    const answer = await fetch(url, {
      method: 'POST',
      body: text,
      headers: { 'content-type': 'text/plain' },
    });
    await answer.body?.cancel();
    expect(answer.status).toBe(200);
  };

  it('grants a free lock, says who holds it, and frees it', async () => {
    const mutex = (await open())({ holder: 'anna', metadata: { ticket: '4711' } });
    const lease = await mutex.acquire();
    expect(lease.isHeld).toBe(true);
    expect(await mutex.status()).toMatchObject({
      holder: 'anna',
      leaseId: lease.leaseId,
      ttlMs: TTL_MS,
      isStale: false,
      metadata: { ticket: '4711' },
    });
    expect(await lease.release()).toBe(true);
    expect(lease.isHeld).toBe(false);
    expect(await mutex.status()).toBeUndefined();
  });

  it('lets one of many callers in at a time', async () => {
    const mutex = (await open())();
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await pause(5);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 6 }, () => mutex.run(work, { timeoutMs: 20_000 })));
    expect(most).toBe(1);
    expect(await mutex.status()).toBeUndefined();
  });

  it('answers a try at once while another holds it', async () => {
    const mutex = (await open())({ holder: 'anna' });
    await using lease = await mutex.acquire();
    expect(await mutex.tryAcquire()).toBeUndefined();
    expect(await mutex.tryRun(() => 1)).toMatchObject({ ran: false, holder: 'anna' });
    expect(lease.isHeld).toBe(true);
  });

  it('keeps a lock that is refreshed beyond its ttl from a waiting rival', async () => {
    const mutex = (await open())(SHORT);
    await using lease = await mutex.acquire();
    const rival = mutex.acquire({ timeoutMs: 1.2 * SHORT.ttlMs });
    await expect(rival).rejects.toMatchObject({
      code: 'ERR_ACQUIRE_TIMEOUT',
      holder: { leaseId: lease.leaseId },
    });
    expect(lease.isHeld).toBe(true);
  });

  it('leaves an object that is no lock alone', async () => {
    const mutex = (await open())();
    await put(mutex, 'the report');
    await expect(mutex.acquire()).rejects.toBeInstanceOf(ForeignObjectError);
    await expect(mutex.tryAcquire()).rejects.toBeInstanceOf(ForeignObjectError);
    await expect(mutex.status()).rejects.toBeInstanceOf(ForeignObjectError);
    await expect(mutex.breakLock()).rejects.toBeInstanceOf(ForeignObjectError);
  });

  it('breaks the lock that was looked at', async () => {
    const mutex = (await open())();
    const lease = await mutex.acquire();
    const status = await mutex.status();
    expect(await mutex.breakLock(status === undefined ? {} : { ifVersion: status.version })).toBe(true);
    expect(await mutex.breakLock()).toBe(false);
    await expect(lease.refresh()).rejects.toMatchObject({ code: 'ERR_LEASE_LOST', reason: 'deleted' });
  });

  it(
    isUnguarded
      ? 'does not guard the next holder from a late release'
      : 'leaves the next holder alone when an old one releases late',
    async () => {
      const mutex = (await open())();
      const old = await mutex.acquire();
      await mutex.breakLock();
      const next = await mutex.acquire();
      expect(await old.release()).toBe(isUnguarded);
      expect((await mutex.status())?.leaseId).toBe(isUnguarded ? undefined : next.leaseId);
      await next.release();
    },
  );

  it(makesBuckets ? 'makes a missing bucket' : 'tells a missing bucket by name', async () => {
    const mutex = new GcsMutex('no-such-bucket-here', NAME, { apiEndpoint: getUrl(), ttlMs: TTL_MS });
    const code = await mutex.run(() => undefined).catch((error: { code: unknown }) => error.code);
    expect(code).toBe(makesBuckets ? undefined : 'ERR_BUCKET_NOT_FOUND');
  });
}

describeOnEach(mutexSuite);
