import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { selfSigned } from '../gcs/self-signed.ts';
import { listen, type TestServer } from '../gcs/servers.ts';
import { googleError } from '../gcs/tools.ts';
import { KNOWN_TOKEN } from './secret-watch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** No name server knows it: only through the proxy is there a way. */
const HOST = 'gcs.test';

/** How the proxy treats CONNECT: it connects, or gives this answer of its own. */
let refusal: { status: number; body: string } | undefined;
/** What the proxy was asked, and the bytes that went through it in both directions. */
let asked: string[] = [];
let plain: string[] = [];
let tunnelled = '';

let folder: string;
let emulator: EmulatorServer;
let store: Omit<TestServer, 'requests'>;
let proxy: Omit<TestServer, 'requests'>;

function tie(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gcs-mutex-proxy-'));
  const certificate = selfSigned([HOST]);
  await writeFile(join(folder, 'ca.pem'), certificate.cert);
  emulator = await startEmulator({ buckets: ['bucket'] });
  const tls = createTlsServer(certificate, (socket) => tie(socket, connect(emulator.port, '127.0.0.1')));
  tls.on('tlsClientError', () => {});
  store = await listen(tls, 'https');
  const server = createServer((request, response) => {
    plain.push(`${request.method} ${request.url}`);
    response.writeHead(200).end('a page of the proxy');
  });
  server.on('connect', ({ url, headers }, client: Socket) => {
    asked.push(JSON.stringify({ url, headers }));
    if (refusal !== undefined) {
      const { status, body } = refusal;
      const head = `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      client.end(head + body);
      return;
    }
    const behind = connect(Number(new URL(store.origin).port), '127.0.0.1');
    for (const socket of [client, behind]) {
      socket.on('data', (bytes: Buffer) => (tunnelled += bytes.toString('latin1')));
    }
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    tie(client, behind);
  });
  proxy = await listen(server, 'http');
});
afterAll(async () => {
  await Promise.all([store[Symbol.asyncDispose](), proxy[Symbol.asyncDispose](), emulator.close()]);
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  refusal = undefined;
  [asked, plain, tunnelled] = [[], [], ''];
  emulator.requests.clear();
});

/** Runs a script in a fresh process whose environment names a proxy; gives what it printed as JSON. */
async function inProcess(
  env: Readonly<Record<string, string>>,
  script: string,
  requestTimeoutMs = 5_000,
): Promise<unknown> {
  const { port } = new URL(store.origin);
  const code = `
    import { GcsMutex } from ${JSON.stringify(`file://${ROOT}dist/src/index.js`)};
    import { OAuth2Client } from 'google-auth-library';
    const auth = new OAuth2Client({ credentials: { access_token: ${JSON.stringify(KNOWN_TOKEN)} } });
    const mutex = new GcsMutex('bucket', 'locks/one', {
      apiEndpoint: 'https://${HOST}:${port}', auth, requestTimeoutMs: ${requestTimeoutMs},
    });
    const failure = (promise) => promise.then(
      (value) => ({ value }), ({ code, message, name }) => ({ code, message, name }));
    console.log(JSON.stringify(await (async () => { ${script} })()));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: ROOT,
    env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), ...env },
  });
  return JSON.parse(stdout);
}

describe('a proxy that the environment names', () => {
  const LIFE = 'const lease = await mutex.acquire(); await lease.refresh(); return lease.release();';

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    'as %s carries every request, and sees no token',
    async (variable) => {
      expect(await inProcess({ [variable]: proxy.origin }, LIFE, 60_000)).toBe(true);
      expect(emulator.requests.all().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'DELETE']);
      for (const { headers } of emulator.requests)
        expect(headers['authorization']).toBe(`Bearer ${KNOWN_TOKEN}`);
      expect(asked.length).toBeGreaterThan(0);
      for (const request of asked) expect(request).toContain(`"url":"${HOST}:`);
      expect(plain, 'nothing goes there in the clear').toEqual([]);
      expect(tunnelled.length).toBeGreaterThan(1_000);
      for (const seen of [...asked, tunnelled]) expect(seen).not.toContain(KNOWN_TOKEN);
    },
  );

  test.each(['NO_PROXY', 'no_proxy'])('is passed by for a host that %s names', async (variable) => {
    const given = await inProcess(
      { HTTPS_PROXY: proxy.origin, [variable]: `other.test, ${HOST}` },
      'return failure(mutex.status());',
    );
    expect(given).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
    expect(asked).toEqual([]);
  });

  test.each([
    [407, 'it asks for credentials of its own'],
    [502, 'it could not, or would not'],
    [403, 'it could not, or would not'],
    [302, 'it could not, or would not'],
  ])('and that refuses with %d makes the store unavailable, and says so', async (status, why) => {
    refusal = { status, body: '<html>' };
    const given = await inProcess(
      { HTTPS_PROXY: proxy.origin },
      'return [await failure(mutex.status()), await failure(mutex.tryAcquire())];',
    );
    const message = expect.stringContaining(
      `The proxy did not connect to the store: ${why} (HTTP ${status})`,
    );
    const unavailable = { code: 'ERR_STORE_UNAVAILABLE', name: 'StoreUnavailableError', message };
    expect(given).toEqual([unavailable, unavailable]);
    expect(asked.join('')).not.toContain(KNOWN_TOKEN);
  });

  test('cannot pass an answer of its own off as the store’s', async () => {
    refusal = { status: 404, body: JSON.stringify(googleError(404, 'notFound')) };
    expect(await inProcess({ HTTPS_PROXY: proxy.origin }, 'return failure(mutex.status());')).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    });
  });

  test('cannot stand in for the store, whose certificate it does not have', async () => {
    const env = { HTTPS_PROXY: proxy.origin, NODE_EXTRA_CA_CERTS: '' };
    expect(await inProcess(env, 'return failure(mutex.status());')).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('certificate is not accepted'),
    });
    expect(emulator.requests.count).toBe(0);
    expect(tunnelled).not.toContain(KNOWN_TOKEN);
  });
});
