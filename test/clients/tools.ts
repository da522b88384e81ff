import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import type { StartPlayer } from './calls.ts';
import { clientSuite } from './client-suite.ts';
import { startDriver } from './driver.ts';
import { startGcloud } from './gcloud.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const NODE_DRIVER = here('../../dist/test/clients/node-driver.js');
const PYTHON = here('../../.clients/python/bin/python');
const PYTHON_DRIVER = here('python/driver.py');
const GO_DRIVER = here('../../.clients/go-client');

/** How npm starts a Node that the storage client 8 runs on, where this one is too old. */
const NODE_22 = ['exec', '--yes', '--package=node@22', '--', 'node'];

/** A client by others, and how to play with it. */
export interface Client {
  readonly name: string;
  /** What is missing on this machine, or `undefined`. */
  readonly missing: () => string | undefined;
  readonly start: StartPlayer;
  /** Whether it may be missing even where nothing else may. */
  readonly isOptional?: true;
}

const fileMissing = (path: string) => (): string | undefined =>
  existsSync(path) ? undefined : 'it is not installed (scripts/install-clients.sh)';

export const LIBRARIES: readonly Client[] = [
  {
    name: '@google-cloud/storage 7',
    missing: () => undefined,
    start: async (url, bucket) =>
      startDriver(process.execPath, [NODE_DRIVER, '@google-cloud/storage', url, bucket], {}),
  },
  {
    name: '@google-cloud/storage 8',
    missing: () =>
      isNode22() || canRun('npm', [...NODE_22, '--version']) ? undefined : 'npm has no Node 22 for it',
    start: async (url, bucket) => {
      const args = [NODE_DRIVER, 'google-cloud-storage-8', url, bucket];
      return isNode22()
        ? startDriver(process.execPath, args, {})
        : startDriver('npm', [...NODE_22, ...args], {});
    },
  },
  {
    name: "Python's google-cloud-storage",
    missing: fileMissing(PYTHON),
    start: async (url, bucket) => startDriver(PYTHON, [PYTHON_DRIVER, url, bucket], {}),
  },
  {
    name: "Go's cloud.google.com/go/storage",
    missing: fileMissing(GO_DRIVER),
    start: async (url, bucket) => startDriver(GO_DRIVER, [bucket], { STORAGE_EMULATOR_HOST: url }),
  },
];

export const GCLOUD: Client = {
  name: 'gcloud storage',
  missing: () => (canRun('gcloud', ['--version']) ? undefined : 'the gcloud command is not installed'),
  start: startGcloud,
  isOptional: true,
};

/** Describes the scenario with a client, or says loudly that it is not played. */
export function describeClient({ name, missing, start, isOptional }: Client): void {
  const reason = missing();
  if (reason !== undefined) {
    if (process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1' && isOptional !== true) {
      throw new Error(`${name} cannot be tried: ${reason}`);
    }
    process.stderr.write(`\nSKIPPED: ${name} is not tried: ${reason}.\n\n`);
  }
  describe.skipIf(reason !== undefined)(name, () => clientSuite(start));
}

function isNode22(): boolean {
  return Number(process.versions.node.split('.')[0]) >= 22;
}

function canRun(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 120_000 }).status === 0;
}
