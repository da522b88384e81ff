import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** One connection of a client through the proxy. */
export interface Line {
  /** How many requests have begun to arrive on it, and what the latest of them is. */
  requestCount: number;
  method: string;
  url: string;
  /** Whether the network lost it without a word: nothing passes, in either direction, and nobody is told. */
  isDead: boolean;
  /** How many bytes of the client were lost because of that. */
  lostBytes: number;
  readonly client: Socket;
}

/** What becomes of some bytes: they arrive, at once or in drops, they get lost in silence, or their connection is closed. */
export type Fate = 'pass' | 'drip' | 'lose' | 'close';

/** Between two bytes that come in drops: never silent for long, and far from done when a short time limit is over. */
const DROP_EVERY_MS = 100;

/** The beginning of a request; what a client sends later of the same one looks like none of these. */
const REQUEST_LINE = /^(GET|POST|PATCH|DELETE) (\S+) /;

/** A network between a client and a server: passes bytes on, or does to them what networks do. */
export class FaultProxy implements AsyncDisposable {
  /** Every connection that there was, in order. */
  readonly lines: Line[] = [];
  /** What becomes of the bytes of clients, and of those of the server. */
  toServer: (line: Line) => Fate = () => 'pass';
  toClient: (line: Line) => Fate = () => 'pass';
  /** What is sent in front of an answer: before its request is passed on, and after the server answered. */
  interim: (line: Line, when: 'before' | 'after') => string = () => '';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL) {
    this.#server = createServer((client) => this.#join(client, target));
  }

  /** @param url - of the server behind it. */
  static async start(url: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(url));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** From now on nothing passes, and those on either side hear nothing of it. */
  partition(): void {
    this.toServer = () => 'lose';
    this.toClient = () => 'lose';
  }

  /** From now on everything passes; what was lost stays lost. */
  heal(): void {
    this.toServer = () => 'pass';
    this.toClient = () => 'pass';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket, target: URL): void {
    const server = connect(Number(target.port), target.hostname);
    const line: Line = { requestCount: 0, method: '', url: '', isDead: false, lostBytes: 0, client };
    this.lines.push(line);
    let isAnswered = true;
    const close = (): void => void [client.destroy(), server.destroy()];
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', close);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    client.on('data', (bytes: Buffer) => {
      const [, method, url] = REQUEST_LINE.exec(bytes.toString('latin1')) ?? [];
      if (method !== undefined && url !== undefined) {
        Object.assign(line, { requestCount: line.requestCount + 1, method, url });
        isAnswered = false;
        client.write(this.interim(line, 'before'));
      }
      const fate = line.isDead ? 'lose' : this.toServer(line);
      if (fate === 'pass') server.write(bytes);
      if (fate === 'drip') drip(bytes, server);
      if (fate === 'lose') line.lostBytes += bytes.byteLength;
      if (fate === 'close') close();
    });
    server.on('data', (bytes: Buffer) => {
      const fate = line.isDead ? 'lose' : this.toClient(line);
      if (fate === 'close') return close();
      if (fate === 'lose') return;
      if (!isAnswered) client.write(this.interim(line, 'after'));
      isAnswered = true;
      if (fate === 'drip') drip(bytes, client);
      else client.write(bytes);
    });
    // An end is a word as well.
    client.on('end', () => void (line.isDead || server.end()));
    server.on('end', () => void (line.isDead || client.end()));
  }
}

/** Passes bytes on one at a time, for as long as somebody takes them. */
function drip(bytes: Buffer, socket: Socket): void {
  let at = 0;
  const timer = setInterval(() => {
    socket.write(bytes.subarray(at, (at += 1)));
    if (at === bytes.byteLength) clearInterval(timer);
  }, DROP_EVERY_MS);
  socket.on('close', () => clearInterval(timer));
}
