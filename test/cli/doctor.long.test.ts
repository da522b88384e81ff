import { describe, expect, it, vi } from 'vitest';
import type { BucketSettings } from '../../emulator/index.ts';
import { FaultProxy } from '../faults/proxy.ts';
import { putSemaphore } from './groups.ts';
import { LockStore } from './lock-store.ts';

const BUCKET = 'looked-at';
const DOCTOR = ['doctor', `gs://${BUCKET}/locks`];

const open = async (settings: BucketSettings = {}): Promise<LockStore> => {
  const store = await LockStore.open();
  store.server.addBucket(BUCKET, settings);
  return store;
};

describe('doctor', () => {
  it.concurrent('ends with 0 where all is well, in one table, and leaves nothing behind', async () => {
    await using store = await open();
    const ended = await store.run(DOCTOR);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const rows = ended.stdout.trimEnd().split('\n');
    const checks = rows.map((row) => /^(\S*) +(\S.*?) {2}/.exec(row)?.slice(1));
    expect(checks.map((found) => found?.[1])).toEqual([
      'credentials',
      'OAuth scope',
      'reachable',
      'create',
      'refresh (patch)',
      'refreshes show',
      "the store's clocks",
      'takeover (overwrite)',
      'release (delete)',
      'preconditions',
      'list',
      'clock here',
      'place',
      'retention policy',
      'default event-based hold',
      'versioning',
      'soft delete',
      'lifecycle',
      'requester pays',
      'public access',
      'round trips',
      'suggested',
      'cost',
    ]);
    expect(new Set(checks.slice(0, -3).map((found) => found?.[0]))).toEqual(new Set(['ok']));
    expect(store.server.objects(BUCKET)).toEqual([]);
  });

  it.concurrent('says that a name is a semaphore, with the slash of a folder at its end or without', async () => {
    await using store = await LockStore.open();
    await putSemaphore(store, 'limits/render', 3);
    for (const end of ['', '/']) {
      const { stdout } = await store.run(['doctor', `gs://commands/limits/render${end}`]);
      expect(stdout).toMatch(/^ok +at this name +a semaphore, 0 of 3 held$/m);
    }
  });

  it.concurrent('tells programs the same as one JSON object', async () => {
    await using store = await open();
    const { code, stdout } = await store.run([...DOCTOR, '--json']);
    expect(code).toBe(0);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      url: `gs://${BUCKET}/locks`,
      figures: { readMs: { p50: expect.any(Number), p90: expect.any(Number) } },
    });
    // On a slow machine it is more than the default.
    expect(told.figures.suggestedTtlMs).toBeGreaterThanOrEqual(60_000);
    expect(told.findings[0]).toEqual({
      check: 'credentials',
      verdict: 'fine',
      says: expect.stringContaining('emulator'),
    });
  });

  it.concurrent.each<[string, BucketSettings, number, RegExp]>([
    ['warnings', { versioning: true }, 1, /^warn +versioning +.*\n +-> /m],
    ['a retention policy', { retentionPeriodS: 60 }, 2, /^UNFIT +retention policy +.*\n +-> /m],
    ['a default hold', { defaultEventBasedHold: true }, 2, /^UNFIT +default event-based hold +.*\n +-> /m],
  ])('names the remedy, and ends in its own way, where it finds %s', async (_what, settings, code, row) => {
    await using store = await open(settings);
    const ended = await store.run(DOCTOR);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toMatch(row);
  });

  it.concurrent('ends with 1 where something could not be told', async () => {
    await using store = await open();
    const match = { operation: 'buckets.get' } as const;
    store.server.faults.add({ match, when: 'before', times: Infinity, do: { kind: 'status', status: 403 } });
    const ended = await store.run(DOCTOR);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(
      /^\? +the bucket's settings +could not be read: HTTP 403\n +-> grant storage\.buckets\.get/m,
    );
  });

  it.concurrent('ends with 2 where there is no such bucket, or no store', async () => {
    await using store = await open();
    const absent = await store.run(['doctor', 'gs://nobody-has-this']);
    expect(absent).toMatchObject({ code: 2, stderr: '' });
    expect(absent.stdout).toMatch(/^UNFIT +reachable +.*not found.*\n +-> create the bucket/m);
    const url = 'http://127.0.0.1:1';
    expect((await store.run(DOCTOR, { url })).code).toBe(2);
  });

  it.concurrent('ends with 125 where it is not told what to look at', async () => {
    await using store = await open();
    const ended = await store.run(['doctor', 'looked-at']);
    expect(ended).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(/^gcs-mutex: .*\n$/),
    });
  });

  it.concurrent('ends by Ctrl-C with 130', async () => {
    await using store = await open();
    await using proxy = await FaultProxy.start(store.server.url);
    proxy.partition();
    await using doctor = store.start(DOCTOR, { url: proxy.url });
    await vi.waitUntil(() => proxy.lines[0]?.requestCount === 1, { timeout: 600_000 });
    doctor.signal('SIGINT');
    expect((await doctor.ended()).code).toBe(130);
    expect(proxy.lines, 'it has made nothing that it had to remove').toHaveLength(1);
  });

  it.concurrent('says what it may leave behind where the store falls silent, and nobody waits for it after Ctrl-C', async () => {
    await using store = await open();
    const silence = store.server.faults.add({
      match: { bucket: BUCKET, object: /doctor/ },
      skip: 4,
      when: 'before',
      times: Infinity,
      do: { kind: 'stall' },
    });
    await using doctor = store.start([...DOCTOR, '--request-timeout', '10m']);
    await silence.strikes(1);
    doctor.signal('SIGINT');
    const [object] = store.server.objects(BUCKET);
    expect(await doctor.ended()).toEqual({
      code: 130,
      stdout: '',
      stderr: `gcs-mutex: the object of the probe may be left: gs://${BUCKET}/${object?.name}\n`,
    });
  });

  it.concurrent('says which object it could not remove', async () => {
    await using store = await open({ retentionPeriodS: 60 });
    const { stderr } = await store.run([...DOCTOR, '--json']);
    const [object] = store.server.objects(BUCKET);
    expect(JSON.parse(stderr)).toEqual({ event: 'probe-left', object: `gs://${BUCKET}/${object?.name}` });
  });
});
