import { inspect } from 'node:util';
import { OAuth2Client } from 'google-auth-library';
import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import type { AuthLike } from '../../src/gcs/types.ts';
import { GcsMutex } from '../../src/mutex.ts';
import { authorizations, failureOf, startTokenServer, statusOf, userClient } from '../gcs/auth-tools.ts';
import { startServer, type TestServer } from '../gcs/servers.ts';
import { answer, googleError, objectJson, record, unhurried, writing } from '../gcs/tools.ts';
import { httpWorld } from '../faults/http-world.ts';
import { manualWorld } from '../faults/world.ts';
import { KNOWN_TOKEN, knownAuth, SecretWatch } from './secret-watch.ts';
import { textsOf } from './texts.ts';

describe('the watch over secrets of the fault table', () => {
  test('has a token under way in every world', async () => {
    await using real = await httpWorld();
    for (const world of [manualWorld(), real]) {
      for (let count = 0; count < 2; count += 1) {
        const lease = await world.settle(world.process().mutex().acquire());
        expect(await world.settle(lease.release())).toBe(true);
      }
      const sent = world.emulator.requests.all().map(({ headers }) => headers['authorization']);
      expect(sent).toContain(`Bearer ${KNOWN_TOKEN}`);
      for (const value of sent) expect(value).toMatch(/^Bearer \S{10,}$/);
      await world.end();
    }
  });

  test('finds a token wherever one can be hidden', async () => {
    const hidden: Readonly<Record<string, unknown>> = {
      message: new Error(KNOWN_TOKEN),
      cause: new Error('x', { cause: { config: { headers: { a: KNOWN_TOKEN } } } }),
      'a hidden property': Object.defineProperty({}, 'x', { value: KNOWN_TOKEN, enumerable: false }),
      'a symbol': { [Symbol(KNOWN_TOKEN)]: 1 },
      'a hidden symbol': Object.defineProperty({}, Symbol('x'), { value: KNOWN_TOKEN }),
      'a key': { [KNOWN_TOKEN]: 1 },
      'a getter': Object.defineProperty({}, 'x', { get: () => KNOWN_TOKEN }),
      'a map': new Map([['a', new Set([KNOWN_TOKEN])]]),
      headers: new Headers({ authorization: `Bearer ${KNOWN_TOKEN}` }),
      bytes: Buffer.from(`x${KNOWN_TOKEN}x`),
      'a way of printing': { [inspect.custom]: () => KNOWN_TOKEN },
      'a way of serialising': { toJSON: () => ({ x: KNOWN_TOKEN }) },
      'a text of its own': { toString: () => KNOWN_TOKEN },
      base64: new Error(Buffer.from(KNOWN_TOKEN).toString('base64')),
      'an aggregate': new AggregateError([new Error(KNOWN_TOKEN)]),
      'an aborted signal': AbortSignal.abort(new Error(KNOWN_TOKEN)),
    };
    await using server = await startEmulator();
    for (const [where, value] of Object.entries(hidden)) {
      expect(() => new SecretWatch().expectNoSecrets(server, [{ deep: [value] }]), where).toThrow(/no token/);
    }
    new SecretWatch().expectNoSecrets(server, [new Error('nothing to hide')]);
  });
});

/** Servers that repeat what they are sent, in every place that this library looks at. */
const REPEATING: Readonly<Record<string, (token: string, count: number) => [number, unknown]>> = {
  'in an error': (token, count) => [400 + count, googleError(400 + count, 'forbidden', `no: ${token}`)],
  'as the reason of an error': (token) => [403, googleError(403, `x${token}`)],
  'in the label of a holder': (token) => [
    200,
    objectJson(record({ holder: token, metadata: { seen: token } })),
  ],
  'in the type of an object': (token) => [
    200,
    objectJson(record(), { metadata: { token }, contentType: token }),
  ],
  'as the schema': (token) => [200, objectJson(record(), { metadata: { schema: token } })],
  'as the whole answer': (token) => [503, token],
};

