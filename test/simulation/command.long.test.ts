import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/test/simulation/main.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gcs-mutex-simulate-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function simulate(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args]);
  return stdout;
}

describe('npm run simulate', () => {
  it('counts what it played, and goes on where a state file says', async () => {
    const state = join(folder, 'state.json');
    const first: unknown = JSON.parse(
      await simulate('--runs', '4', '--workers', '2', '--state', state, '--json'),
    );
    expect(first).toMatchObject({ firstSeed: 1, runCount: 4, failures: [] });
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ firstSeed: 1, nextSeed: 5 });
    const second: unknown = JSON.parse(await simulate('--runs', '6', '--state', state, '--json'));
    const whole: unknown = JSON.parse(await simulate('--runs', '6', '--workers', '1', '--json'));
    expect({ ...Object(second), tookMs: 0, ratePerS: 0 }).toEqual({
      ...Object(whole),
      tookMs: 0,
      ratePerS: 0,
    });
  });

  it('goes on where it was killed, and counts every world once', async () => {
    const state = join(folder, 'killed.json');
    const args = ['--seed', '5', '--json'];
    // So many that it is killed long before their end.
    const killing = [...args, '--runs', '3000', '--state', state];
    const killed = spawn(process.execPath, [MAIN, ...killing], { stdio: 'ignore' });
    const doneCount = (): number =>
      existsSync(state) ? Object(JSON.parse(readFileSync(state, 'utf8'))).nextSeed - 5 : 0;
    // A share that ends before the first one counts for nothing yet.
    while (doneCount() === 0) await setTimeout(5);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const left = ['--runs', String(doneCount() + 20)];
    const resumed: unknown = JSON.parse(await simulate(...args, ...left, '--state', state));
    const whole: unknown = JSON.parse(await simulate(...args, ...left));
    expect({ ...Object(resumed), tookMs: 0, ratePerS: 0 }).toEqual({
      ...Object(whole),
      tookMs: 0,
      ratePerS: 0,
    });
  });

  it('prints the whole history of one seed', async () => {
    expect(await simulate('--runs', '1', '--seed', '7')).toMatch(/process \d+: acquired [0-9a-f]{4}/);
  });

  it('says in one line what is wrong with its arguments', async () => {
    await expect(simulate('--runs', 'many')).rejects.toMatchObject({
      code: 2,
      stderr: 'simulate: --runs must be a whole number from 1 to 999999999, got many\n',
    });
  });
});
