import { afterAll, beforeAll, describe } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { describeOn } from './describe-on.ts';
import type { ServerKind } from './servers.ts';

/** Describes tests on the embedded emulator behind a port, and on each server of others that there is. */
export function describeOnEach(suite: (server: ServerKind | undefined, getUrl: () => string) => void): void {
  describe('on the embedded emulator', () => {
    let server: EmulatorServer;
    beforeAll(async () => {
      server = await startEmulator();
    });
    afterAll(() => server.close());
    suite(undefined, () => server.url);
  });
  for (const kind of ['fake-gcs-server', 'gcsemulator'] as const) {
    describeOn(kind, (url) => suite(kind, () => url));
  }
}
