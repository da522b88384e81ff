import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import { authorizations, failureOf, startTokenServer, statusOf, userClient } from './auth-tools.ts';
import { startServer } from './servers.ts';
import { googleError, record, writing } from './tools.ts';

test('no token is shown by anything that is thrown or returned, whatever goes wrong', async () => {
  await using tokens = await startTokenServer();
  let mode = 0;
  await using server = await startServer((request, response) => {
    mode += 1;
    if (mode === 1) response.destroy();
    else if (mode === 2) response.end('x'.repeat(100_000));
    // A server that repeats what it was sent.
    else
      response
        .writeHead(400 + mode)
        .end(JSON.stringify(googleError(400 + mode, 'r', JSON.stringify(request.headers))));
  });
  const endpoint = resolveEndpoint({ apiEndpoint: server.origin, hasAuth: true, env: {} });
  const transport = createGoogleTransport({ endpoint, auth: userClient(tokens) });
  const store = createStore({ endpoint, bucket: 'b', name: 'n' }, transport);
  const seen: unknown[] = [];
  for (let count = 0; count < 8; count += 1) seen.push(await store.create(record(), writing()));
  mode = 0;
  for (let count = 0; count < 2; count += 1) {
    seen.push(await failureOf(statusOf(server, transport)));
  }
  for (const value of seen) {
    const error = value instanceof Error ? [value.message, value.stack] : [];
    const text = [
      inspect(value, { depth: Infinity, showHidden: true }),
      JSON.stringify(value),
      ...error,
    ].join('\n');
    expect(text).not.toMatch(/secret/);
  }
  expect(authorizations(server).every((value) => value?.startsWith('Bearer secret-token-'))).toBe(true);
});
