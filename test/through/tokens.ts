import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caller } from '../../emulator/access.ts';

const PERMISSIONS = ['get', 'create', 'update', 'delete', 'list'].map((verb) => `storage.objects.${verb}`);

const BUCKET_PERMISSIONS = ['get', 'update', 'delete'].map((verb) => `storage.buckets.${verb}`);

/** Whom the tests' own requests come from, those of an admin. */
export const ADMIN_TOKEN = 'the-admin';

/** The tokens that the stores of the tests accept: the admin's, and each that was given out. */
export const TOKENS = new Map<string, Caller>([
  [ADMIN_TOKEN, { email: 'admin@emulated.test', permissions: [...PERMISSIONS, ...BUCKET_PERMISSIONS] }],
]);

/** Makes the stores accept a token that a test has made up. */
export function acceptToken(token: string): void {
  TOKENS.set(token, { email: 'locks@emulated.test', permissions: PERMISSIONS, billableProjects: ['payer'] });
}

/** A token endpoint for the whole worker. */
interface TokenEndpoint {
  readonly url: string;
  readonly close: () => void;
}

let endpoint: TokenEndpoint | undefined;

/** Opens the token endpoint, if it is not open yet. It gives a token to everybody who asks. */
export async function openTokenEndpoint(): Promise<void> {
  if (endpoint !== undefined) return;
  const server = createServer((request, response) => {
    request.resume();
    const token = `given-out-${TOKENS.size}`;
    acceptToken(token);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: token, expires_in: 3_600, token_type: 'Bearer' }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // The worker ends when its tests have.
  server.unref();
  const { port } = server.address() as AddressInfo;
  endpoint = { url: `http://127.0.0.1:${port}/token`, close: () => server.close() };
}

/** Where a client of a test gets its tokens. */
export function tokenUrl(): string {
  if (endpoint === undefined) throw new Error('test/through/setup.ts has not run');
  return endpoint.url;
}
