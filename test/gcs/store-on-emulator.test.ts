import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmulatorServer, createEmulator, startEmulator } from '../../emulator/index.ts';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { createHandlerTransport } from './handler-transport.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import { describeOn, DEVIATIONS, freshBucket } from '../servers/servers.ts';
import { type SuiteTarget, storeSuite } from './store-suite.ts';
import { LEASE_ID, record, writing } from './tools.ts';

/** A server behind a port, reached as the environment variable would have it. */
function overHttp(url: string): SuiteTarget {
  const endpoint = resolveEndpoint({ env: { STORAGE_EMULATOR_HOST: url } });
  const transport = createGoogleTransport({ endpoint });
  return { endpoint, transport, makeBucket: () => freshBucket(endpoint.origin) };
}

describe('on the embedded emulator, without a port', () => {
  const emulator = createEmulator();
  const transport = createHandlerTransport(emulator.handler);
  let bucketCount = 0;
  storeSuite(() => ({
    endpoint: { origin: 'http://emulator.localhost' },
    transport,
    makeBucket: () => {
      const name = `bucket-${(bucketCount += 1)}`;
      emulator.addBucket(name);
      return Promise.resolve(name);
    },
  }));
});

describe('on the embedded emulator, over HTTP', () => {
  let server: EmulatorServer;
  beforeAll(async () => {
    server = await startEmulator();
  });
  afterAll(() => server.close());
  storeSuite(() => overHttp(server.url));

  test('every write that the server saw was guarded by a generation', () => {
    const writes = server.requests.mutations().filter((request) => request.path.includes('/o'));
    expect(writes.length).toBeGreaterThan(10);
    for (const { query } of writes) expect(query['ifGenerationMatch']).toMatch(/^\d+$/);
  });

  test('@google-cloud/storage reads what was written', async () => {
    const target = overHttp(server.url);
    const bucket = await target.makeBucket();
    const name = 'locks/Ω a?b#c';
    const store = createStore({ ...target, bucket, name }, target.transport);
    const outcome = await store.create(record({ metadata: { build: '12' } }), writing());
    const file = new Storage({ apiEndpoint: server.url, projectId: 'test' }).bucket(bucket).file(name);
    const [metadata] = await file.getMetadata();
    expect(outcome).toEqual({
      kind: 'applied',
      version: { generation: metadata.generation, metageneration: metadata.metageneration },
    });
    expect(metadata).toMatchObject({
      name,
      contentType: 'text/plain; charset=utf-8',
      cacheControl: 'no-store',
      storageClass: 'STANDARD',
      metadata: {
        schema: 'gcs-mutex/1',
        state: 'held',
        'lease-id': LEASE_ID,
        'ttl-ms': '60000',
        'refresh-count': '0',
        holder: 'a test',
        'user-build': '12',
      },
    });
    const [body] = await file.download();
    expect(body.toString()).toBe(
      "A lock of gcs-mutex; its state is in this object's custom metadata. Written by: a test.\n",
    );
  });
});

describeOn('fake-gcs-server', (url) => {
  storeSuite(() => overHttp(url), DEVIATIONS['fake-gcs-server']);
});

describeOn('gcsemulator', (url) => {
  storeSuite(() => overHttp(url), DEVIATIONS.gcsemulator);
});
