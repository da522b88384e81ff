import { describe, expect, it } from 'vitest';
import { cutOff, takeoverAt } from './calls.ts';
import { manualWorld, type ManualPlayer, type ManualWorld } from './world.ts';

const TTL_MS = 60_000;
const SKEW_MS = 2_000;
/** The longest pause of a waiting caller, with the jitter at the end and this clock's own step. */
const ONE_POLL_MS = 2_000 + 100 + 50;
/** Few reads, where nothing hangs on when the waiter looks. */
const RARELY = { minMs: 1_000, maxMs: 15_000 };
/** By observation a record is stale after this long. */
const OBSERVED_MS = 1.05 * TTL_MS + SKEW_MS;

/** When, by the store's clock, the lock's object was last changed. */
function updatedAt(world: ManualWorld): number {
  return world.object()?.updated ?? NaN;
}

describe('a holder that is cut off for longer than its ttl', () => {
  for (const takeover of ['server-clock', 'observation'] as const) {
    for (const marginRate of [0.06, 0.1, 0.25]) {
      const name = `margin ${100 * marginRate} %, by ${takeover}`;
      it(`row 30: hears of it at its own deadline, a margin before any waiter wins (${name})`, async () => {
        const marginMs = marginRate * TTL_MS;
        // Before the first refresh, while it is under way, and long after.
        for (const afterMs of [1_000, 20_000, 75_000]) {
          const world = manualWorld();
          const [holder, waiter] = [world.process(), world.process()];
          const options = { clockSkewMs: 0, marginMs, refreshIntervalMs: 20_000, backoff: RARELY };
          const lease = await world.settle(holder.mutex(options).acquire());
          const acquiring = waiter.mutex({ ...options, takeover }).acquire({ timeoutMs: Infinity });
          await world.advance(afterMs);
          cutOff(world, holder, 'requests');
          let abortedAt = Number.NaN;
          lease.signal.addEventListener('abort', () => {
            abortedAt = world.emulator.clock.now();
          });
          const creditedAt = updatedAt(world);
          const next = await world.settle(acquiring);
          expect(lease.lossError?.reason).toBe('expired');
          expect(abortedAt).toBeLessThanOrEqual(creditedAt + TTL_MS - marginMs + 1);
          expect(takeoverAt(world) - abortedAt).toBeGreaterThanOrEqual(marginMs - 0.05 * TTL_MS);
          expect(await world.settle(next.release())).toBe(true);
          expect(await world.settle(lease.release().catch(() => 'unconfirmed'))).not.toBe(true);
          await world.end();
        }
      });
    }
  }
});

describe('a waiter that is cut off and comes back', () => {
  /** A waiter by observation that has seen the lock, and sees nothing from then on. */
  async function outOfSight(world: ManualWorld, sight: { readonly holder: ManualPlayer }) {
    const lease = await world.settle(sight.holder.mutex().acquire());
    const waiter = world.process();
    const acquiring = waiter.mutex({ takeover: 'observation' }).acquire({ timeoutMs: Infinity });
    await world.advance(5_000);
    const partition = cutOff(world, waiter, 'requests');
    return { lease, acquiring, partition, waiter };
  }

  it('row 31: counts the time out of sight if it sees the same record at the end', async () => {
    const world = manualWorld();
    const holder = world.process();
    const { acquiring, partition } = await outOfSight(world, { holder });
    holder.kill();
    await world.advance(3 * TTL_MS);
    partition.remove();
    const healedMs = world.nowMs();
    const lease = await world.settle(acquiring);
    // The attempt that was under way has to run out first.
    expect(world.nowMs() - healedMs).toBeLessThanOrEqual(10_000 + ONE_POLL_MS);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('row 31: starts anew if the record was refreshed meanwhile, and takes nothing from a live holder', async () => {
    const world = manualWorld();
    const holder = world.process();
    const { lease, acquiring, partition } = await outOfSight(world, { holder });
    await world.advance(3 * TTL_MS);
    partition.remove();
    await world.advance(3 * TTL_MS);
    expect(lease.isHeld).toBe(true);
    expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
    holder.kill();
    const diedAt = updatedAt(world);
    const next = await world.settle(acquiring);
    expect(takeoverAt(world) - diedAt).toBeGreaterThanOrEqual(OBSERVED_MS);
    expect(await world.settle(next.release())).toBe(true);
    await world.end();
  });

  it('row 31: starts anew if its holder released it and took it again', async () => {
    const world = manualWorld();
    const holder = world.process();
    const { lease, acquiring, partition } = await outOfSight(world, { holder });
    await world.advance(TTL_MS);
    expect(await world.settle(lease.release())).toBe(true);
    await world.settle(holder.mutex().acquire());
    holder.kill();
    await world.advance(10 * TTL_MS);
    partition.remove();
    const healedMs = world.nowMs();
    const next = await world.settle(acquiring);
    expect(world.nowMs() - healedMs).toBeGreaterThanOrEqual(OBSERVED_MS);
    expect(await world.settle(next.release())).toBe(true);
    await world.end();
  });
});

it('row 32: a holder that is heard but hears nothing gives up at its deadline, and others wait from its last word', async () => {
  const world = manualWorld();
  const [holder, waiter] = [world.process(), world.process()];
  const lease = await world.settle(holder.mutex().acquire());
  const acquiring = waiter.mutex().acquire({ timeoutMs: Infinity });
  await world.advance(25_000);
  const creditedMs = world.nowMs() - 5_000;
  cutOff(world, holder, 'answers');
  let abortedMs = Number.NaN;
  lease.signal.addEventListener('abort', () => {
    abortedMs = world.nowMs();
  });
  const before = updatedAt(world);
  await world.until('it is lost', () => lease.signal.aborted);
  expect(lease.lossError?.reason).toBe('expired');
  expect(abortedMs).toBeGreaterThanOrEqual(creditedMs + 0.9 * TTL_MS);
  expect(abortedMs).toBeLessThanOrEqual(creditedMs + 0.9 * TTL_MS + 1);
  const heardAt = updatedAt(world);
  expect(heardAt, 'a refresh was applied meanwhile').toBeGreaterThan(before);
  const next = await world.settle(acquiring);
  expect(takeoverAt(world) - heardAt).toBeGreaterThanOrEqual(TTL_MS);
  expect(takeoverAt(world) - heardAt).toBeLessThanOrEqual(TTL_MS + SKEW_MS + 1_000 + ONE_POLL_MS);
  expect(await world.settle(next.release())).toBe(true);
  await world.end();
});
