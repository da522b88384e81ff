import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

// `npm test` builds first; this says so where somebody runs vitest alone.
const SCRIPT = fileURLToPath(new URL('../../dist/bundle/cli.cjs', import.meta.url));

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(...args: string[]): Child {
  if (!existsSync(SCRIPT)) throw new Error('dist/bundle/cli.cjs is missing: build first, with npm run build');
  return spawn(process.execPath, [SCRIPT, 'emulator', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += String(chunk);
  return all;
}

async function run(...args: string[]): Promise<{ code: unknown; output: string; errors: string }> {
  const child = start(...args);
  const [[code], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, output, errors };
}

describe('gcs-mutex emulator', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'serves the buckets it was told, says where, and closes on %s',
    async (signal) => {
      const child = start('--port', '0', '--bucket', 'one', '--bucket', 'two');
      try {
        const [line] = await once(createInterface(child.stdout), 'line');
        const url = /^export STORAGE_EMULATOR_HOST=(http:\/\/127\.0\.0\.1:\d+)$/.exec(String(line))?.[1];
        for (const [bucket, status] of [
          ['one', 200],
          ['two', 200],
          ['three', 404],
        ] as const) {
          const answer = await fetch(`${url}/storage/v1/b/${bucket}`, { headers: { connection: 'close' } });
          expect(answer.status).toBe(status);
        }
        const closed = once(child, 'close');
        child.kill(signal);
        expect(await closed).toEqual([0, null]);
        await expect(fetch(`${url}/storage/v1/b/one`)).rejects.toThrow('fetch failed');
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  it('explains itself', async () => {
    const { code, output, errors } = await run('--help');
    expect([code, errors]).toEqual([0, '']);
    for (const option of ['--bucket <name>', '--port <port>', '--host <host>', '--help', '4443'])
      expect(output).toContain(option);
  });

  it.each([
    [['--port', '65536'], 'It must be a whole number from 0 to 65535'],
    [['--colour'], "unknown option '--colour'"],
  ])('refuses %j', async (args, message) => {
    const { code, output, errors } = await run(...args);
    expect([code, output]).toEqual([125, '']);
    expect(errors).toContain(message);
  });

  it('says that its port is taken', async () => {
    await using taken = await startEmulator();
    const { code, errors } = await run('--port', String(taken.port));
    expect(code).toBe(125);
    expect(errors).toContain(`127.0.0.1:${taken.port} is taken`);
  });
});
