/** One HTTP request as the store client builds it. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Names in lower case; the transport adds the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Not over a connection that was kept open. */
  readonly freshConnection?: boolean;
  /** Nobody awaits it: it does not keep the process alive. */
  readonly isBackground?: boolean;
  /** The most bytes of the answer's body that are read. Default {@link MAX_BODY_BYTES}. */
  readonly maxBodyBytes?: number;
}

/** An HTTP answer, whole. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: {
    /** The header's value, or null where there is none; names are asked for in lower case. */
    get(name: string): string | null;
  };
  readonly body: string;
}

/**
 * Sends one request once and gives its whole answer, whatever its status.
 *
 * It follows no redirect, repeats nothing (but once after 401, with a new token), bounds the answer's size,
 * and settles as soon as the signal aborts, after which nothing more is sent. It rejects with a
 * {@link TransportError} only.
 */
export type Transport = (request: TransportRequest, signal: AbortSignal) => Promise<TransportAnswer>;

/** How a request came to have no answer. */
export type TransportFailure =
  /** It surely never left: no token yet, the name not resolved, the connection refused, aborted before. */
  | 'unsent'
  /** It never left, and will not until somebody mends the credentials. */
  | 'unauthenticated'
  /** It never left, and cannot: a bad certificate, a token over plain http, no library to send it with. */
  | 'untrusted'
  /** It may have left, and its answer did not arrive. */
  | 'interrupted'
  /** It was answered with more than any answer of the store has. */
  | 'too-large';

/**
 * Why a request has no answer. Data only, and never with a `cause`: the errors of HTTP clients hold the
 * request with its `Authorization` header, and errors end in logs.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: TransportFailure;

  /** @param detail - one sentence for people, made of our own words and of codes. */
  constructor(kind: TransportFailure, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

/** The most bytes of a body that are read, unless a request asks for more. An answer about one object, with 8 KiB of metadata, is far below. */
export const MAX_BODY_BYTES = 65_536;
