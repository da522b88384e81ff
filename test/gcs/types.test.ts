import { readFile, readdir } from 'node:fs/promises';
import { Storage } from '@google-cloud/storage';
import { GoogleAuth, JWT, OAuth2Client, PassThroughClient } from 'google-auth-library';
import type * as auth11 from 'google-auth-library-11';
import type * as storage8 from 'google-cloud-storage-8';
import { expect, expectTypeOf, test } from 'vitest';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import type { AuthLike, BucketLike } from '../../src/gcs/types.ts';

const SOURCES = new URL('../../src/gcs/', import.meta.url);

test('the classes of the Google packages fit our structural types', () => {
  // The compiler is the judge; the second group is of google-auth-library 9, by way of the storage client.
  const storage = new Storage({ apiEndpoint: 'http://localhost:1', projectId: 'p' });
  const auths: AuthLike[] = [
    new GoogleAuth(),
    new OAuth2Client(),
    new JWT(),
    new PassThroughClient(),
    storage.authClient,
  ];
  const bucket: BucketLike = storage.bucket('b', { userProject: 'p' });
  expect(auths).toHaveLength(5);
  expect([bucket.name, bucket.userProject, bucket.storage.customEndpoint]).toEqual(['b', 'p', true]);
  expect(resolveEndpoint({ bucket, env: {} }).origin).toBe('http://localhost:1');
});

test('the classes of the newer versions fit too', () => {
  // Types only: these versions need a newer Node than the earliest that this package runs on.
  expectTypeOf<storage8.Bucket>().toExtend<BucketLike>();
  expectTypeOf<storage8.Storage['authClient']>().toExtend<AuthLike>();
  expectTypeOf<auth11.GoogleAuth>().toExtend<AuthLike>();
  expectTypeOf<auth11.AuthClient>().toExtend<AuthLike>();
  expectTypeOf<auth11.JWT>().toExtend<AuthLike>();
  expectTypeOf<auth11.Impersonated>().toExtend<AuthLike>();
});

test('google-auth-library is loaded by a request only, and the storage client never', async () => {
  let loadCount = 0;
  for (const name of await readdir(SOURCES)) {
    if (!name.endsWith('.ts')) continue;
    const source = await readFile(new URL(name, SOURCES), 'utf8');
    expect(source).not.toMatch(/(from|import\()\s*'@google-cloud\/storage'/);
    expect(source).not.toMatch(/from 'google-auth-library'/);
    loadCount += source.match(/await import\('google-auth-library'\)/g)?.length ?? 0;
  }
  expect(loadCount).toBeGreaterThan(0);
});
