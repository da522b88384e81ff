import { describe, expect, test } from 'vitest';
import { createHandlerTransport } from './handler-transport.ts';
import { MAX_BODY_BYTES, type TransportRequest } from '../../src/gcs/transport.ts';
import { failureOf } from './auth-tools.ts';
import { unhurried } from './tools.ts';

const request: TransportRequest = { method: 'GET', url: 'http://emulator.localhost/x?y=z', headers: {} };

describe('a transport to a function in this process', () => {
  test('hands over the request and gives the answer', async () => {
    const seen: unknown[] = [];
    const transport = createHandlerTransport(async (received) => {
      const { method, url, headers } = received;
      seen.push([method, url, headers.get('content-type'), await received.text()]);
      return new Response('{"ä":1}', { status: 201, headers: { 'x-a': 'b' } });
    });
    const patch = { ...request, method: 'PATCH', headers: { 'content-type': 'text/x' }, body: 'ü' } as const;
    const { status, headers, body } = await transport(patch, unhurried().signal);
    expect(seen).toEqual([['PATCH', 'http://emulator.localhost/x?y=z', 'text/x', 'ü']]);
    expect([status, headers.get('x-a'), body]).toEqual([201, 'b', '{"ä":1}']);
  });

  test.each([204, 304, 307, 401, 412, 429, 503])(
    'gives an answer of status %d as it is, once',
    async (status) => {
      let callCount = 0;
      const transport = createHandlerTransport(() => {
        callCount += 1;
        return Promise.resolve(new Response(null, { status, headers: { location: '/elsewhere' } }));
      });
      expect(await transport(request, unhurried().signal)).toMatchObject({ status, body: '' });
      expect(callCount).toBe(1);
    },
  );

  test('calls nothing when the signal has aborted', async () => {
    const transport = createHandlerTransport(() => expect.unreachable());
    expect((await failureOf(transport(request, AbortSignal.abort()))).kind).toBe('unsent');
  });

  test('settles at once when the signal aborts, whatever the function does', async () => {
    const controller = new AbortController();
    const transport = createHandlerTransport(() => {
      queueMicrotask(() => controller.abort());
      return new Promise(() => {});
    });
    expect((await failureOf(transport(request, controller.signal))).kind).toBe('interrupted');
  });

  test('takes a failure of the function for a broken connection, and keeps nothing of it', async () => {
    const transport = createHandlerTransport(() => Promise.reject(new Error('secret')));
    const error = await failureOf(transport(request, unhurried().signal));
    expect([error.kind, error.message]).toEqual(['interrupted', expect.not.stringContaining('secret')]);
  });

  test('cuts an endless answer off, and cancels it', async () => {
    let pulledBytes = 0;
    let isCancelled = false;
    const endless = new ReadableStream({
      pull(controller) {
        pulledBytes += 1024;
        controller.enqueue(new Uint8Array(1024));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const transport = createHandlerTransport(() => Promise.resolve(new Response(endless)));
    expect((await failureOf(transport(request, unhurried().signal))).kind).toBe('too-large');
    expect([isCancelled, pulledBytes < MAX_BODY_BYTES + 10_240]).toEqual([true, true]);
  });

  test('takes an answer that breaks off for an interruption', async () => {
    const broken = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"generation":'));
        controller.error(new Error('secret'));
      },
    });
    const transport = createHandlerTransport(() => Promise.resolve(new Response(broken)));
    expect((await failureOf(transport(request, unhurried().signal))).kind).toBe('interrupted');
  });
});
