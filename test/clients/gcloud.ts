import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, Outcome, Player, Seen } from './calls.ts';

interface Ended {
  readonly isSuccess: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Carries out calls with the `gcloud storage` command, one process a call. */
export async function startGcloud(url: string, bucket: string): Promise<Player> {
  const folder = await mkdtemp(join(tmpdir(), 'gcloud-'));
  const env = {
    ...process.env,
    // Its settings, logs and state; also keeps those of the machine's user out.
    CLOUDSDK_CONFIG: join(folder, 'config'),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${url}/storage/v1/`,
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
    CLOUDSDK_CORE_PROJECT: 'p',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
    CLOUDSDK_CORE_DISABLE_FILE_LOGGING: 'true',
  };
  const run = (args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const options = { env, encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 } as const;
      execFile('gcloud', ['storage', ...args], options, (error, stdout, stderr) => {
        resolve({ isSuccess: error === null, stdout, stderr: stderr.toString() });
      });
    });
  const base = `gs://${bucket}/`;
  return {
    play: async (call) => {
      const file = join(folder, 'upload');
      if (call.op === 'create') await writeFile(file, call.text.repeat(call.repeat));
      const ended = await run(argumentsOf(call, base, file));
      return ended.isSuccess ? succeeded(call, base, ended.stdout) : { status: statusIn(ended.stderr) };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function argumentsOf(call: Call, base: string, file: string): string[] {
  switch (call.op) {
    case 'create': {
      const metadata = Object.entries(call.metadata).map(([key, value]) => `${key}=${value}`);
      const said = ['--content-type=text/plain', `--custom-metadata=${metadata.join(',')}`];
      return ['cp', file, base + call.name, ...said, ...guardsOf(call)];
    }
    case 'describe':
      return ['objects', 'describe', base + call.name, '--raw', '--format=json'];
    case 'read': {
      const { offset, length } = call;
      if (offset === undefined) return ['cat', base + call.name];
      return [
        'cat',
        base + call.name,
        '--range',
        `${offset}-${length === undefined ? '' : offset + length - 1}`,
      ];
    }
    case 'patch': {
      const metadata = Object.entries(call.metadata).map(([key, value]) => `${key}=${value}`);
      const said = [`--update-custom-metadata=${metadata.join(',')}`];
      return ['objects', 'update', base + call.name, ...said, ...guardsOf(call)];
    }
    case 'list':
      // It has no delimiter but `/`.
      return ['ls', base + call.prefix];
    case 'delete':
      return ['rm', base + call.name, ...guardsOf(call)];
    default:
      return call satisfies never;
  }
}

function guardsOf(call: { ifGenerationMatch?: string; ifMetagenerationMatch?: string }): string[] {
  const { ifGenerationMatch, ifMetagenerationMatch } = call;
  return [
    ...(ifGenerationMatch === undefined ? [] : [`--if-generation-match=${ifGenerationMatch}`]),
    ...(ifMetagenerationMatch === undefined ? [] : [`--if-metageneration-match=${ifMetagenerationMatch}`]),
  ];
}

function succeeded(call: Call, base: string, stdout: Buffer): Outcome {
  switch (call.op) {
    case 'describe':
      return { status: 200, object: JSON.parse(stdout.toString()) as Seen };
    case 'read':
      return { status: 200, size: stdout.length, md5: createHash('md5').update(stdout).digest('hex') };
    case 'list': {
      const found = stdout
        .toString()
        .split('\n')
        .filter((line) => line.startsWith(base))
        .map((line) => line.slice(base.length));
      const prefixes = found.filter((name) => name.endsWith('/'));
      return { status: 200, names: found.filter((name) => !name.endsWith('/')), prefixes };
    }
    case 'create':
    case 'patch':
    case 'delete':
      return { status: 200 };
    default:
      return call satisfies never;
  }
}

/** The status behind what it says; it tells a missing object in several ways. */
function statusIn(stderr: string): number {
  const told = /HTTPError (\d{3})|not found: (404)/.exec(stderr);
  if (told !== null) return Number(told[1] ?? told[2]);
  if (stderr.includes('matched no objects or files')) return 404;
  throw new Error(`gcloud failed: ${stderr}`);
}
