import { agentFor } from './agents.ts';
import { GOOGLE_ORIGIN, isLoopbackHost } from './endpoint.ts';
import { lastLook } from './last-look.ts';
import { networkError, proxyError, tokenError } from './network-error.ts';
import { headersOf, readAnswer } from './read-answer.ts';
import { type TransportAnswer, TransportError, type TransportRequest } from './transport.ts';
import type { AuthClientLike } from './types.ts';

/** The options of a gaxios request that are set here. */
interface GaxiosRequest {
  readonly url: string;
  readonly method: TransportRequest['method'];
  readonly headers: Record<string, string>;
  readonly data: string | undefined;
  readonly signal: AbortSignal;
  readonly responseType: 'text';
  readonly redirect: 'manual';
  readonly retryConfig: object;
  readonly noProxy?: string[];
  readonly validateStatus: (status: number) => boolean;
  readonly adapter: GaxiosAdapter;
  readonly fetchImplementation: FetchLike | undefined;
}

/** What gaxios calls in place of `fetch`, where it is given. */
type FetchLike = (url: string | URL, init: RequestInit) => Promise<Response>;

type GaxiosAdapter = (
  config: object,
  defaultAdapter: (config: object) => Promise<{ readonly headers: unknown }>,
) => Promise<unknown>;

/** A client that is ready to send. */
export interface Connection {
  readonly client: AuthClientLike;
  /** What takes the place of Google's default origin: that of the credentials' universe. */
  readonly origin?: string | undefined;
}

/** What an attempt may be given beside its request. */
export interface AttemptOptions {
  readonly fetchImplementation?: FetchLike;
  /**
   * Told the `Authorization` header that the store did not accept; then the client has its own turn at
   * renewing the token and sending again. Without it, 401 is an answer like any other.
   */
  readonly onUnauthorized?: (client: AuthClientLike, authorization: string | null) => void;
}

/** What came of an attempt. */
export interface AttemptResult {
  readonly answer: TransportAnswer;
  /** How often the request was sent: the client itself may have repeated it once, after 401. */
  readonly sendCount: number;
}

/**
 * Sends a request through a gaxios client, once, bounded by its signal in every phase, the making of the
 * client included.
 *
 * gaxios and the auth clients do much that a lock cannot have, and this is where each of it is undone:
 * - fetching a token ignores signals, so the whole call is raced against ours, and the adapter, which runs
 *   when the token is there and just before the request leaves, looks at it once more;
 * - gaxios's `timeout` makes it forget an aborted signal, so it is switched off, also as a client's default;
 * - its `maxContentLength` does not hold with every `fetch`, so the body is counted here;
 * - redirects and retries are off, whatever the client's defaults are;
 * - its errors hold the request with the token, so none of them gets any further than here.
 *
 * An answer is handed over in a turn of its own: of all that has come meanwhile Node looks at signals last, and an answer
 * that waited for a stopped process may not count before that process has heard that it was stopped (SIGCONT).
 */
export function attempt(
  connect: () => Promise<Connection>,
  request: TransportRequest,
  signal: AbortSignal,
  options: AttemptOptions = {},
): Promise<AttemptResult> {
  const progress = new Progress();
  const sent = send(connect, request, signal, options, progress);
  return orAborted(sent, signal, () => progress.abortError());
}

/** How far an attempt has got: what decides whether a failure means "unsent" or "nobody knows". */
class Progress {
  sendCount = 0;
  /** Set while a request is out whose answer has not arrived. */
  isInFlight = false;
  answer: TransportAnswer | undefined;
  failure: TransportError | undefined;

  abortError(): TransportError {
    return this.isInFlight
      ? new TransportError('interrupted', 'The request was cut off before its answer came.')
      : new TransportError('unsent', 'The request was cut off before it was sent.');
  }
}

async function send(
  connect: () => Promise<Connection>,
  request: TransportRequest,
  signal: AbortSignal,
  options: AttemptOptions,
  progress: Progress,
): Promise<AttemptResult> {
  if (signal.aborted) throw progress.abortError();
  let clientError: unknown;
  try {
    const connection = await connect();
    await connection.client.request(gaxiosRequest(connection, request, signal, options, progress));
  } catch (error) {
    clientError = error;
  }
  if (progress.failure !== undefined) throw progress.failure;
  if (progress.answer !== undefined) {
    await nextTurn(request.isBackground === true);
    return { answer: progress.answer, sendCount: progress.sendCount };
  }
  if (clientError !== undefined && progress.sendCount === 0) throw tokenError(clientError);
  throw new TransportError(
    'interrupted',
    'The auth client gave no answer through its gaxios adapter; it must be a client of google-auth-library.',
  );
}

