import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type ClientRequest, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { PassThroughClient } from 'google-auth-library';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { attempt } from '../../src/gcs/attempt.ts';
import type { TransportError, TransportRequest } from '../../src/gcs/transport.ts';
import type { AuthClientLike } from '../../src/gcs/types.ts';
import { authorizations, failureOf, startStoreServer, startTokenServer, userClient } from './auth-tools.ts';
import { keepsProcessAlive } from './held-open.ts';
import { listen, startServer } from './servers.ts';
import { unhurried } from './tools.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What a client is given of a request, as far as clients of the tests look at it. */
interface GivenRequest {
  readonly headers: Record<string, string>;
  readonly adapter: (
    config: object,
    send: (config: { readonly agent?: unknown }) => Promise<unknown>,
  ) => Promise<unknown>;
}

/** A client that does with a request what the test says. */
function clientThat(request: (given: GivenRequest) => Promise<unknown>): AuthClientLike {
  return { request: (options) => request(options as unknown as GivenRequest) };
}

function send(
  client: AuthClientLike,
  changes: Partial<TransportRequest> = {},
  signal: AbortSignal = unhurried().signal,
) {
  const request = { method: 'GET', url: 'http://127.0.0.1:9/x', headers: {}, ...changes } as const;
  return attempt(() => Promise.resolve({ client }), request, signal);
}

describe('an attempt that is cut off', () => {
  test('before it began is unsent, and asks nobody for a token', async () => {
    await using tokens = await startTokenServer();
    const error = await failureOf(send(userClient(tokens), {}, AbortSignal.abort()));
    expect([error.kind, error.message]).toEqual(['unsent', 'The request was cut off before it was sent.']);
    expect(tokens.requests).toEqual([]);
  });

  test('while it is under way may have arrived, and says so', async () => {
    await using server = await startServer(() => {});
    const controller = new AbortController();
    const arrived = server.nextRequest();
    const pending = failureOf(
      send(new PassThroughClient(), { url: `${server.origin}/x` }, controller.signal),
    );
    await arrived;
    controller.abort();
    const error = await pending;
    expect([error.kind, error.message]).toEqual([
      'interrupted',
      'The request was cut off before its answer came.',
    ]);
  });

  test('by a client that gives up by itself may have arrived all the same', async () => {
    const client = clientThat(({ adapter }) => {
      void adapter({ agent: false }, () => new Promise(() => {}));
      return Promise.reject(new Error('this client has a time limit of its own'));
    });
    expect((await failureOf(send(client))).kind).toBe('interrupted');
  });

  test('reaches a fetch of the caller’s own by the caller’s own signal, and no default timeout does', async () => {
    const client = new PassThroughClient();
    const signals: unknown[] = [];
    Object.assign(client.transporter.defaults, {
      timeout: 60_000,
      fetchImplementation: (_url: string, init: RequestInit) => {
        signals.push(init.signal);
        return Promise.resolve(new Response('{}'));
      },
    });
    const { signal } = unhurried();
    await send(client, {}, signal);
    expect(signals).toEqual([signal]);
    expect(signals[0]).toBe(signal);
  });
});

test('an answer is handed over in a turn of its own, after all that this one has heard', async () => {
  let isNextTurn = false;
  const client = clientThat(({ adapter }) =>
    adapter({ agent: false }, () => {
      setImmediate(() => {
        isNextTurn = true;
      });
      return Promise.resolve({ status: 200, headers: {}, data: '' });
    }),
  );
  expect((await send(client)).answer.status).toBe(200);
  expect(isNextTurn).toBe(true);
});