describe('a server that repeats the token', () => {
  const auths: Readonly<Record<string, AuthLike>> = {
    'a bare one': knownAuth('token'),
    'one that a service account has signed': knownAuth('service-account'),
    'one with the signs of base64': new OAuth2Client({ credentials: { access_token: 'a+/=._~-known' } }),
  };
  // Where it is repeated makes no difference to how it is found, so that not all pairs are tried.
  const pairs = [
    ...Object.keys(REPEATING).map((where) => [where, 'a bare one'] as const),
    ...Object.keys(auths).map((kind) => ['in an error', kind] as const),
  ];
  test.each(pairs)('%s, %s, finds it in no error and no answer of ours', async (where, kind) => {
    let count = 0;
    const tokens = new Set<string>();
    await using server = await startServer((request, response) => {
      const token = request.headers.authorization?.split(' ')[1] ?? 'none';
      tokens.add(token);
      const [status, body] = REPEATING[where]?.(token, (count += 1) % 20) ?? [500, ''];
      response.writeHead(status, { date: new Date().toUTCString() }).end(answer(status, body).body);
    });
    const auth = auths[kind];
    if (auth === undefined) throw new Error('no such credentials');
    const given = await everythingGivenBy(server, auth);
    expect(tokens.size).toBe(1);
    for (const token of tokens) {
      expect(token.length).toBeGreaterThan(8);
      const texts = given.flatMap((value) => textsOf(value));
      expect(texts.filter((text) => text.includes(token))).toEqual([]);
    }
  });
});

/** What all calls of a mutex, and of the store below it, give or throw. */
async function everythingGivenBy(server: TestServer, auth: AuthLike): Promise<readonly unknown[]> {
  const given: unknown[] = [];
  const note = (value: unknown): void => void given.push(value);
  const mutex = new GcsMutex(
    'bucket',
    'name',
    {
      apiEndpoint: server.origin,
      auth,
      requestTimeoutMs: 100,
      mutationIntervalMs: 0,
      backoff: { minMs: 10 },
    },
    { logger: note },
  );
  await mutex.status().then(note, note);
  await mutex.breakLock().then(note, note);
  await mutex.tryAcquire().then(note, note);
  await mutex.acquire({ timeoutMs: 50 }).then(note, note);
  const endpoint = resolveEndpoint({ apiEndpoint: server.origin, hasAuth: true, env: {} });
  const transport = createGoogleTransport({ endpoint, auth });
  const store = createStore({ endpoint, bucket: 'b', name: 'n' }, transport);
  const expected = { generation: '1', metageneration: '1' };
  for (let count = 0; count < 5; count += 1) {
    note(await store.create(record(), writing()));
    note(await store.patch(expected, record(), writing()));
    note(await store.overwrite(expected, record(), writing()));
    note(await store.delete(expected, writing()));
    note(await store.get(unhurried()));
  }
  return given;
}

test('no token is shown by anything that is thrown or returned, whatever goes wrong with a connection', async () => {
  await using tokens = await startTokenServer();
  let mode = 0;
  await using server = await startServer((_, response) => {
    mode += 1;
    if (mode === 1) response.destroy();
    else if (mode === 2) response.end('x'.repeat(100_000));
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip');
  });
  const endpoint = resolveEndpoint({ apiEndpoint: server.origin, hasAuth: true, env: {} });
  const transport = createGoogleTransport({ endpoint, auth: userClient(tokens) });
  const store = createStore({ endpoint, bucket: 'b', name: 'n' }, transport);
  const seen: unknown[] = [];
  for (let count = 0; count < 4; count += 1) seen.push(await store.create(record(), writing()));
  mode = 0;
  for (let count = 0; count < 3; count += 1) seen.push(await failureOf(statusOf(server, transport)));
  expect(seen.flatMap((value) => textsOf(value)).filter((text) => text.includes('secret'))).toEqual([]);
  expect(authorizations(server).every((value) => value?.startsWith('Bearer secret-token-'))).toBe(true);
});
