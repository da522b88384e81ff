import { PassThroughClient } from 'google-auth-library';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { attempt } from '../../src/gcs/attempt.ts';
import { rest } from '../through/traffic.ts';

// gaxios loads its HTTP client on the first request. A signal that aborted meanwhile made that client destroy the
// body of the request with an error that nobody listened to, which ended the process.

let server: EmulatorServer;
beforeAll(async () => {
  server = await startEmulator({ buckets: ['b'] });
});
afterAll(() => server.close());

type Adapter = (config: object, next: (config: object) => Promise<unknown>) => Promise<unknown>;

/**
 * A client in which the signal aborts when the adapter has looked at it and the request has not left yet. Adds
 * to `sends` what the sending comes to.
 */
function abortingClient(abort: () => void, sends: Promise<unknown>[]): PassThroughClient {
  const client = new PassThroughClient();
  const request = client.request.bind(client);
  return Object.assign(client, {
    request: (options: { adapter: Adapter }) =>
      request({
        ...options,
        adapter: (config: object, next: (config: object) => Promise<unknown>) =>
          options.adapter(config, (sent) => {
            abort();
            const send = next(sent);
            sends.push(send.catch(() => 'not sent'));
            return send;
          }),
      } as never),
  });
}

it('an abort between the last look and the sending sends nothing and ends nothing', async () => {
  const controller = new AbortController();
  const sends: Promise<unknown>[] = [];
  const client = abortingClient(() => controller.abort(), sends);
  const url = `${server.url}/upload/storage/v1/b/b/o?uploadType=media&name=x`;
  const request = { method: 'POST', url, headers: {}, body: 'a body' } as const;
  const sent = attempt(() => Promise.resolve({ client }), request, controller.signal);
  await expect(sent).rejects.toMatchObject({ name: 'TransportError' });
  expect(await Promise.all(sends)).toEqual(['not sent']);
  // An error that nobody listens to would come in the next turns, and fail the run.
  await rest();
  expect(server.requests.count).toBe(0);
});
