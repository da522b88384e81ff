import { describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { end, ofKind, startDemo, toldBy } from './demo-process.ts';
import { startCarelessServer } from './careless-server.ts';
import { TakeoverWatch } from '../process/takeover.ts';

const BUCKET = 'gcs-mutex-demo';
const canStop = process.platform !== 'win32';

/** The writes to the demo's lock, among those that try out the server. */
function writesToLock(emulator: EmulatorServer, lock: string) {
  const name = lock.slice(lock.lastIndexOf('/') + 1);
  return emulator.requests.mutations().filter(({ object }) => object === name);
}

/** What a process says of itself after a stop. */
const LOOKS_ON_WAKING = new Set(['lost', 'woke', 'in-doubt', 'refresh-failed', 'released']);

describe('the demo, with a short ttl', () => {
  it('shows a takeover after SIGKILL and a loss known at once after SIGSTOP, and leaves nothing', async () => {
    await using emulator = await startEmulator();
    const watch = new TakeoverWatch(emulator, BUCKET, /^demo-[0-9a-f]+$/);
    const demo = startDemo(['--json', '--ttl', '2000ms', '--seed', '7'], {
      STORAGE_EMULATOR_HOST: emulator.url,
    });
    const { exitCode, stdout, stderr } = await end(demo);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const told = toldBy(stdout);

    const [start] = ofKind(told, 'start');
    expect(start).toMatchObject({ seed: 7, ttlMs: 2_000, workers: ['anna', 'ben', 'carl', 'dora'] });
    expect(ofKind(told, 'note')).toEqual([]);
    expect(ofKind(told, 'waiting').length).toBeGreaterThan(3);
    expect(ofKind(told, 'refreshed').length).toBeGreaterThan(0);

    const takeovers = ofKind(told, 'acquired').filter((grant) => grant.wasTakenOver);
    const [killed] = ofKind(told, 'killed');
    expect(killed).toBeDefined();
    // On a machine that gives a holder no time there may be others before.
    const afterKill = takeovers.find(({ atMs }) => atMs > (killed?.atMs ?? Infinity));
    expect(afterKill).toBeDefined();
    expect(afterKill?.worker).not.toBe(killed?.worker);
    expect(watch.ages.length).toBeGreaterThanOrEqual(takeovers.length);
    expect(Math.min(...watch.ages), 'by the server').toBeGreaterThanOrEqual(
      2_000 + (start?.clockSkewMs ?? 0),
    );
    if (canStop) {
      const [stopped] = ofKind(told, 'stopped');
      const [continued] = ofKind(told, 'continued');
      const lost = ofKind(told, 'lost').find(({ afterMs }) => afterMs !== undefined);
      const [woke] = ofKind(told, 'woke');
      const afterStop = takeovers.find(({ atMs }) => atMs > (stopped?.atMs ?? Infinity));
      expect(afterStop?.worker).not.toBe(stopped?.worker);
      expect(continued?.atMs).toBeGreaterThan(afterStop?.atMs ?? Infinity);
      expect(lost).toMatchObject({ worker: stopped?.worker, reason: 'expired' });
      expect(lost?.learntBy).not.toBe('signal');
      const since = told.slice(told.findIndex(({ kind }) => kind === 'continued'));
      const onWaking = since.find(
        (each) => LOOKS_ON_WAKING.has(each.kind) && 'worker' in each && each.worker === stopped?.worker,
      );
      expect(onWaking, 'it knew before it did anything else').toBe(lost);
      expect(woke).toMatchObject({ worker: stopped?.worker, isHeld: false });
    }

    const summary = ofKind(told, 'summary').at(-1);
    expect(told.at(-1)).toBe(summary);
    expect(summary).toMatchObject({ exitCode: 0, isLockGone: true, problems: [] });
    expect(summary?.takeovers).toBeGreaterThanOrEqual(canStop ? 2 : 1);
    expect(summary?.judge).toMatchObject({ overlaps: [], leases: summary?.acquisitions });
    expect(summary?.judge.looks).toBeGreaterThan(summary?.acquisitions ?? Infinity);

    expect(emulator.objects(BUCKET)).toEqual([]);
    const writes = writesToLock(emulator, start?.lock ?? '');
    expect(writes.length).toBeGreaterThan(10);
    expect(writes.filter(({ query }) => query['ifGenerationMatch'] === undefined)).toEqual([]);
  });

  it('ends with 1 when two held at once, as on a server that checks no precondition', async () => {
    await using emulator = await startEmulator({ buckets: [BUCKET] });
    await using careless = await startCarelessServer(emulator.url);
    const demo = startDemo(['--json', '--ttl', '1000ms'], { STORAGE_EMULATOR_HOST: careless.url });
    const { exitCode, stdout } = await end(demo);
    const told = toldBy(stdout);
    expect(exitCode).toBe(1);
    expect(ofKind(told, 'note')[0]?.text).toContain('ifGenerationMatch on insert, patch and delete');
    expect(ofKind(told, 'violation')).toHaveLength(1);
    const [summary] = ofKind(told, 'summary');
    expect(summary?.judge.overlaps.length).toBeGreaterThan(0);
    expect(summary?.problems[0]).toMatch(/^\w+ and \w+ held at once for [\d.]+ ms$/);
  });

  it.runIf(canStop)('ends every process and removes the lock on Ctrl-C', async () => {
    await using emulator = await startEmulator();
    const demo = startDemo(['--json', '--ttl', '1000ms'], { STORAGE_EMULATOR_HOST: emulator.url });
    const ended = end(demo);
    let seen = '';
    // It is read to its end: a demo that nobody reads any more ends for that reason.
    await new Promise<void>((resolve) => {
      demo.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes('"kind":"stopped"')) resolve();
      });
    });
    demo.kill('SIGINT');
    const { exitCode, stderr } = await ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 130,
      stderr: 'demo: ended by SIGINT; every process has ended and the lock is gone\n',
    });
    expect(emulator.objects(BUCKET)).toEqual([]);
  });
});
