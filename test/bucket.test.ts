import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../emulator/index.ts';
import { GcsMutex } from '../src/index.ts';

// A `Bucket` of the official client as the place of the lock, and that client as an independent witness.

let server: EmulatorServer;
beforeAll(async () => {
  server = await startEmulator({ buckets: ['official'] });
});
afterAll(() => server.close());

const OPTIONS = { ttlMs: 60_000, mutationIntervalMs: 0, holder: 'a test' };

it('takes a Bucket of @google-cloud/storage, and uses its endpoint', async () => {
  const bucket = new Storage({ apiEndpoint: server.url, projectId: 'test' }).bucket('official');
  const mutex = new GcsMutex(bucket, 'locks/a', OPTIONS);
  expect(mutex.url).toBe('gs://official/locks/a');
  const lease = await mutex.acquire();
  const [metadata] = await bucket.file('locks/a').getMetadata();
  expect(metadata.metadata).toMatchObject({ state: 'held', 'lease-id': lease.leaseId, 'refresh-count': '0' });
  await lease.refresh();
  const [refreshed] = await bucket.file('locks/a').getMetadata();
  expect(refreshed.metadata).toMatchObject({ 'lease-id': lease.leaseId, 'refresh-count': '1' });
  expect(refreshed.generation).toBe(metadata.generation);
  expect(await lease.release()).toBe(true);
  expect(await bucket.file('locks/a').exists()).toEqual([false]);
});

it('bills the project that a Bucket names, on every request', async () => {
  const storage = new Storage({ apiEndpoint: server.url, projectId: 'test' });
  const bucket = storage.bucket('official', { userProject: 'payer' });
  server.requests.clear();
  const mutex = new GcsMutex(bucket, 'locks/b', OPTIONS);
  await mutex.run((lease) => lease.refresh());
  await mutex.acquire();
  expect(await mutex.status()).toMatchObject({ holder: 'a test' });
  expect(await mutex.breakLock()).toBe(true);
  // Create, patch, delete; create; get; get and delete.
  expect(server.requests.count).toBe(7);
  for (const request of server.requests) expect(request.query['userProject']).toBe('payer');
});

it('sends no credentials of a Bucket to its custom endpoint unless that client would', async () => {
  const authClient = {
    request: () => Promise.reject(new Error('the credentials were used')),
    getRequestHeaders: () => Promise.resolve({ authorization: 'Bearer secret' }),
  };
  const storage = new Storage({
    apiEndpoint: server.url,
    projectId: 'test',
    authClient: authClient as never,
  });
  server.requests.clear();
  await new GcsMutex(storage.bucket('official'), 'locks/c', OPTIONS).run(() => undefined);
  for (const request of server.requests) expect(request.headers['authorization']).toBeUndefined();
});

it('shares a server with an official client that the environment sends there', async () => {
  process.env['STORAGE_EMULATOR_HOST'] = server.url;
  try {
    const bucket = new Storage({ projectId: 'test' }).bucket('official');
    const lease = await new GcsMutex(bucket, 'locks/d', OPTIONS).acquire();
    expect(await new GcsMutex('official', 'locks/d', OPTIONS).status()).toMatchObject({
      leaseId: lease.leaseId,
    });
    const [metadata] = await bucket.file('locks/d').getMetadata();
    expect(metadata.metadata).toMatchObject({ 'lease-id': lease.leaseId });
    expect(await lease.release()).toBe(true);
  } finally {
    delete process.env['STORAGE_EMULATOR_HOST'];
  }
});
