import { GoogleAuth, JWT, OAuth2Client, PassThroughClient } from 'google-auth-library';
import { describe, expect, test } from 'vitest';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import {
  accountKey,
  authorizations,
  failureOf,
  giveToken,
  startStoreServer,
  startTokenServer,
  statusOf,
  transportTo,
  userClient,
} from './auth-tools.ts';
import { startServer } from './servers.ts';
import { unhurried } from './tools.ts';

describe('a token', () => {
  test('is fetched once and sent with every request', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer();
    const transport = transportTo(store, userClient(tokens));
    expect([await statusOf(store, transport), await statusOf(store, transport)]).toEqual([404, 404]);
    expect(authorizations(store)).toEqual(['Bearer secret-token-1', 'Bearer secret-token-1']);
    expect(tokens.requests).toHaveLength(1);
  });

  test('comes from whatever client a GoogleAuth finds', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer();
    const auth = new GoogleAuth({ authClient: userClient(tokens) });
    expect(await statusOf(store, transportTo(store, auth))).toBe(404);
    expect(authorizations(store)).toEqual(['Bearer secret-token-1']);
  });

  test('brings the project that its quota is counted for', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer();
    const client = userClient(tokens);
    client.quotaProjectId = 'quota-project';
    await statusOf(store, transportTo(store, client));
    expect(store.requests[0]?.headers['x-goog-user-project']).toBe('quota-project');
  });

  test('is not sent over plain http, whatever URL a transport is given', async () => {
    await using tokens = await startTokenServer();
    const endpoint = resolveEndpoint({ env: {} });
    const transport = createGoogleTransport({ endpoint, auth: userClient(tokens) });
    const request = { method: 'GET', url: 'http://gcs.example/x', headers: {} } as const;
    expect(await failureOf(transport(request, unhurried().signal))).toMatchObject({
      kind: 'untrusted',
      message: 'An access token is never sent over plain http.',
    });
    expect(tokens.requests).toEqual([]);
  });

  test('is not fetched for an emulator that the environment names', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer();
    const endpoint = resolveEndpoint({ env: { STORAGE_EMULATOR_HOST: store.origin }, hasAuth: true });
    expect(await statusOf(store, createGoogleTransport({ endpoint, auth: userClient(tokens) }))).toBe(404);
    expect([authorizations(store), tokens.requests]).toEqual([[undefined], []]);
  });
});

describe('a token that arrives after the abort', () => {
  test('is sent nowhere, and the request settles at once', async () => {
    let release = (): void => {};
    await using tokens = await startServer((_, response) => {
      release = () => giveToken(response);
    });
    await using store = await startStoreServer();
    const client = userClient(tokens);
    const gotToken = new Promise((resolve) => client.once('tokens', resolve));
    const transport = transportTo(store, client);
    const controller = new AbortController();
    const asked = tokens.nextRequest();
    const pending = failureOf(statusOf(store, transport, controller.signal));
    await asked;
    controller.abort();
    expect((await pending).kind).toBe('unsent');
    release();
    await gotToken;
    await new Promise(setImmediate);
    // The client has the token now and a later request uses it: whatever the late one did is over.
    expect(await statusOf(store, transport)).toBe(404);
    expect(store.requests).toHaveLength(1);
  });

  test('does not undo a client with a default timeout, with which gaxios forgets an aborted signal', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer();
    const client = userClient(tokens);
    client.transporter.defaults.timeout = 60_000;
    const controller = new AbortController();
    client.once('tokens', () => controller.abort());
    const transport = transportTo(store, client);
    const error = await failureOf(statusOf(store, transport, controller.signal));
    expect(error.kind).toBe('unsent');
    // One more round trip: a request that had left before would have arrived before.
    expect(await statusOf(store, transport)).toBe(404);
    expect(store.requests).toHaveLength(1);
  });
});

describe('whatever a caller’s client does by default', () => {
  test('a request is not handed over after the abort, even to a fetch that ignores signals', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer();
    const client = userClient(tokens);
    let callCount = 0;
    const controller = new AbortController();
    client.once('tokens', () => {
      client.transporter.defaults.fetchImplementation = () => {
        callCount += 1;
        return Promise.resolve(new Response('{}'));
      };
      controller.abort();
    });
    await failureOf(statusOf(store, transportTo(store, client), controller.signal));
    await new Promise(setImmediate);
    expect(callCount).toBe(0);
  });

  test('a request is not repeated', async () => {
    await using store = await startServer((_, response) => response.destroy());
    const client = new PassThroughClient();
    Object.assign(client.transporter.defaults, {
      retry: true,
      retryConfig: { retry: 3, noResponseRetries: 3 },
    });
    const error = await failureOf(statusOf(store, transportTo(store, client)));
    expect([error.kind, store.requests.length]).toEqual(['interrupted', 1]);
  });

  test('a redirect is not followed', async () => {
    await using store = await startServer((request, response) => {
      response.writeHead(request.url === '/x' ? 307 : 200, { location: '/y' }).end();
    });
    const client = new PassThroughClient();
    Object.assign(client.transporter.defaults, { redirect: 'follow', maxRedirects: 3 });
    expect(await statusOf(store, transportTo(store, client))).toBe(307);
    expect(store.requests).toHaveLength(1);
  });

  test('an answer that is an error to its own mind is an answer', async () => {
    await using store = await startServer((_, response) => response.writeHead(503).end());
    const client = new PassThroughClient();
    Object.assign(client.transporter.defaults, { validateStatus: () => false, responseType: 'blob' });
    expect(await statusOf(store, transportTo(store, client))).toBe(503);
  });
});

