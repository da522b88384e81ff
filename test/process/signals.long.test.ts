import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import type { GcsMutexOptions } from '../../src/index.ts';
import { Child } from './child.ts';

const BUCKET = 'processes';
const NAME = 'locks/nightly';
/** Of what is to end: short, so that the tests need not wait long. */
const TTL_MS = 2_000;
/** Of what is to last: no machine is too busy to refresh it in time. */
const UNHURRIED_TTL_MS = 120_000;

describe('a process that is stopped, blocked or ended by a signal', () => {
  let server: EmulatorServer;
  let options: GcsMutexOptions;
  beforeEach(async () => {
    server = await startEmulator({ buckets: [BUCKET] });
    options = { apiEndpoint: server.url, ttlMs: TTL_MS, clockSkewMs: 0, mutationIntervalMs: 0 };
  });
  afterEach(() => server.close());
  const start = (ttlMs = TTL_MS): Child => new Child(BUCKET, NAME, { ...options, ttlMs });

  it('row 33: a holder that was stopped past its ttl knows at its first look that it holds no more', async () => {
    await using first = start();
    await using second = start(UNHURRIED_TTL_MS);
    first.tell({ kind: 'acquire' });
    await first.next('granted');
    first.process.kill('SIGSTOP');
    second.tell({ kind: 'acquire' });
    const taken = await second.next('granted');
    const before = first.heard;
    first.process.kill('SIGCONT');
    const state = await first.next('state', before);
    expect(state).toMatchObject({ isHeld: false, remainingMs: 0, isAborted: true, reason: 'expired' });
    first.tell({ kind: 'release' });
    expect((await first.next('released')).wasHeld).toBe(false);
    expect(server.object(BUCKET, NAME)?.metadata?.['lease-id']).toBe(taken.leaseId);
    second.tell({ kind: 'release' });
    expect((await second.next('released')).wasHeld).toBe(true);
    expect(server.object(BUCKET, NAME)).toBeUndefined();
  });

  it('a holder that was stopped for a moment is in doubt until a refresh settles it, and goes on', async () => {
    await using first = start(UNHURRIED_TTL_MS);
    first.tell({ kind: 'acquire' });
    await first.next('granted');
    first.process.kill('SIGSTOP');
    const before = first.heard;
    first.process.kill('SIGCONT');
    await first.next('refreshed', before);
    const settled = first.heard;
    first.tell({ kind: 'check' });
    expect(await first.next('state', settled)).toMatchObject({ isHeld: true, isAborted: false });
  });

  it('row 38: a holder whose event loop was blocked past its ttl knows at its first look', async () => {
    await using first = start();
    first.tell({ kind: 'acquire' });
    await first.next('granted');
    first.tell({ kind: 'block', forMs: 2 * TTL_MS });
    const state = await first.next('state');
    expect(state).toMatchObject({ isHeld: false, remainingMs: 0, isAborted: true, reason: 'expired' });
  });

  it('row 35: an answer that a stopped process gets after its deadline is no grant as it is', async () => {
    const held = server.faults.add({ when: 'after', match: { method: 'POST' }, do: { kind: 'hold' } });
    await using first = start();
    first.tell({ kind: 'acquire' });
    await held.strikes();
    first.process.kill('SIGSTOP');
    held.release();
    await using second = start(UNHURRIED_TTL_MS);
    second.tell({ kind: 'acquire' });
    const taken = await second.next('granted');
    first.process.kill('SIGCONT');
    second.tell({ kind: 'release' });
    const released = await second.next('released');
    const late = await first.next('granted');
    expect(released.wasHeld).toBe(true);
    expect(late.leaseId).not.toBe(taken.leaseId);
    expect(server.object(BUCKET, NAME)?.metadata?.['lease-id']).toBe(late.leaseId);
  });

  it('SIGTERM ends the work under run, and the lock is free when the process ends', async () => {
    await using first = start(UNHURRIED_TTL_MS);
    first.tell({ kind: 'run' });
    await first.next('granted');
    first.process.kill('SIGTERM');
    expect(await first.ended()).toBe(0);
    expect(server.object(BUCKET, NAME)).toBeUndefined();
    expect(first.output).toBe('');
  });

  it('a lease that nobody released does not keep its process alive, and prints nothing', async () => {
    await using first = start(UNHURRIED_TTL_MS);
    first.tell({ kind: 'acquire' });
    await first.next('granted');
    first.tell({ kind: 'forget' });
    expect(await first.ended()).toBe(0);
    expect(first.output).toBe('');
    expect(server.object(BUCKET, NAME)).toBeDefined();
  });

  it('a refresh that gets no answer does not keep its process alive', async () => {
    const stall = server.faults.add({
      when: 'before',
      match: { method: 'PATCH' },
      skip: 1,
      do: { kind: 'stall' },
    });
    await using first = new Child(BUCKET, NAME, {
      ...options,
      ttlMs: 3 * UNHURRIED_TTL_MS,
      refreshIntervalMs: 200,
      requestTimeoutMs: 2 * UNHURRIED_TTL_MS,
    });
    first.tell({ kind: 'acquire' });
    // The first refresh opened the connection that the second one, which hangs, uses anew.
    await first.next('refreshed');
    await stall.strikes();
    first.tell({ kind: 'forget' });
    expect(await first.ended()).toBe(0);
    expect(first.output).toBe('');
  });

  it('a refresh that is awaited keeps its process alive until it is confirmed', async () => {
    const source = `
      import { GcsMutex } from ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).href)};
      const mutex = new GcsMutex(${JSON.stringify(BUCKET)}, ${JSON.stringify(NAME)}, {
        apiEndpoint: ${JSON.stringify(server.url)}, mutationIntervalMs: 500,
      });
      const lease = await mutex.acquire();
      await lease.refresh();
      await lease.release();
    `;
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source]);
    expect(stderr).toBe('');
    expect(server.requests.all().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'DELETE']);
  });

  it('an unreachable store ends the process neither while it holds nor while it waits', async () => {
    await using first = start();
    await using second = start();
    first.tell({ kind: 'acquire' });
    await first.next('granted');
    second.tell({ kind: 'acquire' });
    await server.close();
    expect((await first.next('lost')).reason).toBe('expired');
    expect(first.hasEnded || second.hasEnded).toBe(false);
    expect(first.output + second.output).toBe('');
  });
});
