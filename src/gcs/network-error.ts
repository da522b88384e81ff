import { TransportError } from './transport.ts';

/** Failures of the name look-up and of connecting: the request cannot have left. */
const UNSENT_CODES = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NONAME',
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Codes that say "unsent" only where the failing system call was `connect`. */
const CONNECT_CODES = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'ECONNRESET']);

/** OpenSSL's reasons for not accepting a certificate, as Node names them, and Node's own for the name in it. */
const CERTIFICATE_CODE =
  /^(ERR_TLS_CERT_\w+|CERT_\w+|CRL_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)_\w+|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)$/;

/** Codes of network failures, as opposed to those of files and settings, among the errors of token fetching. */
const NETWORK_CODE =
  /^(ECONN\w+|EAI_\w+|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_\w+|ERR_STREAM_PREMATURE_CLOSE|AbortError|TimeoutError)$/;

/**
 * Our own error for a failure of the network below a request that was handed over for sending. Anything
 * that is not surely "unsent" is `interrupted`. The foreign error is read, never kept.
 */
export function networkError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const { code, systemCall } = findCode(error);
  if (code === undefined) {
    return new TransportError('interrupted', 'The connection failed before the whole answer came.');
  }
  if (CERTIFICATE_CODE.test(code)) {
    return new TransportError('untrusted', `The server's certificate is not accepted (${code}).`);
  }
  if (UNSENT_CODES.has(code) || (systemCall === 'connect' && CONNECT_CODES.has(code))) {
    return new TransportError('unsent', `The server could not be reached (${code}).`);
  }
  return new TransportError('interrupted', `The connection failed before the whole answer came (${code}).`);
}

/** Our own error where a proxy did not connect: the request never left it. */
export function proxyError(status: number): TransportError {
  const why = status === 407 ? 'it asks for credentials of its own' : 'it could not, or would not';
  return new TransportError('unsent', `The proxy did not connect to the store: ${why} (HTTP ${status}).`);
}

/**
 * Our own error for a client that failed before the request was sent: it could not get a token.
 *
 * A network failure and a server error pass, so they are `unsent`. Everything else stays as it is until
 * somebody mends it: no credentials, a broken file, a grant that was refused. The library's own message is
 * not passed on, since one about a key file may quote it.
 */
export function tokenError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const status = statusOf(error);
  if (status !== undefined) {
    const passes = status === 408 || status === 429 || status >= 500;
    return new TransportError(
      passes ? 'unsent' : 'unauthenticated',
      `No access token could be had: the token endpoint answered HTTP ${status}.`,
    );
  }
  const { code } = findCode(error);
  if (CERTIFICATE_CODE.test(String(code))) {
    return new TransportError('untrusted', `The token endpoint's certificate is not accepted (${code}).`);
  }
  if (isOfRequest(error) || NETWORK_CODE.test(String(code))) {
    const why = code === undefined ? 'it gave no answer' : code;
    return new TransportError('unsent', `No access token could be had from the token endpoint (${why}).`);
  }
  const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : 'Error';
  return new TransportError('unauthenticated', `The credentials give no access token (${code ?? name}).`);
}

/**
 * Our own error where the environment's credentials were not found or not usable.
 *
 * @param file - the value of GOOGLE_APPLICATION_CREDENTIALS.
 */
export function defaultCredentialsError(error: unknown, file: string | undefined): TransportError {
  const ours = tokenError(error);
  if (ours.kind !== 'unauthenticated') return ours;
  return new TransportError(
    'unauthenticated',
    file === undefined || file === ''
      ? 'No usable Google credentials were found.'
      : 'The credential file that GOOGLE_APPLICATION_CREDENTIALS names could not be used.',
  );
}

/** The first error code along the chain of causes, which HTTP clients wrap one in another. */
function findCode(error: unknown): { readonly code?: string; readonly systemCall?: unknown } {
  let current = error;
  for (let depth = 0; depth < 6; depth += 1) {
    if (typeof current !== 'object' || current === null) break;
    const code: unknown = Reflect.get(current, 'code');
    // A DOMException has a number there.
    if (typeof code === 'string' && /^\w{1,60}$/.test(code)) {
      return { code, systemCall: Reflect.get(current, 'syscall') ?? Reflect.get(current, 'erroredSysCall') };
    }
    current = Reflect.get(current, 'cause');
  }
  return {};
}

/** The HTTP status of the token endpoint's answer, where an error of gaxios holds one. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const response: unknown = Reflect.get(error, 'response');
  if (typeof response !== 'object' || response === null) return undefined;
  const status: unknown = Reflect.get(response, 'status');
  return typeof status === 'number' ? status : undefined;
}

/** Whether this is an error of gaxios: one of a request, not of a file or a setting. */
function isOfRequest(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Object.hasOwn(error, 'config');
}
