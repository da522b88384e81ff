import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  failureOf,
  giveToken,
  startStoreServer,
  startTokenServer,
  statusOf,
  stubMetadataServer,
  stubNoResidency,
  transportTo,
} from './auth-tools.ts';
import { listen, startServer } from './servers.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the client that was found in the environment', () => {
  test('is kept, with its token, though the store could not be reached', async () => {
    await using metadata = await startTokenServer();
    await using store = await startStoreServer();
    stubMetadataServer(metadata);
    const { origin, [Symbol.asyncDispose]: close } = await listen(createServer(), 'http');
    await close();
    const gone = { origin, requests: [], nextRequest: store.nextRequest, nextClose: store.nextClose };
    const error = await failureOf(
      transportTo(gone)({ method: 'GET', url: `${origin}/x`, headers: {} }, new AbortController().signal),
    );
    expect(error.kind).toBe('unsent');
    expect(await statusOf(store, transportTo(store))).toBe(404);
    expect(metadata.requests).toHaveLength(1);
  });

  test('is kept, with its token, though a request was cut off that was on its way', async () => {
    await using metadata = await startTokenServer();
    await using silent = await startServer(() => {});
    await using store = await startStoreServer();
    stubMetadataServer(metadata);
    const controller = new AbortController();
    const arrived = silent.nextRequest();
    const pending = failureOf(statusOf(silent, transportTo(silent), controller.signal));
    await arrived;
    controller.abort();
    expect((await pending).kind).toBe('interrupted');
    expect(await statusOf(store, transportTo(store))).toBe(404);
    expect(metadata.requests).toHaveLength(1);
  });

  test('is kept though a request gives up that waited for the token of one from before', async () => {
    let count = 0;
    await using metadata = await startServer((_, response) => {
      count += 1;
      // The first client's token call is stuck.
      if (count > 1) giveToken(response, count);
    });
    await using store = await startStoreServer();
    stubMetadataServer(metadata);
    const transport = transportTo(store);
    const [early, late] = [new AbortController(), new AbortController()];
    const asked = metadata.nextRequest();
    const first = failureOf(statusOf(store, transport, early.signal));
    await asked;
    const second = failureOf(statusOf(store, transport, late.signal));
    // Both have the first client in hand.
    await new Promise(setImmediate);
    early.abort();
    expect((await first).kind).toBe('unsent');
    expect(await statusOf(store, transport)).toBe(404);
    const tokenCount = count;
    late.abort();
    expect((await second).kind).toBe('unsent');
    expect(await statusOf(store, transport)).toBe(404);
    expect(count).toBe(tokenCount);
  });

  test('is not the one of another environment, whose credentials may be in another place', async () => {
    await using metadata = await startTokenServer();
    await using other = await startTokenServer();
    await using store = await startStoreServer();
    stubMetadataServer(metadata);
    stubNoResidency();
    const ask = (): Promise<number> => statusOf(store, transportTo(store));
    expect(await ask()).toBe(404);
    vi.stubEnv('CLOUDSDK_CONFIG', '/gcs-mutex-no-such-folder-either');
    expect(await ask()).toBe(404);
    expect(metadata.requests).toHaveLength(2);
    vi.stubEnv('GCE_METADATA_HOST', other.origin.slice('http://'.length));
    expect(await ask()).toBe(404);
    expect(other.requests).toHaveLength(1);
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
    expect((await failureOf(ask())).message).toBe('No usable Google credentials were found.');
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/gcs-mutex-no-such-file.json');
    expect((await failureOf(ask())).message).toContain('GOOGLE_APPLICATION_CREDENTIALS');
  });
});
