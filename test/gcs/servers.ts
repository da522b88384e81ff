import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import { type Server as NetServer, type Socket, createServer as createNetServer } from 'node:net';
import { once } from 'node:events';

/** A server on this machine's loopback, for the length of one test. */
export interface TestServer extends AsyncDisposable {
  readonly origin: string;
  /** What arrived, in order. */
  readonly requests: ReceivedRequest[];
  /** Resolves when the next request has arrived, whether or not it is answered. */
  readonly nextRequest: () => Promise<void>;
  /** Resolves when a connection has been closed by the other side. */
  readonly nextClose: () => Promise<void>;
}

/** One request as it arrived. */
interface ReceivedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Starts an HTTP server; the listener is called when the whole request has arrived. */
export async function startServer(listener: RequestListener): Promise<TestServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      server.emit('test-request');
      listener(request, response);
    });
    // A client that cuts its request off is what some tests are about.
    request.on('error', () => {});
  });
  return { ...(await listen(server, 'http')), requests };
}

/** Starts a server below HTTP; the listener gets the text that arrived and writes to the socket itself. */
export async function startRawServer(
  listener: (socket: Socket, text: string, count: number) => void,
): Promise<TestServer> {
  const requests: ReceivedRequest[] = [];
  const server = createNetServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const text = bytes.toString();
      requests.push({ method: text.split(' ')[0], url: text.split(' ')[1], headers: {}, body: text });
      server.emit('test-request');
      listener(socket, text, requests.length);
    });
  });
  return { ...(await listen(server, 'http')), requests };
}

/** Makes a server listen on a free port of the loopback, and closes it with every connection. */
export async function listen(
  server: Server | NetServer,
  scheme: 'http' | 'https',
): Promise<Omit<TestServer, 'requests'>> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      server.emit('test-close');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    nextRequest: async () => {
      await once(server, 'test-request');
    },
    nextClose: async () => {
      await once(server, 'test-close');
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
