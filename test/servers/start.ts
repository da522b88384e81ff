import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ServerKind } from './servers.ts';

/** Where `scripts/install-servers.sh` puts them, from the sources and from what is compiled of them. */
const FOLDERS = ['../../.servers/', '../../../.servers/'].map((path) => new URL(path, import.meta.url));

/** How to start each server on a port of this machine. */
const ARGUMENTS: Readonly<Record<ServerKind, (port: number) => string[]>> = {
  'fake-gcs-server': (port) => [
    '-scheme=http',
    '-host=127.0.0.1',
    `-port=${port}`,
    `-public-host=127.0.0.1:${port}`,
    '-backend=memory',
    '-log-level=error',
  ],
  gcsemulator: (port) => ['-host=127.0.0.1', `-port=${port}`, '-verbose=false'],
};

/** The program of a server; undefined where it is not installed. */
export function installedServer(kind: ServerKind): string | undefined {
  return FOLDERS.map((folder) => fileURLToPath(new URL(kind, folder))).find((path) => existsSync(path));
}

/** How to come by a server, for people. */
export function whereToGet(kind: ServerKind, variable: string): string {
  return (
    `${kind} is neither installed (scripts/install-servers.sh, needs Go) nor named by ${variable} ` +
    '(emulator/compose.yaml, needs docker)'
  );
}

/**
 * Starts a server on a free port, and resolves when it answers.
 *
 * @param isDetached - puts it into a process group of its own, which no Ctrl-C reaches: who starts it ends it.
 */
export async function startServer(
  kind: ServerKind,
  binary: string,
  isDetached = false,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const port = await freePort();
  const child = spawn(binary, ARGUMENTS[kind](port), { stdio: 'ignore', detached: isDetached });
  const url = `http://127.0.0.1:${port}`;
  await answering(url, child, kind);
  return { child, url };
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Asks until the server answers at all; it is started once and needs a moment. */
async function answering(url: string, child: ChildProcess, kind: ServerKind): Promise<void> {
  const giveUpAt = Date.now() + 120_000;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`${kind} ended with exit code ${child.exitCode}`);
    const answer = await fetch(`${url}/storage/v1/b?project=test`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`${kind} did not answer at ${url} within two minutes`);
}
