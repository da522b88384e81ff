import { type AttemptOptions, type AttemptResult, type Connection, attempt } from './attempt.ts';
import { type Endpoint, isUniverseDomain, mayCarryToken } from './endpoint.ts';
import { defaultCredentialsError } from './network-error.ts';
import { expireToken } from './renewal.ts';
import { type Transport, TransportError, type TransportRequest } from './transport.ts';
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
  const credentials = auth ?? bucket?.storage.authClient;
  const isShared = credentials === undefined && endpoint.sendsCredentials;
  const connections = new Connections(isShared ? defaultConnections : new Map(), endpoint, credentials);
  return async (request, signal) => {
    if (endpoint.sendsCredentials && !mayCarryToken(new URL(request.url))) {
      throw new TransportError('untrusted', 'An access token is never sent over plain http.');
    }
    let canRenew = false;
    const first = await connections.attempt(request, signal, {
      onUnauthorized: (client, authorization) => {
        canRenew = expireToken(client, authorization);
      },
    });
    const isOver = !canRenew || first.sendCount > 1;
    return isOver ? first.answer : (await connections.attempt(request, signal)).answer;
  };
}

/** The variables that say whose the environment's credentials are. */
const ENVIRONMENT = [
  'GOOGLE_APPLICATION_CREDENTIALS',
  'CLOUDSDK_CONFIG',
  'GCE_METADATA_HOST',
  'METADATA_SERVER_DETECTION',
];

/**
 * The environment's clients, for all locks of this process: each client fetches and keeps its own token,
 * and a program with a hundred locks needs one.
 */
const defaultConnections = new Map<string, Promise<Connection>>();

/** Keeps a client between requests, since it keeps the token, but neither a broken nor a stuck one. */
class Connections {
  readonly #kept: Map<string, Promise<Connection>>;
  readonly #endpoint: Endpoint;
  readonly #auth: AuthLike | undefined;

  constructor(kept: Map<string, Promise<Connection>>, endpoint: Endpoint, auth: AuthLike | undefined) {
    this.#kept = kept;
    this.#endpoint = endpoint;
    this.#auth = auth;
  }

  async attempt(
    request: TransportRequest,
    signal: AbortSignal,
    options?: AttemptOptions,
  ): Promise<AttemptResult> {
    const key = this.#key();
    let used: Promise<Connection> | undefined;
    const connect = (): Promise<Connection> => (used = this.#open(key));
    try {
      return await attempt(connect, request, signal, options);
    } catch (error) {
      // The time ran out on the way to a token. The metadata server's token call has no limit of its own,
      // and every later request of that client would wait for the same call.
      if (signal.aborted && error instanceof TransportError && error.kind === 'unsent') this.#drop(key, used);
      throw error;
    }
  }

  #open(key: string): Promise<Connection> {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const opened = openConnection(this.#endpoint, this.#auth).catch((error: unknown) => {
      this.#drop(key, opened);
      throw error;
    });
    this.#kept.set(key, opened);
    return opened;
  }

  #drop(key: string, connection: Promise<Connection> | undefined): void {
    if (this.#kept.get(key) === connection) this.#kept.delete(key);
  }

  /** Everything that a shared client depends on. */
  #key(): string {
    const { followsUniverse, universeDomain } = this.#endpoint;
    return JSON.stringify([followsUniverse, universeDomain, ...ENVIRONMENT.map((name) => process.env[name])]);
  }
}

async function openConnection(endpoint: Endpoint, auth: AuthLike | undefined): Promise<Connection> {
  if (!endpoint.sendsCredentials) {
    const { PassThroughClient } = await loadAuthLibrary();
    return { client: new PassThroughClient() };
  }
  const client = auth === undefined ? await defaultClient(endpoint.universeDomain) : await clientOf(auth);
  const universe: unknown = Reflect.get(client, 'universeDomain');
  const isElsewhere = endpoint.followsUniverse && isUniverseDomain(universe);
  return { client, origin: isElsewhere ? `https://storage.${universe}` : undefined };
}

/** Loaded with the first request. A bundle that leaves it out is no matter of credentials. */
async function loadAuthLibrary() {
  try {
    return await import('google-auth-library');
  } catch {
    throw new TransportError(
      'untrusted',
      'The package google-auth-library could not be loaded; it must be installed where gcs-mutex runs, bundled or not.',
    );
  }
}

async function clientOf(auth: AuthLike): Promise<AuthClientLike> {
  return 'getClient' in auth ? auth.getClient() : auth;
}

async function defaultClient(universeDomain: string | undefined): Promise<AuthClientLike> {
  const { GoogleAuth } = await loadAuthLibrary();
  const google = new GoogleAuth({
    scopes: [SCOPE],
    // Nothing here needs the project. Left out, the library looks for it first, by running `gcloud` and by
    // asking the metadata server.
    projectId: 'unused',
    ...(universeDomain === undefined ? {} : { universeDomain }),
  });
  const client = await google.getClient().catch((error: unknown) => {
    throw defaultCredentialsError(error, process.env['GOOGLE_APPLICATION_CREDENTIALS']);
  });
  // Set on the client: not every kind takes it over from the options.
  client.forceRefreshOnFailure = true;
  return client;
}
