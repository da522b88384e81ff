import type { TransportRequest } from '../../../src/gcs/transport.ts';

/** Where all requests must go, to the bucket `bucket`. */
export const ORIGIN = 'http://127.0.0.1:4443';

/** One request as it must be for its object: where it goes, and that a write is guarded. */
export function checkRequest({ method, url, body }: TransportRequest, name: string): void {
  // As HTTP clients read it.
  const { origin, pathname, searchParams, hash, username } = new URL(url);
  if (origin !== ORIGIN || hash !== '' || username !== '') throw new Error(`sent elsewhere: ${url}`);
  const base = '/storage/v1/b/bucket/o';
  if (method === 'POST') {
    if (pathname !== `/upload${base}`) throw new Error(`a create of another path: ${url}`);
    if (searchParams.get('name') !== name) throw new Error(`a create of another name: ${url}`);
    const resource = nameInMultipart(body ?? '');
    if (resource !== name) throw new Error(`a create whose body has another name: ${String(resource)}`);
  } else {
    const segment = pathname.startsWith(`${base}/`) ? pathname.slice(base.length + 1) : '';
    if (segment === '' || segment.includes('/') || decodeURIComponent(segment) !== name) {
      throw new Error(`another path than the object's: ${url}`);
    }
  }
  if (method !== 'GET' && !/^\d+$/.test(searchParams.get('ifGenerationMatch') ?? '')) {
    throw new Error(`an unguarded ${method}: ${url}`);
  }
}

function nameInMultipart(body: string): unknown {
  const json: unknown = JSON.parse(body.split('\r\n')[3] ?? '');
  return typeof json === 'object' && json !== null && 'name' in json ? json.name : undefined;
}
