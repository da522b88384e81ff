import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Emulator } from '../../emulator/index.ts';
import { requestListener } from '../../emulator/listener.ts';

/** More worlds than any test makes. */
const DOOR_COUNT = 4;

/** A port that listens, and has no store behind it yet. */
export interface Door {
  readonly url: string;
  readonly lead: (handler: Emulator['handler']) => void;
}

let free: Server[] = [];
const taken: Server[] = [];

/** Opens as many ports as a test can need: a world is made in one go, which opening a port is not. */
export async function openDoors(): Promise<void> {
  while (free.length < DOOR_COUNT) {
    const server = createServer();
    server.requestTimeout = 0;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    // What waits for nothing but a port has ended.
    server.unref();
    free.push(server);
  }
}

/** Closes the ports that the test has used, and breaks their connections. */
export function closeDoors(): void {
  for (const server of taken.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
}

/** A port of one's own until the end of the test. */
export function takeDoor(): Door {
  const [server, ...others] = free;
  if (server === undefined) throw new Error('no port is open: test/through/setup.ts opens too few of them');
  free = others;
  taken.push(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lead: (handler) => void server.on('request', requestListener(handler)),
  };
}
