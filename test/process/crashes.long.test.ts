import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex, type GcsMutexOptions } from '../../src/index.ts';
import { takeoverAt } from '../faults/calls.ts';
import { describeOn } from '../servers/describe-on.ts';
import { freshBucket } from '../servers/servers.ts';
import { Child } from './child.ts';

const BUCKET = 'processes';
const NAME = 'locks/nightly';
/** Short, so that the tests need not wait long; long enough for a busy machine to refresh in time. */
const TTL_MS = 2_000;

/** When, by the server's clock, the last refresh arrived. */
function lastRefreshAt(server: EmulatorServer): number {
  const refreshes = server.requests
    .all()
    .filter(({ method, applied }) => method === 'PATCH' && applied === 200);
  return refreshes.findLast(({ at }) => at < takeoverAt({ emulator: server }))?.at ?? NaN;
}

describe('a process that is killed', () => {
  let server: EmulatorServer;
  let options: GcsMutexOptions;
  beforeEach(async () => {
    server = await startEmulator({ buckets: [BUCKET] });
    options = { apiEndpoint: server.url, ttlMs: TTL_MS, clockSkewMs: 0, mutationIntervalMs: 0 };
  });
  afterEach(() => server.close());
  const start = (): Child => new Child(BUCKET, NAME, options);

  it('row 36: a killed holder keeps others out until its ttl has passed, and no longer', async () => {
    await using first = start();
    await using second = start();
    first.tell({ kind: 'acquire' });
    const granted = await first.next('granted');
    second.tell({ kind: 'acquire' });
    await first.next('refreshed', first.heard);
    first.process.kill('SIGKILL');
    expect(await first.ended()).toBe('SIGKILL');
    const taken = await second.next('granted');
    const waitedMs = takeoverAt({ emulator: server }) - lastRefreshAt(server);
    expect(waitedMs).toBeGreaterThanOrEqual(TTL_MS);
    // A second for the whole seconds of `Date`, one poll, and room for a busy machine.
    expect(waitedMs).toBeLessThan(TTL_MS + 1_000 + 2_000 + 5_000);
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
    const { metadata, updated = Number.NaN } = server.object(BUCKET, NAME) ?? {};
    const orphan = metadata?.['lease-id'];
    expect(orphan).toBeDefined();
    await using second = start();
    second.tell({ kind: 'acquire' });
    expect((await second.next('granted')).leaseId).not.toBe(orphan);
    const waitedMs = takeoverAt({ emulator: server }) - updated;
    expect(waitedMs).toBeGreaterThanOrEqual(TTL_MS);
    expect(waitedMs).toBeLessThan(TTL_MS + 1_000 + 2_000 + 5_000);
  });
});

describeOn('gcsemulator', (url) => {
  it('a killed holder is taken over on a server of others', async () => {
    const bucket = await freshBucket(url);
    const options = { apiEndpoint: url, ttlMs: TTL_MS, clockSkewMs: 0, mutationIntervalMs: 0 };
    await using first = new Child(bucket, NAME, options);
    await using second = new Child(bucket, NAME, options);
    first.tell({ kind: 'acquire' });
    await first.next('refreshed');
    second.tell({ kind: 'acquire' });
    first.process.kill('SIGKILL');
    const taken = await second.next('granted');
    const status = await new GcsMutex(bucket, NAME, options).status();
    expect(status?.leaseId).toBe(taken.leaseId);
  });
});
