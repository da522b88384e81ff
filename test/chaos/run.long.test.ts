import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bug } from '../simulation/planted/bugs.ts';
import { plant } from '../simulation/planted/build.ts';
import { readHistory } from './history.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'gcs-mutex-chaos-test-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** A run against the embedded emulator, of what is compiled in a folder. */
function start(out: string, args: readonly string[], dist = DIST): ChildProcess {
  const main = join(dist, 'test/chaos/main.js');
  const all = [main, '--against', 'emulator', '--seed', '1', '--out', join(scratch, out), ...args];
  return spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What it printed, and how it ended. */
async function end(run: ChildProcess) {
  let text = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  await once(run, 'close');
  return { code: run.exitCode, text };
}

/** The processes that a run has started: their ids by their programs. */
function childrenOf(run: ChildProcess): readonly { readonly pid: number; readonly program: string }[] {
  const lines = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [parent, pid, , program = ''] = line.trim().split(/\s+/);
    return Number(parent) === run.pid ? [{ pid: Number(pid), program }] : [];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something is so; a test that waits in vain runs into its time limit. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

/** What a run is made of. */
const PARTS = [
  'src',
  'emulator',
  'src/cli/demo',
  'test/chaos',
  'test/faults',
  'test/servers',
  'test/simulation',
  'scripts/command-line.js',
];

/** Nobody ever waits for a record to become stale: every waiting process takes the lock over. */
const IMPATIENCE: Bug = {
  name: 'every record is stale',
  module: 'protocol/stale',
  text: 'if (observedMs <= 0)',
  instead: 'if (true)',
};

describe.concurrent('a chaos run', () => {
  it('strikes processes that use the lock, and finds no two that held it at once', async () => {
    const { code, text } = await end(
      start('sound', ['--minutes', '0.05', '--faults', '6', '--entries', '3', '--workers', '4']),
    );
    expect(text).toContain('0 overlaps, 0 lost updates');
    expect(code, text).toBe(0);
    const { facts, verdict, events } = readHistory(join(scratch, 'sound/emulator.json'));
    expect(facts.workers).toHaveLength(4);
    expect(events.filter(({ kind }) => kind === 'started').length).toBeGreaterThanOrEqual(4);
    expect(verdict.writeCount).toBeGreaterThan(0);
    expect(Object.values(verdict.faultCounts).reduce((sum, count) => sum + count)).toBeGreaterThan(5);
    expect(readFileSync(join(scratch, 'sound/emulator.html'), 'utf8')).toContain('<li data-lane="3"');
    const times = events.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it('shows a lock that is broken, and fails', async () => {
    using broken = plant(IMPATIENCE, PARTS, DIST);
    const { code, text } = await end(
      start('broken', ['--minutes', '0.05', '--entries', '12', '--workers', '4'], broken.folder),
    );
    expect(text).toContain('OVERLAP: ');
    expect(code).toBe(1);
  });

  it('lets its processes end when it is told to, and says what it saw so far', async () => {
    const run = start('told', ['--minutes', '10', '--workers', '3']);
    const ended = end(run);
    await until(() => childrenOf(run).length === 5);
    const pids = childrenOf(run).map(({ pid }) => pid);
    run.kill('SIGINT');
    const { code, text } = await ended;
    expect(code).toBe(130);
    expect(text).toContain('overlaps');
    expect(pids.filter((pid) => isAlive(pid))).toEqual([]);
  });

  it('leaves no process behind when it is killed, not even a stopped one', async () => {
    const run = start('killed', ['--minutes', '10', '--workers', '3']);
    await until(() => childrenOf(run).length === 5);
    const pids = childrenOf(run).map(({ pid }) => pid);
    const worker = childrenOf(run).find(({ program }) => program.endsWith('worker.js'));
    if (worker !== undefined) process.kill(worker.pid, 'SIGSTOP');
    run.kill('SIGKILL');
    await once(run, 'exit');
    await until(() => !pids.some((pid) => isAlive(pid)));
    expect(worker).toBeDefined();
  });

  it('says in one line what is wrong with its arguments', async () => {
    const { code, text } = await end(start('wrong', ['--minutes', '-1']));
    expect(text).toContain('--minutes');
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });
});
