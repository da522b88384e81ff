import { type Connection, attempt } from './attempt.ts';
import { type Endpoint, isUniverseDomain, mayCarryToken } from './endpoint.ts';
import { expireToken } from './renewal.ts';
import { type Transport, TransportError } from './transport.ts';
import type { AuthClientLike, AuthLike, BucketLike } from './types.ts';

/**
 * What a token is asked for. `devstorage.full_control` would do for the lock itself, but credentials that
 * impersonate a service account get their token with the same scope, and that call takes `cloud-platform`
 * only. What a token may do is bounded by IAM, as Google advises.
 */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** Where the real transport sends, and with whose credentials. */
export interface GoogleTransportOptions {
  readonly endpoint: Endpoint;
  /** The option `auth`; wins over the bucket's. Default: the credentials of the environment. */
  readonly auth?: AuthLike | undefined;
  /** A `Bucket` of `@google-cloud/storage`, whose client's credentials are used. */
  readonly bucket?: BucketLike | undefined;
}

/**
 * The real transport: sends each request through google-auth-library, with the credentials that `auth` or
 * `bucket` brings or with those of the environment, and without any where the endpoint takes none.
 *
 * The library is loaded by the first request, so that importing this one costs next to nothing. After 401
 * the token is renewed once, and the request sent once more.
 */
export function createGoogleTransport({ endpoint, auth, bucket }: GoogleTransportOptions): Transport {
  let pending: Promise<Connection> | undefined;
  const connect = (): Promise<Connection> => {
    pending ??= openConnection(endpoint, auth ?? bucket?.storage.authClient).catch((error: unknown) => {
      // The metadata server may answer the next time.
      pending = undefined;
      throw error;
    });
    return pending;
  };
  return async (request, signal) => {
    if (endpoint.sendsCredentials && !mayCarryToken(new URL(request.url))) {
      throw new TransportError('untrusted', 'An access token is never sent over plain http.');
    }
    let canRenew = false;
    const first = await attempt(connect, request, signal, {
      onUnauthorized: (client, authorization) => {
        canRenew = expireToken(client, authorization);
      },
    });
    const isOver = first.answer.status !== 401 || !canRenew || first.sendCount > 1;
    return isOver ? first.answer : (await attempt(connect, request, signal)).answer;
  };
}

async function openConnection(endpoint: Endpoint, auth: AuthLike | undefined): Promise<Connection> {
  if (!endpoint.sendsCredentials) {
    const { PassThroughClient } = await import('google-auth-library');
    return { client: new PassThroughClient() };
  }
  const client = auth === undefined ? await defaultClient(endpoint.universeDomain) : await clientOf(auth);
  const universe: unknown = Reflect.get(client, 'universeDomain');
  const isElsewhere = endpoint.followsUniverse && isUniverseDomain(universe);
  return { client, origin: isElsewhere ? `https://storage.${universe}` : undefined };
}

async function clientOf(auth: AuthLike): Promise<AuthClientLike> {
  return 'getClient' in auth ? auth.getClient() : auth;
}

/**
 * The clients of the environment's credentials, for all locks of this process: each fetches and keeps its
 * own token, and a program with a hundred locks needs one.
 */
const defaultClients = new Map<string, Promise<AuthClientLike>>();

function defaultClient(universeDomain: string | undefined): Promise<AuthClientLike> {
  const key = JSON.stringify([universeDomain, process.env['GOOGLE_APPLICATION_CREDENTIALS']]);
  const known = defaultClients.get(key);
  if (known !== undefined) return known;
  const made = makeDefaultClient(universeDomain).catch((error: unknown) => {
    defaultClients.delete(key);
    throw error;
  });
  defaultClients.set(key, made);
  return made;
}

async function makeDefaultClient(universeDomain: string | undefined): Promise<AuthClientLike> {
  const { GoogleAuth } = await import('google-auth-library');
  const google = new GoogleAuth({
    scopes: [SCOPE],
    // Nothing here needs the project. Left out, the library looks for it first, by running `gcloud` and by
    // asking the metadata server.
    projectId: 'unused',
    ...(universeDomain === undefined ? {} : { universeDomain }),
  });
  const client = await google.getClient();
  // Set on the client: not every kind takes it over from the options.
  client.forceRefreshOnFailure = true;
  return client;
}
