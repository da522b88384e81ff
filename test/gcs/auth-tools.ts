import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserRefreshClient } from 'google-auth-library';
import { expect, vi } from 'vitest';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { type Transport, TransportError } from '../../src/gcs/transport.ts';
import type { AuthLike } from '../../src/gcs/types.ts';
import { type TestServer, startServer } from './servers.ts';
import { googleError, unhurried } from './tools.ts';

/** A token endpoint that gives out `secret-token-1`, `secret-token-2`, and so on. */
export function startTokenServer(extra: object = {}): Promise<TestServer> {
  let count = 0;
  return startServer((_, response) => giveToken(response, (count += 1), extra));
}

/** Answers with a token. */
export function giveToken(response: ServerResponse, count = 1, extra: object = {}): void {
  const token = { access_token: `secret-token-${count}`, expires_in: 3600, token_type: 'Bearer', ...extra };
  response.writeHead(200, { 'content-type': 'application/json', 'metadata-flavor': 'Google' });
  response.end(JSON.stringify(token));
}

/** A store that accepts the tokens that it is told, and answers 404 like the real one. */
export function startStoreServer(accepts: (token: string) => boolean = () => true): Promise<TestServer> {
  return startServer((request, response) => {
    const status = accepts(request.headers.authorization ?? '') ? 404 : 401;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(googleError(status, status === 404 ? 'notFound' : 'authError')));
  });
}

/** The client of an authorised user, whose tokens come from a server of the test. */
export function userClient(tokens: Pick<TestServer, 'origin'>): UserRefreshClient {
  return new UserRefreshClient({
    clientId: 'id',
    clientSecret: 'secret-client',
    refreshToken: 'secret-refresh',
    endpoints: { oauth2TokenUrl: `${tokens.origin}/token` },
  });
}

/** A transport that sends credentials to a server of the test. */
export function transportTo(server: Pick<TestServer, 'origin'>, auth?: AuthLike): Transport {
  const endpoint = resolveEndpoint({ apiEndpoint: server.origin, hasAuth: true, env: {} });
  return createGoogleTransport({ endpoint, auth });
}

/** The status that a request is answered with. */
export async function statusOf(
  server: TestServer,
  transport: Transport,
  signal = unhurried().signal,
): Promise<number> {
  return (await transport({ method: 'GET', url: `${server.origin}/x`, headers: {} }, signal)).status;
}

/** The tokens that a server was sent, in order. */
export function authorizations(server: TestServer): (string | undefined)[] {
  return server.requests.map((request) => request.headers.authorization);
}

/** How a request that has no answer ended. */
export async function failureOf(pending: Promise<unknown>): Promise<TransportError> {
  const error: unknown = await pending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error instanceof TransportError ? error : new TransportError('interrupted', '');
}

/** Leads google-auth-library to a metadata server of the test, and to no file of this machine. */
export function stubMetadataServer(server: TestServer): void {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
  vi.stubEnv('CLOUDSDK_CONFIG', join(tmpdir(), 'gcs-mutex-no-such-folder'));
  vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
  vi.stubEnv('GCE_METADATA_HOST', server.origin.slice('http://'.length));
}

/** Hides that this machine may be one of Google's. */
export function stubNoResidency(): void {
  for (const name of ['CLOUD_RUN_JOB', 'FUNCTION_NAME', 'K_SERVICE']) vi.stubEnv(name, undefined);
}

let key: string | undefined;

/** The private key of a service account, in PEM: one for all tests, since to make one takes a second. */
export function accountKey(): string {
  key ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return key;
}
