import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import type { GcsMutexOptions } from '../../src/index.ts';
import { FaultProxy } from '../faults/proxy.ts';
import { Child, type Start } from './child.ts';
import { TakeoverWatch } from './takeover.ts';

const BUCKET = 'processes';
const NAME = 'locks/nightly';
const TTL_MS = 3_000;
const MARGIN_MS = 600;

/** By observation a record is stale after this long. */
const OBSERVED_MS = 1.05 * TTL_MS;

/** A server, and the network of one of the processes, which a test can break. */
async function setUp(more: GcsMutexOptions = {}) {
  const server = await startEmulator({ buckets: [BUCKET] });
  const takeovers = new TakeoverWatch(server, BUCKET, NAME);
  const proxy = await FaultProxy.start(server.url);
  const options = {
    ttlMs: TTL_MS,
    marginMs: MARGIN_MS,
    clockSkewMs: 0,
    mutationIntervalMs: 0,
    // No answer is late because the machine has much else to do.
    requestTimeoutMs: 60_000,
    ...more,
  };
  const carriedOut = (method: string, count = 1): Promise<void> => {
    const match = { method, object: NAME };
    const done = server.faults.add({ when: 'after', match, do: { kind: 'delay', ms: 0 }, times: count });
    return done.strikes(count);
  };
  return {
    server,
    proxy,
    takeovers,
    /** Resolves when so many more requests of a kind have been carried out. */
    carriedOut,
    /** Resolves when another refresh has been carried out, or can be no more, as where the machine gave it no time. */
    refreshed: (holder: Child) => Promise.race([carriedOut('PATCH'), holder.next('lost')]),
    behindProxy: (own: GcsMutexOptions = {}, start: Start = {}) =>
      new Child(BUCKET, NAME, { ...options, apiEndpoint: proxy.url, ...own }, start),
    direct: (own: GcsMutexOptions = {}) =>
      new Child(BUCKET, NAME, { ...options, apiEndpoint: server.url, ...own }),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** Ways to stop a process, and whether it has to be a job of a shell for that. */
const STOPS: readonly (readonly [NodeJS.Signals, boolean])[] = [
  ['SIGSTOP', false],
  ['SIGTSTP', true],
];

/** Waits for a moment that the settings name, not for a guessed one. */
async function passed(atMs: number): Promise<void> {
  while (Date.now() < atMs) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

describe.concurrent('real processes', () => {
  it('row 30: a holder that is cut off loses the lock by its own clock, a margin before another wins', async () => {
    await using world = await setUp();
    await using holder = world.behindProxy();
    await using waiter = world.direct();
    holder.tell({ kind: 'acquire', andRefresh: true });
    await holder.either(['refreshed', 'lost']);
    world.proxy.partition();
    waiter.tell({ kind: 'acquire' });
    expect(await holder.next('lost')).toMatchObject({ reason: 'expired' });
    expect(await holder.next('overdue'), 'in time, by a timer of its own').toMatchObject({ isAborted: true });
    const { at } = await world.takeovers.first(TTL_MS);
    expect(at - holder.deadlineAt).toBeGreaterThanOrEqual(MARGIN_MS - 0.05 * TTL_MS);
    holder.tell({ kind: 'check' });
    expect(await holder.next('state')).toMatchObject({ isHeld: false, isAborted: true });
  });

  it('row 31: a waiter that comes back takes nothing from a holder that went on refreshing', async () => {
    await using world = await setUp();
    await using holder = world.direct();
    await using waiter = world.behindProxy({ takeover: 'observation', requestTimeoutMs: 1_000 });
    holder.tell({ kind: 'acquire' });
    await holder.next('granted');
    const looked = world.carriedOut('GET');
    waiter.tell({ kind: 'acquire' });
    await looked;
    world.proxy.partition();
    const since = holder.heard;
    await passed(Date.now() + OBSERVED_MS);
    await holder.either(['refreshed', 'lost'], since);
    world.proxy.heal();
    await Promise.race([world.carriedOut('GET', 2), world.takeovers.first(OBSERVED_MS)]);
    holder.process.kill('SIGKILL');
    await holder.ended();
    // Counted from the last refresh, of which there were some out of its sight.
    const { ageMs } = await world.takeovers.first(OBSERVED_MS);
    expect(ageMs).toBeGreaterThanOrEqual(OBSERVED_MS - 1);
  });

  it('row 31: a waiter that comes back and sees the very record it knew takes it over at once', async () => {
    await using world = await setUp();
    await using holder = world.direct();
    await using waiter = world.behindProxy({ takeover: 'observation' });
    holder.tell({ kind: 'acquire' });
    await holder.next('granted');
    holder.process.kill('SIGKILL');
    await holder.ended();
    let readCount = 0;
    // The second read shows that the answer to the first has arrived.
    const isCutOff = new Promise<void>((resolve) => {
      world.proxy.toServer = ({ method }) => {
        if (method === 'GET') readCount += 1;
        if (readCount < 2) return 'pass';
        resolve();
        return 'lose';
      };
    });
    waiter.tell({ kind: 'acquire' });
    await isCutOff;
    await passed(Date.now() + OBSERVED_MS);
    expect(world.takeovers.hasTakenOver).toBe(false);
    const { count } = world.takeovers;
    world.proxy.heal();
    // What is under way was lost, and nobody told.
    for (const { client } of world.proxy.lines) client.destroy();
    await world.takeovers.first(OBSERVED_MS);
    expect(world.takeovers.methodsSince(count)).toEqual(['GET', 'POST']);
  });

  it('row 32: a holder that hears nothing gives up in time, though its refresh was applied', async () => {
    await using world = await setUp();
    await using holder = world.behindProxy();
    await using waiter = world.direct();
    holder.tell({ kind: 'acquire' });
    await holder.next('granted');
    world.proxy.toClient = () => 'lose';
    await world.refreshed(holder);
    waiter.tell({ kind: 'acquire' });
    expect(await holder.next('lost')).toMatchObject({ reason: 'expired' });
    expect(await holder.next('overdue'), 'in time, by a timer of its own').toMatchObject({ isAborted: true });
    const { at, ageMs } = await world.takeovers.first(TTL_MS);
    expect(ageMs).toBeGreaterThanOrEqual(TTL_MS);
    expect(at - holder.deadlineAt).toBeGreaterThanOrEqual(MARGIN_MS - 0.05 * TTL_MS);
  });

  it('row 35: a grant whose answer came while its process was stopped is refreshed before it counts', async () => {
    await using world = await setUp({ ttlMs: 30_000, marginMs: 3_000 });
    await using holder = world.direct();
    const { faults } = world.server;
    const answer = faults.add({ when: 'after', match: { method: 'POST' }, do: { kind: 'hold' }, times: 1 });
    const refresh = faults.add({
      when: 'before',
      match: { method: 'PATCH' },
      do: { kind: 'hold' },
      times: 1,
    });
    holder.tell({ kind: 'acquire' });
    await answer.strikes(1);
    await holder.kill('SIGSTOP');
    await holder.stopped();
    answer.release();
    // The server is of this process: what it answers next shows that it has written that answer.
    await fetch(`${world.server.url}/storage/v1/b/${BUCKET}`);
    await holder.kill('SIGCONT');
    await refresh.strikes(1);
    // It answers in order: what it had said before would have been heard by now.
    holder.tell({ kind: 'memory' });
    await holder.next('memory');
    expect(holder.heardOf('granted')).toBe(false);
    refresh.release();
    await holder.next('granted');
    expect(world.server.object(BUCKET, NAME)?.metadata?.['refresh-count']).toBe('1');
  });

  it.each(STOPS)(
    'row 42: a holder that %s stopped while its connections died refreshes over a new one, and goes on',
    async (signal, isJob) => {
      // Half of what is left of the lease is what a refresh has time for: minutes.
      await using world = await setUp({
        ttlMs: 900_000,
        marginMs: 90_000,
        refreshIntervalMs: 500,
        requestTimeoutMs: 600_000,
      });
      await using holder = world.behindProxy({}, { isJob });
      holder.tell({ kind: 'acquire' });
      await holder.next('refreshed');
      await holder.kill(signal);
      await holder.stopped();
      for (const line of world.proxy.lines) line.isDead = true;
      const dead = [...world.proxy.lines];
      const lostBytes = () => dead.reduce((sum, line) => sum + line.lostBytes, 0);
      const before = holder.heard;
      const stoppedAt = Date.now();
      await passed(stoppedAt + 1_000);
      await holder.kill('SIGCONT');
      await holder.next('refreshed', before);
      // An attempt over a dead connection would have had to run out first.
      expect(Date.now() - stoppedAt).toBeLessThan(300_000);
      expect(world.proxy.lines.length).toBeGreaterThan(dead.length);
      holder.tell({ kind: 'check' });
      const settled = holder.heard;
      expect(await holder.next('state', settled)).toMatchObject({ isHeld: true, isAborted: false });
      // An overdue refresh may have left before the process heard of its stop; the release may not be lost like that.
      const lostBefore = lostBytes();
      holder.tell({ kind: 'release' });
      expect((await holder.next('released')).wasHeld).toBe(true);
      expect(holder.heardOf('lost')).toBe(false);
      expect(lostBytes(), 'the release was entrusted to no dead connection').toBe(lostBefore);
      expect(world.server.object(BUCKET, NAME)).toBeUndefined();
    },
  );

  for (const [holderTtlMs, waiterTtlMs] of [
    [3_000, 500],
    [2_000, 30_000],
  ] as const) {
    it(`row 43: a record of ${holderTtlMs} ms is left alone for that long by a waiter of ${waiterTtlMs} ms`, async () => {
      await using world = await setUp();
      const marginOf = (ttlMs: number) => ({ ttlMs, marginMs: ttlMs / 10 });
      await using holder = world.direct(marginOf(holderTtlMs));
      await using waiter = world.direct(marginOf(waiterTtlMs));
      holder.tell({ kind: 'acquire', andRefresh: true });
      await world.refreshed(holder);
      waiter.tell({ kind: 'acquire' });
      holder.process.kill('SIGKILL');
      await holder.ended();
      const { ageMs, staleLooks } = await world.takeovers.first(holderTtlMs);
      expect(ageMs).toBeGreaterThanOrEqual(holderTtlMs);
      expect(staleLooks, 'the first look that showed it stale was the last').toBeLessThanOrEqual(1);
    });
  }
});
