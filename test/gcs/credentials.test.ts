import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { OAuth2Client, UserRefreshClient } from 'google-auth-library';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { GOOGLE_ORIGIN, resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import {
  accountKey,
  authorizations,
  failureOf,
  giveToken,
  startStoreServer,
  startTokenServer,
  statusOf,
  stubMetadataServer,
  stubNoResidency,
  transportTo,
} from './auth-tools.ts';
import { startServer } from './servers.ts';
import { record, unhurried, writing } from './tools.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the credentials of the environment', () => {
  test('are those of the metadata server, asked for with the scope that patches take', async () => {
    await using metadata = await startTokenServer();
    await using store = await startStoreServer();
    stubMetadataServer(metadata);
    expect(await statusOf(store, transportTo(store))).toBe(404);
    expect(authorizations(store)).toEqual(['Bearer secret-token-1']);
    // Nothing but the token: neither the project nor the universe is asked for.
    expect(metadata.requests.map((request) => decodeURIComponent(request.url ?? ''))).toEqual([
      '/computeMetadata/v1/instance/service-accounts/default/token?scopes=https://www.googleapis.com/auth/cloud-platform',
    ]);
  });

  test('are found once for all locks of the process', async () => {
    await using metadata = await startTokenServer();
    await using store = await startStoreServer();
    stubMetadataServer(metadata);
    await statusOf(store, transportTo(store));
    await statusOf(store, transportTo(store));
    expect(metadata.requests).toHaveLength(1);
  });

  test('are asked for anew when a token call got stuck and the request’s time ran out', async () => {
    let isStuck = true;
    await using metadata = await startServer((_, response) => {
      if (!isStuck) giveToken(response);
    });
    await using store = await startStoreServer();
    stubMetadataServer(metadata);
    const transport = transportTo(store);
    const controller = new AbortController();
    const asked = metadata.nextRequest();
    const pending = failureOf(statusOf(store, transport, controller.signal));
    await asked;
    controller.abort();
    expect((await pending).kind).toBe('unsent');
    isStuck = false;
    expect(await statusOf(store, transport)).toBe(404);
  });

  test.each([
    {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    },
    {
      type: 'external_account_authorized_user',
      audience: '//iam.googleapis.com/locations/global/workforcePools/p/providers/q',
      client_id: 'id',
      client_secret: 'secret-client',
      refresh_token: 'secret-refresh',
    },
  ])('are those of a file with an $type, and renewed after 401', async (credentials) => {
    const issued = { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' };
    await using tokens = await startTokenServer(issued);
    await using store = await startStoreServer((token) => token === 'Bearer secret-token-2');
    await using folder = await temporaryFolder();
    const subject = join(folder.path, 'subject');
    await writeFile(subject, 'secret-subject');
    const file = join(folder.path, 'credentials.json');
    const rest = { token_url: `${tokens.origin}/token`, credential_source: { file: subject } };
    await writeFile(file, JSON.stringify({ ...credentials, ...rest }));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
    expect(await statusOf(store, transportTo(store))).toBe(404);
    expect(authorizations(store)).toEqual(['Bearer secret-token-1', 'Bearer secret-token-2']);
  });

  test('are missing, which is said', async () => {
    await using folder = await temporaryFolder();
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
    vi.stubEnv('CLOUDSDK_CONFIG', folder.path);
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
    stubNoResidency();
    await using store = await startStoreServer();
    const error = await failureOf(statusOf(store, transportTo(store)));
    expect(error.kind).toBe('unauthenticated');
    expect(error.message).toBe('No usable Google credentials were found.');
  });

  test.each([
    ['is not there', undefined],
    ['is no JSON', '{"private_key": secret-key'],
    ['is of no use', '{"type":"service_account","client_email":"secret-key"}'],
  ])('are in a file that %s, which is said without its content', async (_, content) => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'credentials.json');
    if (content !== undefined) await writeFile(file, content);
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
    await using store = await startStoreServer();
    const error = await failureOf(statusOf(store, transportTo(store)));
    expect([error.kind, error.message]).toEqual([
      'unauthenticated',
      'The credential file that GOOGLE_APPLICATION_CREDENTIALS names could not be used.',
    ]);
  });
});

