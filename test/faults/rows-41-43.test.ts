import { describe, expect, it } from 'vitest';
import type { Lease } from '../../src/lease.ts';
import { cutOff, remove, strike, takeoverAt } from './calls.ts';
import { manualWorld, type ManualWorld } from './world.ts';

const TTL_MS = 60_000;
const SKEW_MS = 2_000;
const ONE_POLL_MS = 2_000 + 100 + 50;

/** A holder on a machine of its own. */
async function holding(world: ManualWorld) {
  const player = world.process();
  const lease = await world.settle(player.mutex().acquire());
  return { player, lease };
}

/** Suspends a holder's machine: its monotonic clock stands still, the one that counts sleep goes on. */
async function sleep(world: ManualWorld, { player }: Awaited<ReturnType<typeof holding>>, ms: number) {
  player.machine.suspend();
  await world.advance(ms);
  player.machine.wake();
}

function expectDoubt(lease: Lease): void {
  expect(lease.isHeld).toBe(false);
  expect(lease.remainingMs).toBe(0);
  expect(() => lease.throwIfLost()).toThrow(expect.objectContaining({ code: 'ERR_LEASE_IN_DOUBT' }));
  expect(lease.signal.aborted).toBe(false);
}

describe('a holder whose machine slept', () => {
  it('row 41: for less than its margin has room for goes on as if nothing had been', async () => {
    const world = manualWorld();
    const { player, lease } = await holding(world);
    const { count } = world.emulator.requests;
    await sleep(world, { player, lease }, 0.05 * TTL_MS - 100);
    expect(lease.isHeld).toBe(true);
    expect(world.emulator.requests.count).toBe(count);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  for (const sleptMs of [0.06 * TTL_MS, 0.5 * TTL_MS, 10 * TTL_MS]) {
    it(`row 41: for ${sleptMs / 1_000} s, and nobody came, is in doubt until one refresh over a new connection`, async () => {
      const world = manualWorld();
      const { player, lease } = await holding(world);
      await world.advance(1_000);
      await sleep(world, { player, lease }, sleptMs);
      expectDoubt(lease);
      await world.settle(lease.refresh());
      expect(lease.isHeld).toBe(true);
      expect(lease.remainingMs).toBeGreaterThan(0.9 * TTL_MS - 1_000);
      expect(
        player.line.sent.map(({ method, freshConnection }) => [method, freshConnection === true]),
      ).toEqual([
        ['POST', false],
        ['PATCH', true],
      ]);
      expect(player.events.map(({ kind }) => kind)).toEqual(['acquired', 'in-doubt', 'refreshed']);
      expect(await world.settle(lease.release())).toBe(true);
      expect(player.line.sent.at(-1), 'over none from before the sleep').toMatchObject({
        method: 'DELETE',
        freshConnection: true,
      });
      await world.end();
    });
  }

  it('row 41: finds out by itself when its next timer is due, if nobody looks', async () => {
    const world = manualWorld();
    const { player, lease } = await holding(world);
    await sleep(world, { player, lease }, TTL_MS);
    await world.advance(20_000);
    expect(player.events.map(({ kind }) => kind)).toEqual(['acquired', 'in-doubt', 'refreshed']);
    expect(lease.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('row 41: and was taken over meanwhile hears that from its refresh, and never believes again', async () => {
    const world = manualWorld();
    const { player, lease } = await holding(world);
    player.machine.suspend();
    const next = await world.settle(world.process().mutex().acquire());
    player.machine.wake();
    expectDoubt(lease);
    await expect(world.settle(lease.refresh())).rejects.toMatchObject({ reason: 'taken-over' });
    expect(lease.signal.aborted).toBe(true);
    expect(await world.settle(lease.release())).toBe(false);
    expect(next.isHeld).toBe(true);
    expect(await world.settle(next.release())).toBe(true);
    await world.end();
  });

  it('row 41: and whose object was removed meanwhile hears that from its refresh', async () => {
    const world = manualWorld();
    const { player, lease } = await holding(world);
    player.machine.suspend();
    await world.advance(TTL_MS);
    await remove(world);
    player.machine.wake();
    expectDoubt(lease);
    await expect(world.settle(lease.refresh())).rejects.toMatchObject({ reason: 'deleted' });
    expect(await world.settle(lease.release())).toBe(false);
    await world.end();
  });

  it('row 41: and reaches nobody afterwards stays in doubt until its deadline, and is lost then', async () => {
    const world = manualWorld();
    const { player, lease } = await holding(world);
    await world.advance(10_000);
    await sleep(world, { player, lease }, 0.2 * TTL_MS);
    const network = cutOff(world, player, 'requests');
    let lookCount = 0;
    while (!lease.signal.aborted) {
      expect(lease.isHeld).toBe(false);
      lookCount += 1;
      await world.advance(1_000);
    }
    // 54 s on its own clock, ten of which had passed before.
    expect(lookCount).toBe(44);
    expect(lease.lossError?.reason).toBe('expired');
    network.remove();
    await world.settle(lease.release());
    await world.end();
  });

  it('row 41: tries a refresh that the store is too busy for again, and is held then', async () => {
    const world = manualWorld();
    const { player, lease } = await holding(world);
    await world.advance(1_000);
    strike(world, 'R', { when: 'before', do: { kind: 'status', status: 429 } }, 2);
    await sleep(world, { player, lease }, 0.5 * TTL_MS);
    expectDoubt(lease);
    await world.settle(lease.refresh());
    expect(lease.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('row 41: is not credited a refresh that was applied before it slept', async () => {
    const world = manualWorld();
    const { player, lease } = await holding(world);
    await world.advance(1_000);
    const answer = strike(world, 'R', { when: 'after', do: { kind: 'hold' } });
    const refreshing = lease.refresh();
    await world.until('the refresh was applied', () => answer.struck.length === 1);
    const next = world.process().mutex().acquire({ timeoutMs: Infinity });
    await sleep(world, { player, lease }, 0.5 * TTL_MS);
    strike(world, 'R', { when: 'before', do: { kind: 'stall' } }, 1);
    answer.release();
    await world.advance(0);
    expectDoubt(lease);
    await world.settle(refreshing);
    expect(lease.isHeld).toBe(true);
    expect(player.line.sent.filter(({ method }) => method === 'PATCH').length).toBeGreaterThan(2);
    expect(await world.settle(lease.release())).toBe(true);
    expect(await world.settle((await world.settle(next)).release())).toBe(true);
    await world.end();
  });
});

it('row 42: after a stop of 30 s that no connection outlived, one refresh over a new one decides', async () => {
  const world = manualWorld();
  const { player, lease } = await holding(world);
  const refresh = strike(world, 'R', { when: 'before', do: { kind: 'hold' } });
  await world.advance(20_000);
  expect(refresh.struck, 'a refresh is under way').toHaveLength(1);
  player.machine.stop();
  await world.advance(30_000);
  player.machine.resume();
  expectDoubt(lease);
  await world.settle(lease.refresh());
  expect(lease.isHeld).toBe(true);
  expect(player.line.sent.map(({ method, freshConnection }) => [method, freshConnection === true])).toEqual([
    ['POST', false],
    ['PATCH', false],
    ['PATCH', true],
  ]);
  refresh.release();
  expect(await world.settle(lease.release())).toBe(true);
  await world.end();
});

describe('peers with other ttls', () => {
  for (const takeover of ['server-clock', 'observation'] as const) {
    for (const [holderTtlMs, waiterTtlMs] of [
      [60_000, 5_000],
      [5_000, 60_000],
    ] as const) {
      const name = `${holderTtlMs / 1_000} s by a waiter of ${waiterTtlMs / 1_000} s, by ${takeover}`;
      it(`row 43: the ttl in the record decides, whoever reads it: ${name}`, async () => {
        const world = manualWorld();
        const dead = world.process();
        const marginMs = 0.06 * holderTtlMs;
        await world.settle(dead.mutex({ ttlMs: holderTtlMs, marginMs }).acquire());
        const backoff = { maxMs: 2_000 };
        const waiter = world.process().mutex({ ttlMs: waiterTtlMs, takeover, backoff });
        const acquiring = waiter.acquire({ timeoutMs: Infinity });
        await world.until('the lock was seen', () => world.emulator.requests.last()?.method === 'GET');
        const seenAt = world.emulator.clock.now();
        dead.kill();
        const lease = await world.settle(acquiring);
        const tookMs = takeoverAt(world) - seenAt;
        const staleMs = takeover === 'observation' ? 1.05 * holderTtlMs + SKEW_MS : holderTtlMs + SKEW_MS;
        expect(tookMs).toBeGreaterThanOrEqual(takeover === 'observation' ? staleMs : staleMs - ONE_POLL_MS);
        expect(tookMs).toBeLessThanOrEqual(staleMs + 1_000 + ONE_POLL_MS);
        expect(world.object()?.metadata?.['ttl-ms']).toBe(String(waiterTtlMs));
        expect(await world.settle(lease.release())).toBe(true);
        await world.end();
      });
    }
  }
});
