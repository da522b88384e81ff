import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GcsMutex } from '../../src/index.ts';
import { putOnPath } from './command.ts';
import { LockStore } from './lock-store.ts';
import { scratchFolder } from './scratch.ts';
import { isInstalled, reportMissing } from './terminal.ts';

const DOCKERFILE = new URL('../../examples/cloud-run-job.Dockerfile', import.meta.url);
const BUCKET = 'my-bucket';
const NAME = 'locks/backup';

/** What a container of the example starts; its script is put somewhere else. */
async function commandLine(script: string): Promise<string[]> {
  const text = await readFile(DOCKERFILE, 'utf8');
  const list = (name: string): string[] =>
    JSON.parse(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? '[]');
  return [...list('ENTRYPOINT'), ...list('CMD').map((word) => word.replace('/backup.sh', script))];
}

/** Starts the example's entrypoint with a script of one's own, without a container. */
async function withJob(
  script: string,
  play: (job: ChildProcess, store: LockStore) => Promise<void>,
  before: (store: LockStore) => Promise<void> = async () => {},
): Promise<void> {
  await using store = await LockStore.open({ buckets: [BUCKET] });
  await using folder = await scratchFolder();
  await before(store);
  const file = join(folder.path, 'backup.sh');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  const [program = '', ...args] = await commandLine(file);
  const env = { ...process.env, ...(await putOnPath(folder.path)), STORAGE_EMULATOR_HOST: store.server.url };
  // Outside of a container tini is not process 1: it reaps orphans all the same where it is told to.
  const job = spawn(program, ['-s', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await play(job, store);
  } finally {
    job.kill('SIGKILL');
  }
}

const ended = async (job: ChildProcess): Promise<number | null> => {
  if (job.exitCode === null) await once(job, 'close');
  return job.exitCode;
};

const canStart = isInstalled('tini');
if (!canStart) reportMissing('tini', "the example's entrypoint is not started");

describe.skipIf(!canStart)('the entrypoint of the Cloud Run job', { timeout: 120_000 }, () => {
  it.concurrent('hands on the exit code of its script, and frees the lock', async () => {
    await withJob('exit 42', async (job, store) => {
      expect(await ended(job)).toBe(42);
      expect(store.server.objects(BUCKET)).toEqual([]);
      expect(store.server.requests.mutations().length, 'it had the lock').toBe(2);
    });
  });

  it.concurrent('ends as done where another execution is at work', async () => {
    const hold = async (store: LockStore): Promise<void> => {
      await new GcsMutex(BUCKET, NAME, { apiEndpoint: store.server.url }).acquire();
    };
    const play = async (job: ChildProcess): Promise<void> => expect(await ended(job)).toBe(0);
    await withJob('exit 42', play, hold);
  });

  it.concurrent('passes on the SIGTERM of Cloud Run, and frees the lock', async () => {
    const script = "trap 'exit 9' TERM; echo begun; while :; do sleep 0.1; done";
    await withJob(script, async (job, store) => {
      if (job.stdout !== null) await once(job.stdout, 'data');
      job.kill('SIGTERM');
      expect(await ended(job)).toBe(9);
      expect(store.server.object(BUCKET, NAME)).toBeUndefined();
    });
  });
});