describe('the universe of the credentials', () => {
  /** Where a request for a URL goes with credentials of a universe. */
  async function destination(universeDomain: string, asked: string): Promise<string[]> {
    const urls: string[] = [];
    const client = new OAuth2Client({ credentials: { access_token: 'secret' }, universeDomain });
    client.transporter.defaults.fetchImplementation = (url) => {
      urls.push(new URL(url instanceof Request ? url.url : url).href);
      return Promise.resolve(new Response('{}'));
    };
    const endpoint = resolveEndpoint({ env: {}, hasAuth: true });
    const transport = createGoogleTransport({ endpoint, auth: client });
    await transport({ method: 'GET', url: asked, headers: {} }, unhurried().signal);
    return urls;
  }

  test('decides where the default endpoint is', async () => {
    expect(await destination('example.goog', `${GOOGLE_ORIGIN}/storage/v1/b/x?y=z`)).toEqual([
      'https://storage.example.goog/storage/v1/b/x?y=z',
    ]);
  });

  test('that is not a domain moves nothing', async () => {
    expect(await destination('evil.example/x', `${GOOGLE_ORIGIN}/x`)).toEqual([`${GOOGLE_ORIGIN}/x`]);
  });

  test('moves nothing that was not on its way to Google', async () => {
    const url = `${GOOGLE_ORIGIN}.example/storage/v1/b/x`;
    expect(await destination('example.goog', url)).toEqual([url]);
  });

  test('is the one that the environment names, where it names one', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'key.json');
    const key = {
      type: 'service_account',
      client_email: 'me@example.iam.gserviceaccount.com',
      private_key: accountKey(),
      token_uri: 'http://127.0.0.1:9/token',
    };
    await writeFile(file, JSON.stringify(key));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
    await using store = await startStoreServer();
    const endpoint = resolveEndpoint({ apiEndpoint: store.origin, hasAuth: true, env: {} });
    const transport = createGoogleTransport({ endpoint: { ...endpoint, universeDomain: 'example.goog' } });
    // Only in another universe does a service account sign its tokens itself.
    expect(await statusOf(store, transport)).toBe(404);
    expect(authorizations(store)).toEqual([expect.stringMatching(/^Bearer eyJ/)]);
  });
});

describe('a bucket of @google-cloud/storage 7', () => {
  test('brings its client’s credentials, which go through gaxios 6, and a 401 renews them', async () => {
    await using tokens = await startTokenServer();
    await using server = await startStoreServer((token) => token === 'Bearer secret-token-2');
    const library9 = createRequire(createRequire(import.meta.url).resolve('@google-cloud/storage'))(
      'google-auth-library',
    );
    expect(library9.UserRefreshClient).not.toBe(UserRefreshClient);
    const authClient = new library9.UserRefreshClient({
      clientId: 'id',
      clientSecret: 'secret-client',
      refreshToken: 'secret-refresh',
      endpoints: { oauth2TokenUrl: `${tokens.origin}/token` },
    });
    const storage = new Storage({
      apiEndpoint: server.origin,
      useAuthWithCustomEndpoint: true,
      authClient,
      projectId: 'p',
    });
    const bucket = storage.bucket('my-bucket');
    const endpoint = resolveEndpoint({ bucket, env: {} });
    const store = createStore(
      { endpoint, bucket: bucket.name, name: 'a' },
      createGoogleTransport({ endpoint, bucket }),
    );
    expect(await store.get(unhurried())).toEqual({ kind: 'absent' });
    expect(authorizations(server)).toEqual(['Bearer secret-token-1', 'Bearer secret-token-2']);
    expect((await store.create(record(), writing())).kind).toBe('failed');
    expect(server.requests.at(-1)?.headers['x-goog-gcs-idempotency-token']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('with a custom endpoint is talked to without credentials', async () => {
    await using server = await startStoreServer();
    const bucket = new Storage({ apiEndpoint: server.origin, projectId: 'p' }).bucket('my-bucket');
    const endpoint = resolveEndpoint({ bucket, env: {} });
    expect(await statusOf(server, createGoogleTransport({ endpoint, bucket }))).toBe(404);
    expect(authorizations(server)).toEqual([undefined]);
  });
});

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'gcs-mutex-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
