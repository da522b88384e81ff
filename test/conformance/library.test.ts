import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmulatorServer, createEmulator, startEmulator } from '../../emulator/index.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import { LEASE_ID, record, writing } from '../gcs/tools.ts';
import { describeOn } from '../servers/describe-on.ts';
import { environmentTarget } from './environment.ts';
import { librarySuite } from './library-suite.ts';
import { inProcess, overHttp } from './targets.ts';

describe('the library on the embedded emulator, without a port', () => {
  const target = inProcess(createEmulator());
  librarySuite(undefined, () => target);
});

describe('the library on the embedded emulator, over HTTP', () => {
  let server: EmulatorServer;
  beforeAll(async () => {
    server = await startEmulator();
  });
  afterAll(() => server.close());
  librarySuite(undefined, () => overHttp(server.url));

  test('every write that the server saw was guarded by a generation', () => {
    const writes = server.requests.mutations().filter((request) => request.path.includes('/o'));
    expect(writes.length).toBeGreaterThan(10);
    for (const { query } of writes) expect(query['ifGenerationMatch']).toMatch(/^\d+$/);
  });

  test('@google-cloud/storage reads what was written', async () => {
    const { origin, transport, open } = overHttp(server.url);
    const { bucket } = await open();
    const name = 'locks/Ω a?b#c';
    const store = createStore({ endpoint: { origin }, bucket, name }, transport);
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

for (const server of ['gcsemulator', 'fake-gcs-server'] as const) {
  describeOn(server, (url) => librarySuite(server, () => overHttp(url)));
}

const environment = environmentTarget(process.env);
if (environment !== undefined) {
  describe('the library on the bucket that the environment names', { timeout: 120_000 }, () => {
    librarySuite(undefined, () => environment);
  });
}
