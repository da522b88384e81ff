import { ACCOUNT, AUDIENCE, type Behaviour, type Endpoint, TARGET } from './token-endpoints.ts';

/** One kind of credentials that a process can find in its environment. */
export interface Kind {
  readonly name: string;
  /** The content of the file that GOOGLE_APPLICATION_CREDENTIALS names; undefined: there is none. */
  readonly file?: (places: Places) => object;
  /** Who gives out the token that the store gets. */
  readonly endpoint: Endpoint;
  /** Whom a process asks for its first token, in order. */
  readonly asks: readonly Endpoint[];
  /** Whom it asks when that token is to be renewed. */
  readonly renews: readonly Endpoint[];
  /** How that endpoint refuses for good. */
  readonly refusal: Behaviour;
  /** How often it is asked by one request that it refuses: the federation's client asks once more after 403. Default 1. */
  readonly asksPerRefusal?: number;
}

/** Where a credential file may point to. */
export interface Places {
  /** A file with the subject token. */
  readonly subjectFile: string;
  /** Plain http on the loopback. */
  readonly origin: string;
}

const USER = {
  type: 'authorized_user',
  client_id: 'an id',
  client_secret: 'a secret',
  refresh_token: 'a refresh token',
};

const FEDERATED = {
  type: 'external_account',
  audience: AUDIENCE,
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
};

const IMPERSONATION = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${TARGET}:generateAccessToken`;

const INVALID_GRANT = { refuse: 400, body: { error: 'invalid_grant', error_description: 'Bad Request' } };
const NOT_ALLOWED = {
  refuse: 403,
  body: {
    error: {
      code: 403,
      message: "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
      status: 'PERMISSION_DENIED',
    },
  },
};

export const KINDS: readonly Kind[] = [
  {
    name: "an authorised user's file",
    file: () => USER,
    endpoint: 'oauth2',
    asks: ['oauth2'],
    renews: ['oauth2'],
    refusal: INVALID_GRANT,
  },
  {
    name: "a service account's key",
    file: () => ({
      type: 'service_account',
      client_email: ACCOUNT.email,
      private_key: ACCOUNT.privateKey,
      private_key_id: '1',
      project_id: 'p',
      token_uri: 'https://oauth2.googleapis.com/token',
    }),
    endpoint: 'oauth2',
    asks: ['oauth2'],
    renews: ['oauth2'],
    refusal: INVALID_GRANT,
  },
  {
    name: 'an impersonated service account',
    file: () => ({
      type: 'impersonated_service_account',
      service_account_impersonation_url: IMPERSONATION,
      source_credentials: USER,
    }),
    endpoint: 'iamcredentials',
    asks: ['oauth2', 'iamcredentials'],
    renews: ['iamcredentials'],
    refusal: NOT_ALLOWED,
  },
  {
    name: 'workload identity federation by a file',
    file: ({ subjectFile }) => ({ ...FEDERATED, credential_source: { file: subjectFile } }),
    endpoint: 'sts',
    asks: ['sts'],
    renews: ['sts'],
    refusal: INVALID_GRANT,
  },
  {
    name: 'workload identity federation by a URL',
    file: ({ origin }) => ({
      ...FEDERATED,
      credential_source: {
        url: `${origin}/subject`,
        headers: { 'x-proof': 'of the workload' },
        format: { type: 'text' },
      },
    }),
    endpoint: 'sts',
    asks: ['subject', 'sts'],
    renews: ['subject', 'sts'],
    refusal: INVALID_GRANT,
  },
  {
    name: 'workload identity federation that impersonates a service account',
    file: ({ subjectFile }) => ({
      ...FEDERATED,
      credential_source: { file: subjectFile },
      service_account_impersonation_url: IMPERSONATION,
    }),
    endpoint: 'iamcredentials',
    asks: ['sts', 'iamcredentials'],
    renews: ['sts', 'iamcredentials'],
    refusal: NOT_ALLOWED,
    asksPerRefusal: 2,
  },
  {
    name: 'the metadata server',
    endpoint: 'metadata',
    asks: ['metadata'],
    renews: ['metadata'],
    refusal: { refuse: 404, body: 'Not Found' },
  },
];
