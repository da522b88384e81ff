import { type Connection, attempt } from '../../src/gcs/attempt.ts';
import type { Transport } from '../../src/gcs/transport.ts';
import type { AuthClientLike } from '../../src/gcs/types.ts';

/** A server without a port: the in-process emulator, or a test's own. */
export type RequestHandler = (request: Request) => Promise<Response>;

/**
 * A transport that hands each request to a function in this process. It goes through the same client and
 * the same precautions as the real one, from which it differs only in the `fetch` at the bottom.
 */
export function createHandlerTransport(handler: RequestHandler): Transport {
  let client: AuthClientLike | undefined;
  const connect = async (): Promise<Connection> => {
    const { PassThroughClient } = await import('google-auth-library');
    client ??= new PassThroughClient();
    return { client };
  };
  const fetchImplementation = async (url: string | URL, init: RequestInit): Promise<Response> => {
    const { method, headers, body, signal, redirect } = init;
    return handler(
      new Request(url, {
        ...(method === undefined ? {} : { method }),
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
        ...(redirect === undefined ? {} : { redirect }),
      }),
    );
  };
  return async (request, signal) => (await attempt(connect, request, signal, { fetchImplementation })).answer;
}