function gaxiosRequest(
  { client, origin }: Connection,
  request: TransportRequest,
  signal: AbortSignal,
  options: AttemptOptions,
  progress: Progress,
): GaxiosRequest {
  const url = new URL(
    origin !== undefined && request.url.startsWith(`${GOOGLE_ORIGIN}/`)
      ? origin + request.url.slice(GOOGLE_ORIGIN.length)
      : request.url,
  );
  const { fetchImplementation, onUnauthorized } = options;
  return {
    url: url.href,
    method: request.method,
    headers: { 'user-agent': 'gcs-mutex', ...request.headers },
    data: request.body,
    signal,
    responseType: 'text',
    redirect: 'manual',
    // Each of the three, or a client's own `retryConfig` would bring retries back.
    retryConfig: { retry: 0, noResponseRetries: 0, shouldRetry: () => false },
    // No proxy serves this machine's own loopback.
    ...(isLoopbackHost(url.hostname) ? { noProxy: [url.origin] } : {}),
    // 401 alone is an error to gaxios, which gives the auth client its turn at renewing the token.
    validateStatus: (status) => status !== 401 || onUnauthorized === undefined,
    fetchImplementation,
    adapter: adapterFor(client, request, url, signal, onUnauthorized, progress),
  };
}

/** Stands between gaxios and its `fetch`: everything that a request must not be sent without. */
function adapterFor(
  client: AuthClientLike,
  request: TransportRequest,
  url: URL,
  signal: AbortSignal,
  onUnauthorized: AttemptOptions['onUnauthorized'],
  progress: Progress,
): GaxiosAdapter {
  return async (config, defaultAdapter) => {
    // The agent that gaxios has chosen, as for a proxy, comes first.
    const agent: unknown =
      Reflect.get(config, 'agent') ??
      (await agentFor(url, {
        isFresh: request.freshConnection === true,
        isBackground: request.isBackground === true,
      }));
    if (signal.aborted) throw (progress.failure = progress.abortError());
    const look = lastLook(signal, agent);
    // A `fetch` of its own, such as the platform's, knows what to do with an aborted signal.
    const hasOwnFetch = Reflect.get(config, 'fetchImplementation') !== undefined;
    progress.answer = undefined;
    progress.sendCount += 1;
    progress.isInFlight = true;
    try {
      const response = await defaultAdapter({
        ...config,
        ...(hasOwnFetch ? { signal } : look.options),
        timeout: 0,
        responseType: 'stream',
      });
      const authorization = headersOf(config).get('authorization');
      progress.answer = withoutToken(await readAnswer(response, request.maxBodyBytes), authorization);
      progress.isInFlight = false;
      const { status, body } = progress.answer;
      if (status === 401) onUnauthorized?.(client, authorization);
      // gaxios goes through the headers as it made them, so they are handed back as they came.
      return { config, status, statusText: String(status), headers: response.headers, data: body };
    } catch (error) {
      const refusal = look.proxyRefusal();
      throw (progress.failure = refusal === undefined ? networkError(error) : proxyError(refusal));
    } finally {
      look.done();
    }
  };
}

/** @param isBackground - the process may end first: nobody awaits it. */
function nextTurn(isBackground: boolean): Promise<void> {
  return new Promise((resolve) => {
    const turn = setImmediate(resolve);
    if (isBackground) turn.unref();
  });
}

/** An answer without the token that it was asked with: a chatty server repeats what it is sent, and errors end in logs. */
function withoutToken(answer: TransportAnswer, authorization: string | null): TransportAnswer {
  if (authorization === null) return answer;
  const token = authorization.slice(authorization.lastIndexOf(' ') + 1);
  if (token.length < 8 || !answer.body.includes(token)) return answer;
  return { ...answer, body: answer.body.replaceAll(token, '[redacted]') };
}

/** Settles as the promise does, or rejects as soon as the signal aborts; leaves no listener behind. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal, reason: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(reason());
    signal.addEventListener('abort', onAbort);
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
