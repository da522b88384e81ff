import { expect, it } from 'vitest';
import type { GcsMutexOptions } from '../../src/options.ts';
import { MATCH, takeoverAt } from './calls.ts';
import { manualWorld, type ManualWorld } from './world.ts';

const TTL_MS = 60_000;
const SKEW_MS = 2_000;
/** The longest pause of a waiting caller, with the jitter at the end and this clock's own step. */
const ONE_POLL_MS = 2_000 + 100 + 50;

/** Takes over from whoever is dead, and says how long after the last change of its record that was. */
async function takeOver(world: ManualWorld, takeover: GcsMutexOptions['takeover'] = 'server-clock') {
  const changedAt = world.object()?.updated ?? Number.NaN;
  // By the server's clocks it does not matter since when somebody waits.
  if (takeover === 'server-clock') await world.advance(TTL_MS - 5_000);
  const startedMs = world.nowMs();
  const lease = await world.settle(world.process().mutex({ takeover }).acquire({ timeoutMs: Infinity }));
  expect(await world.settle(lease.release())).toBe(true);
  return { sinceChangeMs: takeoverAt(world) - changedAt, sinceLookMs: world.nowMs() - startedMs };
}

/** Neither sooner than a holder may believe, nor later than is promised. */
function expectInTime(sinceChangeMs: number): void {
  expect(sinceChangeMs).toBeGreaterThanOrEqual(TTL_MS);
  expect(sinceChangeMs).toBeLessThanOrEqual(TTL_MS + SKEW_MS + 1_000 + ONE_POLL_MS);
}

it('row 36: after a holder was killed the next one has the lock within ttl, skew, a second and a poll', async () => {
  // At every phase of its refreshes and of the store's seconds.
  for (const livedMs of [1, 999, 20_001]) {
    const world = manualWorld();
    const dead = world.process();
    await world.settle(dead.mutex().acquire());
    await world.advance(livedMs);
    dead.kill();
    expectInTime((await takeOver(world)).sinceChangeMs);
    await world.end();
  }
});

it('row 36: a refresh of a killed holder that arrives late makes it one ttl more, counted from its arrival', async () => {
  const world = manualWorld();
  const dead = world.process();
  await world.settle(dead.mutex().acquire());
  const refresh = world.emulator.faults.add({ when: 'before', do: { kind: 'hold' }, match: MATCH.R });
  await world.until('a refresh is under way', () => refresh.struck.length === 1);
  dead.kill();
  await world.advance(30_000);
  refresh.release();
  await world.until('it was applied', () => refresh.struck[0]?.applied === 200);
  expectInTime((await takeOver(world)).sinceChangeMs);
  await world.end();
});

it('row 36: by observation alone it takes 1.05 of the ttl from the first look', async () => {
  const world = manualWorld();
  const dead = world.process();
  await world.settle(dead.mutex().acquire());
  dead.kill();
  await world.advance(10 * TTL_MS);
  const { sinceLookMs } = await takeOver(world, 'observation');
  expect(sinceLookMs).toBeGreaterThanOrEqual(1.05 * TTL_MS + SKEW_MS);
  expect(sinceLookMs).toBeLessThanOrEqual(1.05 * TTL_MS + SKEW_MS + ONE_POLL_MS);
  await world.end();
});

for (const when of ['before', 'after'] as const) {
  it(`row 37: a holder killed while its create was under way (${when} its turn) keeps nobody out for longer`, async () => {
    const world = manualWorld();
    const dead = world.process();
    const script = world.emulator.faults.add({ when, do: { kind: 'hold' }, match: MATCH.C });
    const acquiring = dead.mutex().acquire();
    await world.until('the create is under way', () => script.struck.length === 1);
    dead.kill();
    script.release();
    await world.until('it was applied', () => script.struck[0]?.applied === 200);
    expectInTime((await takeOver(world)).sinceChangeMs);
    void acquiring;
    await world.end();
  });
}

it('row 37: a holder killed while a create was under way that never arrives keeps nobody out', async () => {
  const world = manualWorld();
  const dead = world.process();
  const script = world.emulator.faults.add({ when: 'before', do: { kind: 'stall' }, match: MATCH.C });
  const acquiring = dead.mutex().acquire();
  await world.until('the create is under way', () => script.struck.length === 1);
  dead.kill();
  const lease = await world.settle(world.process().mutex().tryAcquire());
  expect(lease?.isHeld).toBe(true);
  expect(await world.settle(lease?.release() ?? Promise.reject(new Error('not held')))).toBe(true);
  void acquiring;
  await world.end();
});

it('row 37: by observation alone what a killed holder created late takes 1.05 of the ttl from the first look', async () => {
  const world = manualWorld();
  const dead = world.process();
  const script = world.emulator.faults.add({ when: 'before', do: { kind: 'hold' }, match: MATCH.C });
  const acquiring = dead.mutex().acquire();
  await world.until('the create is under way', () => script.struck.length === 1);
  dead.kill();
  script.release();
  await world.until('it was applied', () => script.struck[0]?.applied === 200);
  const { sinceLookMs } = await takeOver(world, 'observation');
  expect(sinceLookMs).toBeGreaterThanOrEqual(1.05 * TTL_MS + SKEW_MS);
  expect(sinceLookMs).toBeLessThanOrEqual(1.05 * TTL_MS + SKEW_MS + ONE_POLL_MS);
  void acquiring;
  await world.end();
});

it('row 38: a holder whose event loop was blocked for two ttls finds out by the clock, and its release harms nobody', async () => {
  const world = manualWorld();
  const player = world.process();
  const lease = await world.settle(player.mutex().acquire());
  let abortCount = 0;
  lease.signal.addEventListener('abort', () => {
    abortCount += 1;
  });
  player.machine.stop();
  await world.advance(2 * TTL_MS);
  player.machine.resume(true);
  expect(lease.isHeld).toBe(false);
  expect(abortCount).toBe(1);
  await world.advance(TTL_MS);
  expect(abortCount).toBe(1);
  expect(player.events.filter(({ kind }) => kind === 'lost')).toMatchObject([{ reason: 'expired' }]);
  // Nobody wanted it meanwhile, so that its release still finds the record.
  expect(await world.settle(lease.release())).toBe(true);
  expect(world.object()).toBeUndefined();
  await world.end();
});
