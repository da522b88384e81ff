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
  store: LockStore,
  script: string,
  play: (job: ChildProcess) => Promise<void>,
): Promise<void> {
  await using folder = await scratchFolder();
  const file = join(folder.path, 'backup.sh');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  const [program = '', ...args] = await commandLine(file);
  const env = { ...process.env, ...(await putOnPath(folder.path)), STORAGE_EMULATOR_HOST: store.server.url };
  // Outside of a container tini is not process 1: it reaps orphans all the same where it is told to.
  const job = spawn(program, ['-s', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await play(job);
  } finally {
    job.kill('SIGKILL');
  }
}

const open = (): Promise<LockStore> => LockStore.open({ buckets: [BUCKET] });

const ended = async (job: ChildProcess): Promise<number | null> => {
  if (job.exitCode === null) await once(job, 'close');
  return job.exitCode;
};

const canStart = isInstalled('tini');
if (!canStart) reportMissing('tini', "the example's entrypoint is not started");

describe.skipIf(!canStart)('the entrypoint of the Cloud Run job', () => {
  it.concurrent('hands on the exit code of its script, and frees the lock', async () => {
    await using store = await open();
    await withJob(store, 'exit 42', async (job) => {
      expect(await ended(job)).toBe(42);
      expect(store.server.objects(BUCKET)).toEqual([]);
      const operations = store.server.requests.mutations().map(({ operation }) => operation);
      expect([operations[0], operations.at(-1)], 'it had the lock').toEqual([
        'objects.insert',
        'objects.delete',
      ]);
    });
  });

  it.concurrent('ends as done where another execution is at work', async () => {
    await using store = await open();
    await using _lease = await new GcsMutex(BUCKET, NAME, { apiEndpoint: store.server.url }).acquire();
    await withJob(store, 'exit 42', async (job) => expect(await ended(job)).toBe(0));
  });

  it.concurrent('passes on the SIGTERM of Cloud Run, and frees the lock', async () => {
    const script = "trap 'exit 9' TERM; echo begun; while :; do sleep 0.1; done";
    await using store = await open();
    await withJob(store, script, async (job) => {
      if (job.stdout !== null) await once(job.stdout, 'data');
      job.kill('SIGTERM');
      expect(await ended(job)).toBe(9);
      expect(store.server.object(BUCKET, NAME)).toBeUndefined();
    });
  });
});
