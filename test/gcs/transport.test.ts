import { getEventListeners } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import type { Endpoint } from '../../src/gcs/endpoint.ts';
import {
  MAX_BODY_BYTES,
  type TransportAnswer,
  TransportError,
  type TransportRequest,
} from '../../src/gcs/transport.ts';
import { selfSigned } from './self-signed.ts';
import { type TestServer, listen, startRawServer, startServer } from './servers.ts';

function emulatorAt(origin: string): Endpoint {
  return { origin, isEmulator: true, sendsCredentials: false, followsUniverse: false };
}

function get(
  server: Pick<TestServer, 'origin'>,
  signal: AbortSignal = new AbortController().signal,
  changes: Partial<TransportRequest> = {},
): Promise<TransportAnswer> {
  const transport = createGoogleTransport({ endpoint: emulatorAt(server.origin) });
  return transport({ method: 'GET', url: `${server.origin}/x`, headers: {}, ...changes }, signal);
}

/** How a request without an answer ended. */
async function failureOf(pending: Promise<unknown>): Promise<TransportError> {
  try {
    await pending;
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new Error('the request was answered');
}

describe('an answer', () => {
  test('comes whole, with its status and its headers by lower-case name', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(206, { 'X-Some-Header': 'yes', 'Content-Type': 'text/plain' }).end('ünï');
    });
    const { status, headers, body } = await get(server);
    expect([status, headers.get('x-some-header'), headers.get('x-other'), body]).toEqual([
      206,
      'yes',
      null,
      'ünï',
    ]);
  });

  test('of 204 has an empty body', async () => {
    await using server = await startServer((_, response) => response.writeHead(204).end());
    expect(await get(server)).toMatchObject({ status: 204, body: '' });
  });

  test.each([400, 401, 403, 404, 408, 412, 429, 500, 503])(
    'of status %d comes at once and once',
    async (status) => {
      await using server = await startServer((_, response) => response.writeHead(status).end('{"error":{}}'));
      expect(await get(server)).toMatchObject({ status, body: '{"error":{}}' });
      expect(server.requests).toHaveLength(1);
    },
  );

  test('that is compressed is unpacked', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}'));
    });
    expect((await get(server)).body).toBe('{"a":1}');
  });

  test('that follows hints and a 100 is a normal one', async () => {
    await using server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n');
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
    });
    expect(await get(server)).toMatchObject({ status: 200, body: '{}' });
  });
});

