import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';

const CROWD = fileURLToPath(new URL('../../dist/test/process/crowd.js', import.meta.url));
const CONTENDERS = 8;
const ROUNDS = 3;

it('row 49: handles of one program, its threads, its cluster and its children exclude each other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crowd-'));
  const log = join(folder, 'log');
  await using server = await startEmulator({ buckets: ['crowds'] });
  const args = [CROWD, server.url, 'crowds', 'locks/one', log];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  await rm(folder, { recursive: true });
  expect(stdout + stderr).toBe('');
  expect(lines).toHaveLength(2 * CONTENDERS * ROUNDS);
  for (let index = 0; index < lines.length; index += 2) {
    const [inside = '', outside = ''] = lines.slice(index, index + 2);
    expect(inside).toMatch(/^in /);
    expect(outside, 'whoever is in goes out before anybody else comes in').toBe(inside.replace('in', 'out'));
  }
  const kinds = new Set(lines.map((line) => line.split(' ')[1]?.replace(/-\d+$/, '')));
  expect(kinds).toEqual(new Set(['handle', 'thread', 'cluster', 'child']));
  expect(new Set(lines.map((line) => line.split(' ')[2])).size, 'each has a lease of its own').toBe(
    CONTENDERS * ROUNDS,
  );
  expect(server.objects('crowds')).toEqual([]);
  for (const { query } of server.requests.mutations()) expect(query['ifGenerationMatch']).toMatch(/^\d+$/);
});