test.each([
  ['of a request in the background keeps no process alive', true, 0],
  ['that somebody awaits does', false, 1],
])('the turn of an answer %s', async (_what, isBackground, kept) => {
  const immediates = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'Immediate').length;
  const before = immediates();
  let during = -1;
  const client = clientThat(({ adapter }) =>
    adapter({ agent: false }, () => {
      // After all that the answer leads to in this turn, and before the next.
      queueMicrotask(() => process.nextTick(() => process.nextTick(() => (during = immediates()))));
      return Promise.resolve({ status: 200, headers: {}, data: '' });
    }),
  );
  await send(client, { isBackground });
  expect(during - before).toBe(kept);
});

describe('the store’s 401', () => {
  test('is an answer like any other where nobody asks to be told, even to a client that renews by itself', async () => {
    await using tokens = await startTokenServer();
    await using store = await startStoreServer(() => false);
    const client = userClient(tokens);
    client.forceRefreshOnFailure = true;
    const { answer, sendCount } = await send(client, { url: `${store.origin}/x` });
    expect([answer.status, sendCount]).toEqual([401, 1]);
    expect(authorizations(store)).toEqual(['Bearer secret-token-1']);
  });
});

describe('a token that a server repeats', () => {
  /** The body that is seen where a server answers so to a request with this header. */
  async function seen(authorization: string | undefined, body: string): Promise<object> {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const client = clientThat(({ adapter }) =>
      adapter({ headers }, () => Promise.resolve({ status: 200, headers: { 'x-a': '1' }, data: body })),
    );
    const { answer } = await send(client);
    return { status: answer.status, header: answer.headers.get('x-a'), body: answer.body };
  }

  test.each([
    [
      'Bearer secret-token-1',
      'you sent "secret-token-1", secret-token-1',
      'you sent "[redacted]", [redacted]',
    ],
    ['Bearer  12345678', '<12345678>', '<[redacted]>'],
    ['Bearer 1234567', '<1234567>', '<1234567>'],
    ['Bearer secret-token-1', 'nothing of it', 'nothing of it'],
    [undefined, 'you sent no token', 'you sent no token'],
  ])('is left out of its answer: %s, %s', async (authorization, body, shown) => {
    expect(await seen(authorization, body)).toEqual({ status: 200, header: '1', body: shown });
  });
});

describe('the connection of a request', () => {
  /** Whether the connections of the requests that are sent meanwhile keep the process alive. */
  async function holding(work: () => Promise<unknown>): Promise<boolean[]> {
    const found: Promise<boolean>[] = [];
    const look = (socket: Socket): boolean => keepsProcessAlive(socket);
    const onStart = (message: unknown): void => {
      const { request } = message as { readonly request: ClientRequest };
      const { socket } = request;
      found.push(
        socket === null
          ? new Promise((resolve) => request.once('socket', (given) => resolve(look(given))))
          : Promise.resolve(look(socket)),
      );
    };
    subscribe('http.client.request.start', onStart);
    try {
      await work();
    } finally {
      unsubscribe('http.client.request.start', onStart);
    }
    return Promise.all(found);
  }

  test.each([
    [undefined, true],
    [false, true],
    [true, false],
  ])('keeps the process alive unless nobody awaits it: isBackground %s', async (isBackground, isHolding) => {
    await using server = await startServer((_, response) => response.end());
    const changes = { url: `${server.origin}/x`, ...(isBackground === undefined ? {} : { isBackground }) };
    expect(await holding(() => send(new PassThroughClient(), changes))).toEqual([isHolding]);
  });

  test('is that of the proxy that the environment names, whose refusal is no answer of the store', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer().on('connect', ({ url }, socket: Socket) => {
      asked.push(url);
      socket.end('HTTP/1.1 407 No\r\ncontent-length: 2\r\n\r\n{}');
    });
    await using proxy = await listen(server, 'http');
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    const error: TransportError = await failureOf(
      send(new PassThroughClient(), { url: 'https://gcs-mutex.invalid/x' }),
    );
    expect([error.kind, error.message]).toEqual(['unsent', expect.stringContaining('HTTP 407')]);
    expect(asked).toEqual(['gcs-mutex.invalid:443']);
  });
});
