import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import type { GcsMutexOptions } from '../../src/index.ts';
import { takeoverAt } from '../faults/calls.ts';
import { FaultProxy } from '../faults/proxy.ts';
import { Child, type Start } from './child.ts';

const BUCKET = 'processes';
const NAME = 'locks/nightly';
const TTL_MS = 3_000;
const MARGIN_MS = 600;
/** The time that a busy machine may be late by; what is checked must hold without it. */
const SKEW_MS = 1_000;

/** A server, and the network of one of the processes, which a test can break. */
async function setUp(more: GcsMutexOptions = {}) {
  const server = await startEmulator({ buckets: [BUCKET] });
  const proxy = await FaultProxy.start(server.url);
  const options = {
    ttlMs: TTL_MS,
    marginMs: MARGIN_MS,
    clockSkewMs: SKEW_MS,
    mutationIntervalMs: 0,
    ...more,
  };
  return {
    server,
    proxy,
    /** When, by the server's clock, the lock's object was last changed. */
    updatedAt: () => server.object(BUCKET, NAME)?.updated ?? Number.NaN,
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
    holder.tell({ kind: 'acquire' });
    await holder.next('granted');
    waiter.tell({ kind: 'acquire' });
    await holder.next('refreshed');
    world.proxy.partition();
    const lost = await holder.next('lost');
    await waiter.next('granted');
    expect(lost.reason).toBe('expired');
    const gapMs = takeoverAt({ emulator: world.server }) - lost.at;
    expect(gapMs).toBeGreaterThanOrEqual(MARGIN_MS - 0.05 * TTL_MS);
    holder.tell({ kind: 'check' });
    expect(await holder.next('state')).toMatchObject({ isHeld: false, isAborted: true });
  });

  it('row 31: a waiter that comes back takes nothing from a holder that went on refreshing', async () => {
    await using world = await setUp();
    await using holder = world.direct();
    await using waiter = world.behindProxy({ takeover: 'observation', requestTimeoutMs: 1_000 });
    holder.tell({ kind: 'acquire' });
    await holder.next('granted');
    waiter.tell({ kind: 'acquire' });
    await holder.next('refreshed', holder.heard);
    world.proxy.partition();
    await passed(Date.now() + 1.05 * TTL_MS + SKEW_MS);
    world.proxy.heal();
    const reads = world.server.faults.add({
      when: 'after',
      match: { method: 'GET' },
      do: { kind: 'delay', ms: 0 },
      times: 2,
    });
    await reads.strikes(2);
    expect(waiter.heardOf('granted')).toBe(false);
    holder.process.kill('SIGKILL');
    await holder.ended();
    const diedAt = world.updatedAt();
    await waiter.next('granted');
    expect(takeoverAt({ emulator: world.server }) - diedAt).toBeGreaterThanOrEqual(
      1.05 * TTL_MS + SKEW_MS - 1,
    );
  });

  it('row 31: a waiter that comes back and sees the very record it knew takes it over at once', async () => {
    await using world = await setUp();
    await using holder = world.direct();
    await using waiter = world.behindProxy({ takeover: 'observation', requestTimeoutMs: 500 });
    holder.tell({ kind: 'acquire' });
    await holder.next('granted');
    holder.process.kill('SIGKILL');
    await holder.ended();
    const seen = world.server.faults.add({
      when: 'after',
      match: { method: 'GET' },
      do: { kind: 'delay', ms: 0 },
      times: 2,
    });
    waiter.tell({ kind: 'acquire' });
    // The second read shows that the answer to the first has arrived.
    await seen.strikes(2);
    world.proxy.partition();
    await passed(Date.now() + 1.05 * TTL_MS + SKEW_MS);
    expect(takeoverAt({ emulator: world.server })).toBeNaN();
    world.proxy.heal();
    const healedAt = Date.now();
    await waiter.next('granted');
    expect(takeoverAt({ emulator: world.server }) - healedAt).toBeLessThan(1.05 * TTL_MS + SKEW_MS);
  });

  it('row 32: a holder that hears nothing gives up in time, though its refresh was applied', async () => {
    await using world = await setUp();
    await using holder = world.behindProxy();
    await using waiter = world.direct();
    holder.tell({ kind: 'acquire' });
    await holder.next('granted');
    waiter.tell({ kind: 'acquire' });
    await holder.next('refreshed');
    world.proxy.toClient = () => 'lose';
    const before = world.updatedAt();
    const lost = await holder.next('lost');
    expect(lost.reason).toBe('expired');
    const heardAt = world.updatedAt();
    expect(heardAt, 'a refresh was applied meanwhile').toBeGreaterThan(before);
    await waiter.next('granted');
    const wonAt = takeoverAt({ emulator: world.server });
    expect(wonAt - heardAt).toBeGreaterThanOrEqual(TTL_MS);
    expect(wonAt - lost.at).toBeGreaterThanOrEqual(MARGIN_MS - 0.05 * TTL_MS);
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
      await using world = await setUp({ ttlMs: 30_000, marginMs: 3_000, refreshIntervalMs: 500 });
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
      expect(Date.now() - stoppedAt).toBeLessThan(10_000);
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
      await using world = await setUp({ clockSkewMs: 0 });
      const marginOf = (ttlMs: number) => ({ ttlMs, marginMs: ttlMs / 10 });
      await using holder = world.direct(marginOf(holderTtlMs));
      await using waiter = world.direct(marginOf(waiterTtlMs));
      holder.tell({ kind: 'acquire' });
      await holder.next('granted');
      waiter.tell({ kind: 'acquire' });
      await holder.next('refreshed');
      holder.process.kill('SIGKILL');
      await holder.ended();
      const diedAt = world.updatedAt();
      await waiter.next('granted');
      const tookMs = takeoverAt({ emulator: world.server }) - diedAt;
      expect(tookMs).toBeGreaterThanOrEqual(holderTtlMs);
      // A second for the whole seconds of `Date`, one poll, and room for a busy machine.
      expect(tookMs).toBeLessThan(holderTtlMs + 1_000 + 2_000 + 5_000);
    });
  }
});