describe('after 401', () => {
  const isSecond = (token: string): boolean => token === 'Bearer secret-token-2';

  test('the token is renewed once, and the request sent once more', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer(isSecond);
    expect(await statusOf(store, transportTo(store, userClient(tokens)))).toBe(404);
    expect(authorizations(store)).toEqual(['Bearer secret-token-1', 'Bearer secret-token-2']);
  });

  test('again and again, each request is sent twice and no more', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer(() => false);
    const transport = transportTo(store, userClient(tokens));
    expect([await statusOf(store, transport), await statusOf(store, transport)]).toEqual([401, 401]);
    expect(store.requests).toHaveLength(4);
  });

  test('a client that renews by itself is not sent through twice', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer(() => false);
    const client = userClient(tokens);
    client.forceRefreshOnFailure = true;
    expect(await statusOf(store, transportTo(store, client))).toBe(401);
    expect(store.requests).toHaveLength(2);
  });

  test('a bare token, which nothing can renew, is an answer at once', async () => {
    await using store = await startStoreServer(() => false);
    const client = new OAuth2Client({
      credentials: { access_token: 'secret-token-1', expiry_date: Date.now() + 9e6 },
    });
    expect(await statusOf(store, transportTo(store, client))).toBe(401);
    expect(store.requests).toHaveLength(1);
    expect(client.credentials.access_token).toBe('secret-token-1');
  });

  test('the token of a service account key is renewed too', async () => {
    await using store = await startStoreServer(isSecond);
    let tokenCount = 0;
    const client = new JWT({
      email: 'me@example.iam.gserviceaccount.com',
      key: accountKey(),
      scopes: ['scope'],
    });
    client.transporter.defaults.fetchImplementation = (url, init) => {
      if (!new URL(url instanceof Request ? url.url : url).href.includes('oauth2.googleapis.com'))
        return fetch(new URL(url instanceof Request ? url.url : url).href, init);
      tokenCount += 1;
      return Promise.resolve(Response.json({ access_token: `secret-token-${tokenCount}`, expires_in: 3600 }));
    };
    expect(await statusOf(store, transportTo(store, client))).toBe(404);
    expect(authorizations(store)).toEqual(['Bearer secret-token-1', 'Bearer secret-token-2']);
  });

  test.each([true, false])(
    'an abort while the token is renewed leaves the request unsent',
    async (byItself) => {
      let tokenCount = 0;
      await using tokens = await startServer((_, response) => {
        tokenCount += 1;
        if (tokenCount === 1) giveToken(response);
      });
      await using store = await startStoreServer(() => false);
      const controller = new AbortController();
      const first = tokens.nextRequest();
      const client = userClient(tokens);
      client.forceRefreshOnFailure = byItself;
      const pending = failureOf(statusOf(store, transportTo(store, client), controller.signal));
      await first;
      await tokens.nextRequest();
      controller.abort();
      expect((await pending).kind).toBe('unsent');
      expect(store.requests).toHaveLength(1);
    },
  );

  test('403 is not taken for it', async () => {
    await using tokens = await startTokenServer();
    await using store = await startServer((_, response) => response.writeHead(403).end());
    const client = userClient(tokens);
    client.forceRefreshOnFailure = true;
    expect(await statusOf(store, transportTo(store, client))).toBe(403);
    expect([store.requests.length, tokens.requests.length]).toEqual([1, 1]);
  });
});

describe('without a token', () => {
  test.each([
    [400, 'unauthenticated'],
    [401, 'unauthenticated'],
    [403, 'unauthenticated'],
    [404, 'unauthenticated'],
  ])('because the token endpoint answers %d, a request is %s', async (status, kind) => {
    await using tokens = await startServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: 'invalid_grant', error_description: 'secret-refresh is over' }));
    });
    await using store = await startStoreServer();
    const error = await failureOf(statusOf(store, transportTo(store, userClient(tokens))));
    expect(error.kind).toBe(kind);
    expect(error.message).toBe(`No access token could be had: the token endpoint answered HTTP ${status}.`);
    expect(store.requests).toEqual([]);
  });

  test('because the token endpoint is down, a request is unsent, and the next one tries again', async () => {
    let isDown = true;
    await using tokens = await startServer((_, response) => {
      if (isDown) response.destroy();
      else giveToken(response);
    });
    await using store = await startStoreServer();
    const client = userClient(tokens);
    // What is tested is not the library's patience, which takes seconds.
    client.transporter.interceptors.request.add({
      resolved: (config) =>
        Promise.resolve(Object.assign(config, { retryConfig: { shouldRetry: () => false } })),
    });
    const transport = transportTo(store, client);
    expect((await failureOf(statusOf(store, transport))).kind).toBe('unsent');
    isDown = false;
    expect(await statusOf(store, transport)).toBe(404);
  });

  test('because a caller’s client has none, a request is unauthenticated', async () => {
    await using store = await startStoreServer();
    const error = await failureOf(statusOf(store, transportTo(store, new OAuth2Client())));
    expect(error.kind).toBe('unauthenticated');
  });

  test('because auth is not a client of google-auth-library, a request is unknown, and says so', async () => {
    await using store = await startStoreServer();
    const auth = { request: () => Promise.resolve({ status: 200, data: {} }) };
    const error = await failureOf(statusOf(store, transportTo(store, auth)));
    expect([error.kind, error.message]).toEqual([
      'interrupted',
      expect.stringContaining('google-auth-library'),
    ]);
  });
});
