import { ApiError } from './errors.ts';
import { splitRelated } from './multipart.ts';
import { findRoute } from './router.ts';
import { parseObject } from './validate/object-body.ts';
import type { RecordedRequest } from './request-log.ts';
import type { Route } from './router.ts';

/**
 * What the record says of a request, as far as it can be told before anything is done.
 *
 * @param at - epoch milliseconds by the emulated service's clock.
 * @param body - the request's body, read whole.
 */
export function describe(
  at: number,
  request: Request,
  body: Uint8Array,
): Omit<RecordedRequest, 'id' | 'applied' | 'isReplay' | 'status' | 'faults'> {
  const url = new URL(request.url);
  const query = Object.fromEntries(url.searchParams);
  const headers = Object.fromEntries(request.headers);
  const route = routeOf(request.method, url);
  const object = route === undefined ? '' : nameOf(route, query, headers, body);
  return {
    at,
    method: request.method,
    url: request.url,
    path: url.pathname,
    query,
    headers,
    body,
    operation: route?.operation,
    bucket: route?.bucket ?? '',
    object,
  };
}

function routeOf(method: string, url: URL): Route | undefined {
  return orUndefined(() => findRoute(method, url.pathname, url.searchParams));
}

/** The object that a request is about; empty when it cannot be told. */
function nameOf(
  route: Route,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): string {
  switch (route.operation) {
    case 'objects.insert':
      return nameIn(query, () => splitRelated(headers['content-type'] ?? '', body).metadata);
    case 'uploads.start':
      return nameIn(query, () => Buffer.from(body).toString('utf8'));
    case 'uploads.send':
    case 'uploads.cancel':
      // The address that a resumable upload is given has the name.
      return query['name'] ?? '';
    default:
      return route.object;
  }
}

/** The name that an upload gives its object; empty when it cannot be read. */
function nameIn(query: Readonly<Record<string, string>>, metadata: () => string): string {
  const name = query['name'] ?? orUndefined(() => parseObject(metadata())['name']);
  return typeof name === 'string' ? name : '';
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