describe('a request', () => {
  test('carries its method, its headers, its body and no credentials', async () => {
    await using server = await startServer((_, response) => response.end());
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'x-goog-gcs-idempotency-token': 't',
    };
    await get(server, undefined, { method: 'PATCH', headers, body: '{"ä":1}' });
    expect(server.requests).toMatchObject([{ method: 'PATCH', url: '/x', headers, body: '{"ä":1}' }]);
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(server.requests[0]?.headers['user-agent']).toMatch(/^gcs-mutex\b/);
  });

  test('uses the connection that the one before left open, unless it asks for a new one', async () => {
    const ports: (number | undefined)[] = [];
    await using server = await startServer((request, response) => {
      ports.push(request.socket.remotePort);
      response.end();
    });
    await get(server);
    await get(server);
    await get(server, undefined, { freshConnection: true });
    expect(ports[1]).toBe(ports[0]);
    expect(ports[2]).not.toBe(ports[0]);
  });

  test('to this machine goes past a proxy that the environment names', async () => {
    await using server = await startServer((_, response) => response.end('direct'));
    const before = process.env['HTTPS_PROXY'];
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
    try {
      expect((await get(server)).body).toBe('direct');
    } finally {
      if (before === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = before;
    }
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('of status %d is an answer, and is not followed', async (status) => {
    await using other = await startServer((_, response) => response.end());
    await using server = await startServer((_, response) => {
      response.writeHead(status, { location: `${other.origin}/elsewhere` }).end();
    });
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE'] as const) {
      expect(await get(server, undefined, { method })).toMatchObject({ status });
    }
    expect(server.requests).toHaveLength(4);
    expect(other.requests).toEqual([]);
  });
});

describe('a request that is surely unsent', () => {
  test('is one whose connection is refused', async () => {
    const { origin, [Symbol.asyncDispose]: close } = await listen(createNetServer(), 'http');
    await close();
    const error = await failureOf(get({ origin }));
    expect([error.kind, error.message]).toEqual([
      'unsent',
      'The server could not be reached (ECONNREFUSED).',
    ]);
  });

  test('is one whose host has no address', async () => {
    const error = await failureOf(get({ origin: 'http://gcs-mutex.invalid' }));
    expect(error.kind).toBe('unsent');
    expect(error.message).toMatch(/\((ENOTFOUND|EAI_AGAIN)\)/);
  });

  test('is one that was aborted before it began', async () => {
    await using server = await startServer((_, response) => response.end());
    const error = await failureOf(get(server, AbortSignal.abort()));
    expect(error.kind).toBe('unsent');
    expect(server.requests).toEqual([]);
  });
});

test('a server whose certificate is not to be trusted sees nothing', async () => {
  let requestCount = 0;
  const server = createHttpsServer(selfSigned(['localhost']), (_, response) => {
    requestCount += 1;
    response.end();
  });
  await using listening = await listen(server, 'https');
  const error = await failureOf(get(listening));
  expect([error.kind, requestCount]).toEqual(['untrusted', 0]);
  expect(error.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
});

describe('a request is interrupted', () => {
  test('when the connection is reset before the answer', async () => {
    await using server = await startRawServer((socket) => socket.resetAndDestroy());
    expect((await failureOf(get(server))).kind).toBe('interrupted');
  });

  test('when the connection ends before the answer', async () => {
    await using server = await startRawServer((socket) => socket.end());
    expect((await failureOf(get(server))).kind).toBe('interrupted');
  });

  test.each([
    ['its length says', 'content-length: 100\r\n\r\n{"generation":"1"'],
    ['its chunks say', 'transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n'],
  ])('when the answer ends before %s', async (_, rest) => {
    await using server = await startRawServer((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));
    expect((await failureOf(get(server))).kind).toBe('interrupted');
  });

  test('when the answer is no HTTP', async () => {
    await using server = await startRawServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    expect((await failureOf(get(server))).kind).toBe('interrupted');
  });

  test('when a kept connection is closed on the next request, which is sent once', async () => {
    await using server = await startRawServer((socket, _, count) => {
      if (count === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      else socket.destroy();
    });
    expect(await get(server)).toMatchObject({ status: 200 });
    expect((await failureOf(get(server, undefined, { method: 'DELETE' }))).kind).toBe('interrupted');
    expect(server.requests).toHaveLength(2);
  });

  test('when the signal aborts before the first byte, at once, and the connection is closed', async () => {
    await using server = await startServer(() => {});
    const controller = new AbortController();
    const arrived = server.nextRequest();
    const pending = failureOf(get(server, controller.signal));
    await arrived;
    const closed = server.nextClose();
    controller.abort();
    expect((await pending).kind).toBe('interrupted');
    await closed;
  });

  test('when the signal aborts while the answer drips', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"a"');
    });
    const controller = new AbortController();
    const arrived = server.nextRequest();
    const pending = failureOf(get(server, controller.signal));
    await arrived;
    const closed = server.nextClose();
    setImmediate(() => controller.abort());
    expect((await pending).kind).toBe('interrupted');
    await closed;
  });
});

describe('an answer that is too large is cut off, and the connection with it', () => {
  test('when it has 10 MiB', async () => {
    await using server = await startServer((_, response) =>
      response.end(Buffer.alloc(10 * 1024 * 1024, 'x')),
    );
    expect((await failureOf(get(server))).kind).toBe('too-large');
  });

  test('when it does not end', async () => {
    let byteCount = 0;
    await using server = await startServer((_, response) => {
      const chunk = Buffer.alloc(16_384, 'x');
      const pour = (): void => {
        while (!response.destroyed) {
          byteCount += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pour);
        }
      };
      pour();
    });
    const closed = server.nextClose();
    expect((await failureOf(get(server))).kind).toBe('too-large');
    await closed;
    // What is beyond the limit is what the buffers on the way hold.
    expect(byteCount).toBeLessThan(16 * 1024 * 1024);
  });

  test('when it is small only as long as it is packed', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const before = process.memoryUsage().arrayBuffers;
    expect((await failureOf(get(server))).kind).toBe('too-large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  test('but not when it has just the size that is allowed', async () => {
    await using server = await startServer((_, response) => response.end('x'.repeat(MAX_BODY_BYTES)));
    expect((await get(server)).body).toHaveLength(MAX_BODY_BYTES);
  });
});

test('a signal is left without listeners, however the request ended', async () => {
  await using server = await startServer((request, response) => {
    if (request.method === 'GET') response.end();
    else response.destroy();
  });
  const { signal } = new AbortController();
  await get(server, signal);
  await failureOf(get(server, signal, { method: 'DELETE' }));
  await new Promise(setImmediate);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('an error of the transport holds a kind and a sentence, and no cause', async () => {
  await using server = await startRawServer((socket) => socket.resetAndDestroy());
  const error = await failureOf(get(server));
  expect(error).not.toHaveProperty('cause');
  expect(Object.keys(error).toSorted()).toEqual(['kind', 'name']);
  expect(inspect(error, { depth: Infinity })).not.toContain('headers');
});
