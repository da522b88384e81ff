import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SERVERS, type ServerKind } from './servers.ts';

const INSTALLED = new URL('../../.servers/', import.meta.url);

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

/**
 * Starts the other emulators for the whole run, where they are installed and none is named by the environment,
 * and names them there for the tests. Says loudly which tests will not run.
 */
export default async function setup(): Promise<() => void> {
  const children: ChildProcess[] = [];
  for (const { kind, variable } of SERVERS) {
    if (process.env[variable]) continue;
    const binary = fileURLToPath(new URL(kind, INSTALLED));
    if (!existsSync(binary)) {
      reportMissing(kind, variable);
      continue;
    }
    const port = await freePort();
    const child = spawn(binary, ARGUMENTS[kind](port), { stdio: 'ignore' });
    children.push(child);
    const url = `http://127.0.0.1:${port}`;
    await answering(url, child, kind);
    process.env[variable] = url;
  }
  return () => {
    for (const child of children) child.kill('SIGKILL');
  };
}

function reportMissing(kind: ServerKind, variable: string): void {
  const message =
    `${kind} is neither installed (scripts/install-servers.sh, needs Go) nor named by ${variable} ` +
    '(emulator/compose.yaml, needs docker)';
  if (process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1') throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}: its tests do not run.\n\n`);
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
  const giveUpAt = Date.now() + 20_000;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`${kind} ended with exit code ${child.exitCode}`);
    const answer = await fetch(`${url}/storage/v1/b?project=test`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`${kind} did not answer at ${url} within 20 s`);
}
