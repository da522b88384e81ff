import { createServer } from 'node:http';
import { createEmulator } from './handler.ts';
import { requestListener } from './listener.ts';
import type { Server } from 'node:http';
import type { Emulator } from './handler.ts';
import type { EmulatorOptions } from './options.ts';

/** Options of a server, beside those of the emulator behind it. */
export interface ServerOptions extends EmulatorOptions {
  /** Default 0, which takes a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
}

/** An emulated service behind a port. */
export interface EmulatorServer extends Emulator, AsyncDisposable {
  /** Scheme, host and port, as `STORAGE_EMULATOR_HOST` takes it. No slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Breaks every connection and gives the port back. May be called again. */
  readonly close: () => Promise<void>;
}

/** Starts an emulated service on a port of this machine. Resolves when it listens. */
export async function startEmulator(options: ServerOptions = {}): Promise<EmulatorServer> {
  const emulator = createEmulator(options);
  const host = options.host ?? '127.0.0.1';
  const server = createServer(requestListener(emulator.handler));
  // An answer may be held or drip for as long as a test wants.
  server.requestTimeout = 0;
  const port = await listen(server, options.port ?? 0, host);
  const close = (): Promise<void> => closeServer(server);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { ...emulator, url, port, close, [Symbol.asyncDispose]: close };
}

/** Resolves with the port that the system gave. */
function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Its only error is "not running", which is what was wanted.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
