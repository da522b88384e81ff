import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex, type GcsMutexOptions } from '../../src/index.ts';
import { describeOn } from '../servers/describe-on.ts';
import { freshBucket } from '../servers/servers.ts';
import { Child } from './child.ts';
import { TakeoverWatch } from './takeover.ts';

const BUCKET = 'processes';
const NAME = 'locks/nightly';
/** Short, so that the tests need not wait long. */
const TTL_MS = 2_000;

describe('a process that is killed', () => {
  let server: EmulatorServer;
  let watch: TakeoverWatch;
  let options: GcsMutexOptions;
  beforeEach(async () => {
    server = await startEmulator({ buckets: [BUCKET] });
    watch = new TakeoverWatch(server, BUCKET, NAME);
    const slow = { requestTimeoutMs: 60_000 };
    options = { apiEndpoint: server.url, ttlMs: TTL_MS, clockSkewMs: 0, mutationIntervalMs: 0, ...slow };
  });
  afterEach(() => server.close());
  const start = (): Child => new Child(BUCKET, NAME, options);

  it('row 36: a killed holder keeps others out until its ttl has passed, and no longer', async () => {
    await using first = start();
    await using second = start();
    const refreshed = server.faults.add({
      when: 'after',
      match: { method: 'PATCH' },
      do: { kind: 'delay', ms: 0 },
    });
    first.tell({ kind: 'acquire', andRefresh: true });
    const granted = await first.next('granted');
    second.tell({ kind: 'acquire' });
    await Promise.race([refreshed.strikes(), first.next('lost')]);
    first.process.kill('SIGKILL');
    expect(await first.ended()).toBe('SIGKILL');
    const taken = await second.next('granted');
    const { ageMs, staleLooks } = await watch.first(TTL_MS);
    expect(ageMs).toBeGreaterThanOrEqual(TTL_MS);
    expect(staleLooks, 'the first look that showed it stale was the last').toBeLessThanOrEqual(1);
    expect(taken.leaseId).not.toBe(granted.leaseId);
    expect(server.object(BUCKET, NAME)?.metadata?.['lease-id']).toBe(taken.leaseId);
  });

  it('row 37: a process that is killed before the answer to its create leaves a lock that ends with its ttl', async () => {
    const held = server.faults.add({ when: 'after', match: { method: 'POST' }, do: { kind: 'hold' } });
    await using first = start();
    first.tell({ kind: 'acquire' });
    await held.strikes();
    first.process.kill('SIGKILL');
    await first.ended();
    const orphan = server.object(BUCKET, NAME)?.metadata?.['lease-id'];
    expect(orphan).toBeDefined();
    await using second = start();
    second.tell({ kind: 'acquire' });
    expect((await second.next('granted')).leaseId).not.toBe(orphan);
    const { ageMs, staleLooks } = await watch.first(TTL_MS);
    expect(ageMs).toBeGreaterThanOrEqual(TTL_MS);
    expect(staleLooks).toBeLessThanOrEqual(1);
  });
});

describeOn('gcsemulator', (url) => {
  it('a killed holder is taken over on a server of others', async () => {
    const bucket = await freshBucket(url);
    const options = { apiEndpoint: url, ttlMs: TTL_MS, clockSkewMs: 0, mutationIntervalMs: 0 };
    await using first = new Child(bucket, NAME, options);
    await using second = new Child(bucket, NAME, options);
    first.tell({ kind: 'acquire', andRefresh: true });
    await first.either(['refreshed', 'lost']);
    second.tell({ kind: 'acquire' });
    first.process.kill('SIGKILL');
    const taken = await second.next('granted');
    const status = await new GcsMutex(bucket, NAME, options).status();
    expect(status?.leaseId).toBe(taken.leaseId);
  });
});
