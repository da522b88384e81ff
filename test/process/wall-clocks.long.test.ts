import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { findFaketime, WallClock } from '../chaos/wall-clock.ts';
import { Child } from './child.ts';
import { TakeoverWatch } from './takeover.ts';

const BUCKET = 'processes';
const NAME = 'locks/nightly';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So long that no machine is too busy to refresh in time. */
const OPTIONS = {
  ttlMs: 120_000,
  refreshIntervalMs: 300,
  clockSkewMs: 1_000,
  mutationIntervalMs: 0,
  requestTimeoutMs: 60_000,
};
/** When others may take the lock of a dead holder. */
const STALE_AFTER_MS = OPTIONS.ttlMs + OPTIONS.clockSkewMs;

const library = findFaketime();
if (library === undefined) {
  process.stderr.write(
    '\nSKIPPED: row 39 with real processes: libfaketime is not installed (Debian: apt-get install faketime).\n\n',
  );
}

describe.skipIf(library === undefined)('real processes whose wall clocks are set', () => {
  let folder = '';
  let clockCount = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gcs-mutex-clocks-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A process with a wall clock of its own, which can be set while it runs. */
  function start(url: string, aheadMs: number) {
    const clock = new WallClock(library ?? '', join(folder, String((clockCount += 1))));
    clock.set(aheadMs);
    return { clock, child: new Child(BUCKET, NAME, { ...OPTIONS, apiEndpoint: url }, { env: clock.env }) };
  }

  it('row 39: lose nothing and take nothing when it is set back and forth, and take over a dead holder in time', async () => {
    await using server = await startEmulator({ buckets: [BUCKET] });
    const takeovers = new TakeoverWatch(server, BUCKET, NAME);
    const { clock, child } = start(server.url, DAY_MS);
    await using holder = child;
    await using early = start(server.url, -DAY_MS).child;
    await using late = start(server.url, HOUR_MS).child;
    holder.tell({ kind: 'acquire' });
    const { leaseId } = await holder.next('granted');
    for (const waiter of [early, late]) waiter.tell({ kind: 'acquire' });
    for (const aheadMs of [0, HOUR_MS, -HOUR_MS, 2 * DAY_MS, -DAY_MS]) {
      clock.set(aheadMs);
      // Each refresh after this one was sent with the clock as it is now.
      for (let refreshes = 0; refreshes < 3; refreshes += 1) {
        expect(await holder.either(['refreshed', 'lost'], holder.heard)).toMatchObject({ kind: 'refreshed' });
      }
    }
    holder.tell({ kind: 'check' });
    expect(await holder.next('state')).toMatchObject({ isHeld: true, isAborted: false });
    expect(holder.heardOf('lost')).toBe(false);
    expect(server.object(BUCKET, NAME)?.metadata?.['lease-id']).toBe(leaseId);
    expect(takeovers.hasTakenOver).toBe(false);

    await holder.kill('SIGKILL');
    await holder.ended();
    // The server's clock, which is the one that counts, is put on to shortly before the end of the ttl.
    server.clock.skewMs += STALE_AFTER_MS - 3_000;
    const next = await Promise.race(
      [early, late].map(async (waiter) => (await waiter.next('granted')) && waiter),
    );
    const { ageMs, staleLooks } = await takeovers.first(STALE_AFTER_MS);
    expect(ageMs).toBeGreaterThanOrEqual(STALE_AFTER_MS);
    expect(staleLooks, 'one of each waiter').toBeLessThanOrEqual(2);
    expect([early, late].filter((waiter) => waiter.heardOf('granted'))).toEqual([next]);
    // A process whose timers wait for a wall clock says nothing more.
  });

  it('row 39: have their clocks set indeed', async () => {
    await using server = await startEmulator({ buckets: [BUCKET] });
    await using child = start(server.url, DAY_MS).child;
    child.tell({ kind: 'acquire' });
    await child.next('granted');
    expect((await child.next('ready')).at - Date.now()).toBeGreaterThan(DAY_MS - HOUR_MS);
  });
});
