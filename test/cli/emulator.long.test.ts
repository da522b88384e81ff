import { describe, expect, it } from 'vitest';
import { Command } from './command.ts';
import { LockStore } from './lock-store.ts';

/** An emulator on any free port; `url` stays empty, since it asks nobody. */
const start = (...args: string[]): Command => new Command(['emulator', '--port', '0', ...args], { url: '' });

describe('emulator', () => {
  it.concurrent('prints the setting that sends a command to it, and ends by Ctrl-C with 0', async () => {
    await using emulator = start('--bucket', 'first-bucket', '--bucket', 'second-bucket');
    await emulator.printed('stdout', '\n');
    const [, url = ''] =
      /^export STORAGE_EMULATOR_HOST=(http:\/\/127\.0\.0\.1:\d+)\n$/.exec(emulator.stdout) ?? [];
    for (const bucket of ['first-bucket', 'second-bucket']) {
      await using run = new Command(['run', `gs://${bucket}/x`, '--', 'true'], { url });
      expect((await run.ended()).code).toBe(0);
    }
    emulator.signal('SIGINT');
    expect(await emulator.ended()).toMatchObject({ code: 0, stderr: '' });
  });

  it.concurrent('makes no bucket that no client could ask for', async () => {
    await using emulator = start('--bucket', 'first-bucket', '--bucket', 'My_Bucket');
    expect(await emulator.ended()).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(/^gcs-mutex: --bucket must be 3 to 63 of a-z.*, got "My_Bucket"\n$/),
    });
  });

  it.concurrent('says what to do where its port is taken', async () => {
    await using store = await LockStore.open();
    const { port } = store.server;
    await using emulator = start('--port', String(port));
    expect(await emulator.ended()).toEqual({
      code: 125,
      stdout: '',
      stderr: `gcs-mutex: 127.0.0.1:${port} is taken, perhaps by another emulator: name a --port, or 0 for any free one\n`,
    });
  });
});
