import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { GcsMutex } from '../../src/index.ts';

/**
 * Refreshes go over one connection that is kept open. If each of them leaves a listener there, memory grows for
 * as long as a lock is held, and at the eleventh Node prints a warning into the user's output.
 */
const REFRESHES = 12;

/** Where Node tells of every connection that this process opens. */
const OPENED = 'net.client.socket';

it('however often a lease is refreshed, its connection has no more listeners than at first', async () => {
  const opened: Socket[] = [];
  const note = (message: unknown): void => void opened.push((message as { socket: Socket }).socket);
  subscribe(OPENED, note);
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  await using server = await startEmulator({ buckets: ['listeners'] });
  const mutex = new GcsMutex('listeners', 'locks/long', {
    apiEndpoint: server.url,
    ttlMs: 30_000,
    refreshIntervalMs: 50,
    mutationIntervalMs: 0,
  });
  const lease = await mutex.acquire();
  const refreshes = server.faults.add({
    when: 'after',
    match: { method: 'PATCH' },
    times: REFRESHES,
    do: { kind: 'delay', ms: 0 },
  });
  await refreshes.strikes(REFRESHES);
  await lease.release();
  process.off('warning', warn);
  unsubscribe(OPENED, note);
  const kept = opened.filter(({ bytesWritten }) => bytesWritten > 3_000);
  expect(kept, 'one connection for all refreshes').toHaveLength(1);
  expect(kept[0]?.listenerCount('error')).toBeLessThanOrEqual(1);
  expect(warnings).toEqual([]);
});
