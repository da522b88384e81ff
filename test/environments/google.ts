import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { type Emulator, createEmulator } from '../../emulator/index.ts';
import type { Caller } from '../../emulator/access.ts';
import { requestListener } from '../../emulator/listener.ts';
import { selfSigned } from '../gcs/self-signed.ts';
import { type Asked, TokenEndpoints } from './token-endpoints.ts';

export const BUCKET = 'my-bucket';

/** The hosts of Google that are imitated: of the store, and of everybody who gives out tokens. */
const HOSTS = [
  'storage.googleapis.com',
  'oauth2.googleapis.com',
  'iamcredentials.googleapis.com',
  'sts.googleapis.com',
];

/** The certificate of all these hosts, which only the processes of these tests trust. */
export const CERTIFICATE = selfSigned(HOSTS);

/** What a lock needs (`roles/storage.objectUser`). */
const CALLER: Caller = {
  email: 'job@p.iam.gserviceaccount.com',
  permissions: ['create', 'get', 'update', 'delete'].map((verb) => `storage.objects.${verb}`),
};

/**
 * Google on this machine's loopback: the store, the token endpoints, and the metadata server. A process reaches it
 * under Google's own names, through a proxy that leads all of them here, so nothing in the process but its
 * environment differs from one on Cloud Run.
 */
export class Google implements AsyncDisposable {
  readonly emulator: Emulator;
  readonly tokens: TokenEndpoints;
  /** The variables of the environment that lead a process here. */
  readonly env: Readonly<Record<string, string>>;
  readonly origin: string;
  readonly #accepted: Map<string, Caller>;
  readonly #servers: readonly Server[];
  readonly #tunnels: Set<Socket>;

  private constructor(parts: {
    emulator: Emulator;
    tokens: TokenEndpoints;
    accepted: Map<string, Caller>;
    servers: readonly Server[];
    tunnels: Set<Socket>;
    ports: { readonly plain: number; readonly proxy: number };
  }) {
    this.emulator = parts.emulator;
    this.tokens = parts.tokens;
    this.#accepted = parts.accepted;
    this.#servers = parts.servers;
    this.#tunnels = parts.tunnels;
    this.origin = `http://127.0.0.1:${parts.ports.plain}`;
    this.env = {
      HTTPS_PROXY: `http://127.0.0.1:${parts.ports.proxy}`,
      NO_PROXY: '127.0.0.1',
      GCE_METADATA_HOST: `127.0.0.1:${parts.ports.plain}`,
    };
  }

  static async start(): Promise<Google> {
    const accepted = new Map<string, Caller>();
    const emulator = createEmulator({ buckets: [BUCKET], tokens: accepted });
    const tokens = new TokenEndpoints((token) => void accepted.set(token, CALLER));
    const store = requestListener(emulator.handler);
    const front: RequestListener = (request, response) => {
      if (request.headers.host === 'storage.googleapis.com') store(request, response);
      else tokens.listener(request, response);
    };
    const tls = createTlsServer(CERTIFICATE, front);
    const tlsPort = await listening(tls);
    const plain = createServer(tokens.listener);
    const tunnels = new Set<Socket>();
    const proxy = proxyTo(tlsPort, tunnels);
    const ports = { plain: await listening(plain), proxy: await listening(proxy) };
    return new Google({ emulator, tokens, accepted, servers: [tls, plain, proxy], tunnels, ports });
  }

  /** Everything that a process has asked a token endpoint for so far. */
  get asked(): readonly Asked[] {
    return this.tokens.asked;
  }

  /** The store accepts none of the tokens any more that were given out so far. */
  expireTokens(): void {
    this.#accepted.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#tunnels) socket.destroy();
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }
}

/** A proxy that leads a tunnel to Google's hosts to one port, and refuses every other. */
function proxyTo(port: number, tunnels: Set<Socket>): Server {
  const proxy = createServer((_request, response) => response.writeHead(403).end());
  proxy.on('connect', (request, client: Socket) => {
    client.on('error', () => {});
    if (!HOSTS.some((host) => request.url === `${host}:443`)) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    for (const socket of [client, server]) {
      tunnels.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => tunnels.delete(socket));
    }
  });
  return proxy;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
