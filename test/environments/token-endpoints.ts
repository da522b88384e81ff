import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
export const TARGET = 'target@p.iam.gserviceaccount.com';
export const AUDIENCE =
  '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q';
export const SUBJECT_TOKEN = 'a subject token';

/** The key of the service account, made anew for each run. */
export const ACCOUNT = {
  email: 'job@p.iam.gserviceaccount.com',
  ...generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  }),
};

/** Who gives out tokens. */
export type Endpoint = 'oauth2' | 'iamcredentials' | 'sts' | 'metadata' | 'subject';

/** One request to a token endpoint. */
export interface Asked {
  readonly endpoint: Endpoint;
  /** What was wrong with it. */
  readonly complaint: string | undefined;
}

/** What an endpoint does with a request that is in order. */
export type Behaviour = 'give' | { readonly refuse: number; readonly body: object | string } | 'hang';

/** A request as an endpoint reads it. */
interface Read {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
  readonly body: string;
}

/**
 * The token endpoints of Google, each of which looks at what it is asked as closely as Google says that it does, and
 * complains of what is not in order. The store accepts every token that they give out.
 */
export class TokenEndpoints {
  readonly asked: Asked[] = [];
  readonly listener: RequestListener;
  readonly #behaviours = new Map<Endpoint, Behaviour>();
  readonly #hanging: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #given = new Set<string>();
  readonly #accept: (token: string) => void;

  constructor(accept: (token: string) => void) {
    this.#accept = accept;
    this.listener = (request, response) => void this.#serve(request, response);
  }

  /** From now on. */
  behave(endpoint: Endpoint, behaviour: Behaviour): void {
    this.#behaviours.set(endpoint, behaviour);
  }

  /** How often an endpoint was asked. */
  count(endpoint: Endpoint): number {
    return this.asked.filter((asked) => asked.endpoint === endpoint).length;
  }

  /** Resolves when a request hangs. */
  async hung(): Promise<void> {
    while (this.#hanging.length === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Gives the requests that hang their tokens after all. */
  letGo(): void {
    for (const give of this.#hanging.splice(0)) give();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = decodeURIComponent(request.url ?? '');
    const endpoint = endpointOf(request.headers.host ?? '', path);
    if (endpoint === undefined) {
      answer(response, path === '/computeMetadata/v1/instance' ? 200 : 404, {});
      return;
    }
    const read = { path, headers: request.headers, form: new URLSearchParams(body), body };
    const complaint = COMPLAINTS[endpoint](read, this.#given);
    this.asked.push({ endpoint, complaint });
    if (complaint !== undefined) {
      answer(response, 400, { error: 'invalid_request', error_description: complaint });
      return;
    }
    this.#carryOut(endpoint, response);
  }

  #carryOut(endpoint: Endpoint, response: ServerResponse): void {
    const behaviour = this.#behaviours.get(endpoint) ?? 'give';
    if (behaviour === 'give') {
      this.#give(endpoint, response);
    } else if (behaviour === 'hang') {
      this.#hanging.push(() => this.#give(endpoint, response));
      for (const wake of this.#waiting.splice(0)) wake();
    } else {
      answer(response, behaviour.refuse, behaviour.body);
    }
  }

  #give(endpoint: Endpoint, response: ServerResponse): void {
    if (endpoint === 'subject') {
      answer(response, 200, SUBJECT_TOKEN);
      return;
    }
    const token = `${endpoint}-token-${this.#given.size + 1}`;
    this.#given.add(token);
    this.#accept(token);
    const expireTime = new Date(Date.now() + 3_600_000).toISOString();
    const issued = { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' };
    const plain = { access_token: token, expires_in: 3_600, token_type: 'Bearer' };
    answer(
      response,
      200,
      endpoint === 'iamcredentials' ? { accessToken: token, expireTime } : { ...plain, ...issued },
    );
  }
}

function endpointOf(host: string, path: string): Endpoint | undefined {
  if (host === 'oauth2.googleapis.com') return 'oauth2';
  if (host === 'iamcredentials.googleapis.com') return 'iamcredentials';
  if (host === 'sts.googleapis.com') return 'sts';
  if (path.startsWith('/computeMetadata/v1/instance/service-accounts/')) return 'metadata';
  return path === '/subject' ? 'subject' : undefined;
}

/** What is wrong with a request, if anything is. */
const COMPLAINTS: Readonly<Record<Endpoint, (read: Read, given: ReadonlySet<string>) => string | undefined>> =
  {
    // https://developers.google.com/identity/protocols/oauth2/service-account, .../web-server#offline
    oauth2: ({ path, form }) => {
      if (path !== '/token') return `no such path: ${path}`;
      switch (form.get('grant_type')) {
        case 'refresh_token':
          return form.get('refresh_token') === 'a refresh token' && form.get('client_secret') === 'a secret'
            ? undefined
            : 'another refresh token';
        case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
          return complaintOfAssertion(form.get('assertion') ?? '');
        default:
          return 'no such grant';
      }
    },
    // https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
    iamcredentials: ({ path, headers, body }, given) => {
      if (path !== `/v1/projects/-/serviceAccounts/${TARGET}:generateAccessToken`)
        return `no such path: ${path}`;
      if (!given.has((headers.authorization ?? '').replace(/^Bearer /, ''))) return 'no token of the source';
      const { scope } = JSON.parse(body) as { scope?: unknown };
      return JSON.stringify(scope) === JSON.stringify([SCOPE]) ? undefined : 'another scope';
    },
    // https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
    sts: ({ path, form }) => {
      if (path !== '/v1/token') return `no such path: ${path}`;
      const expected = {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        audience: AUDIENCE,
        scope: SCOPE,
        requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        subject_token: SUBJECT_TOKEN,
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      };
      const wrong = Object.entries(expected).find(([key, value]) => form.get(key) !== value);
      return wrong && `another ${wrong[0]}`;
    },
    // https://cloud.google.com/compute/docs/access/authenticate-workloads
    metadata: ({ path, headers }) => {
      if (headers['metadata-flavor'] !== 'Google') return 'no Metadata-Flavor';
      const expected = `/computeMetadata/v1/instance/service-accounts/default/token?scopes=${SCOPE}`;
      return path === expected ? undefined : `another path: ${path}`;
    },
    subject: ({ headers }) => (headers['x-proof'] === 'of the workload' ? undefined : 'no header'),
  };

function complaintOfAssertion(assertion: string): string | undefined {
  const [header = '', claims = '', signature = ''] = assertion.split('.');
  const key = createPublicKey(ACCOUNT.publicKey);
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    key,
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) return 'not signed by the account';
  const { iss, aud, scope, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<
    string,
    unknown
  >;
  if (iss !== ACCOUNT.email || aud !== 'https://oauth2.googleapis.com/token')
    return 'another account or audience';
  if (scope !== SCOPE) return 'another scope';
  const nowS = Date.now() / 1_000;
  const isNow = typeof iat === 'number' && typeof exp === 'number' && iat <= nowS + 60 && exp > nowS;
  return isNow && exp - iat <= 3_600 ? undefined : 'not of now';
}

function answer(response: ServerResponse, status: number, body: object | string): void {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'content-type': isText ? 'text/plain' : 'application/json',
    'metadata-flavor': 'Google',
  });
  response.end(isText ? body : JSON.stringify(body));
}
