import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import type { BucketSettings, Emulator } from '../../emulator/index.ts';
import { createHandlerTransport } from '../gcs/handler-transport.ts';
import { freshBucket } from '../servers/servers.ts';
import type { Target } from './target.ts';

/** The embedded emulator without a port: each test has a bucket of its own. */
export function inProcess(emulator: Emulator, settings: BucketSettings = {}): Target {
  let bucketCount = 0;
  return {
    origin: 'http://emulator.localhost',
    send: emulator.fetch,
    transport: createHandlerTransport(emulator.handler),
    open: () => {
      const bucket = `bucket-${(bucketCount += 1)}`;
      emulator.addBucket(bucket, settings);
      return Promise.resolve({ bucket, prefix: '' });
    },
  };
}

/** A server behind a port, without credentials: each test has a bucket of its own. */
export function overHttp(url: string): Target {
  const endpoint = resolveEndpoint({ env: { STORAGE_EMULATOR_HOST: url } });
  return {
    origin: endpoint.origin,
    // A redirect is an answer like any other: a lock follows none.
    send: (target, options) => fetch(target, { ...options, redirect: 'manual' }),
    transport: createGoogleTransport({ endpoint }),
    open: async () => ({ bucket: await freshBucket(endpoint.origin), prefix: '' }),
  };
}
