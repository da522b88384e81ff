import { expect, it } from 'vitest';
import { MATCH } from './calls.ts';
import { manualWorld } from './world.ts';

const TTL_MS = 60_000;
const SKEW_MS = 2_000;
/** The longest pause of a waiting caller, with the jitter at the end and this clock's own step. */
const ONE_POLL_MS = 2_000 + 100 + 50;

it('row 36: after a holder was killed the next one has the lock within ttl, skew, a second and a poll', async () => {
  const world = manualWorld();
  const dead = world.process();
  await world.settle(dead.mutex().acquire());
  dead.kill();
  const diedAt = world.nowMs();
  const lease = await world.settle(world.process().mutex().acquire());
  const tookMs = world.nowMs() - diedAt;
  expect(tookMs).toBeGreaterThanOrEqual(TTL_MS);
  expect(tookMs).toBeLessThanOrEqual(TTL_MS + SKEW_MS + 1_000 + ONE_POLL_MS);
  expect(await world.settle(lease.release())).toBe(true);
  await world.end();
});

it('row 36: by observation alone it takes 1.05 of the ttl from the first look', async () => {
  const world = manualWorld();
  const dead = world.process();
  await world.settle(dead.mutex().acquire());
  dead.kill();
  await world.advance(10 * TTL_MS);
  const startedAt = world.nowMs();
  const lease = await world.settle(world.process().mutex({ takeover: 'observation' }).acquire());
  const tookMs = world.nowMs() - startedAt;
  expect(tookMs).toBeGreaterThanOrEqual(1.05 * TTL_MS + SKEW_MS);
  expect(tookMs).toBeLessThanOrEqual(1.05 * TTL_MS + SKEW_MS + ONE_POLL_MS);
  expect(await world.settle(lease.release())).toBe(true);
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
    const diedAt = world.nowMs();
    const lease = await world.settle(world.process().mutex().acquire());
    expect(world.nowMs() - diedAt).toBeLessThanOrEqual(TTL_MS + SKEW_MS + 1_000 + ONE_POLL_MS);
    expect(await world.settle(lease.release())).toBe(true);
    void acquiring;
    await world.end();
  });
}

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
