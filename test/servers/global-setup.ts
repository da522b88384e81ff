import type { ChildProcess } from 'node:child_process';
import { SERVERS, type ServerKind } from './servers.ts';
import { installedServer, startServer, whereToGet } from './start.ts';

/**
 * Starts the other emulators for the whole run, where they are installed and none is named by the environment,
 * and names them there for the tests. Says loudly which tests will not run.
 */
export default async function setup(): Promise<() => void> {
  const children: ChildProcess[] = [];
  for (const { kind, variable } of SERVERS) {
    if (process.env[variable]) continue;
    const binary = installedServer(kind);
    if (binary === undefined) {
      reportMissing(kind, variable);
      continue;
    }
    const { child, url } = await startServer(kind, binary);
    children.push(child);
    process.env[variable] = url;
  }
  return () => {
    for (const child of children) child.kill('SIGKILL');
  };
}

function reportMissing(kind: ServerKind, variable: string): void {
  const message = whereToGet(kind, variable);
  if (process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1') throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}: its tests do not run.\n\n`);
}
