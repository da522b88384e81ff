import { describe, expect, it } from 'vitest';
import { rest } from '../through/traffic.ts';
import { type Call, MATCH, plant, strike } from './calls.ts';
import { manualWorld } from './world.ts';

const WHY = new Error('the caller has had enough');

describe('an abort', () => {
  for (const call of ['C', 'G', 'T'] as const satisfies readonly Call[]) {
    for (const when of ['before', 'after'] as const) {
      it(`row 46: during ${call}, ${when} its turn, rejects at once and leaves nothing behind`, async () => {
        const world = manualWorld();
        if (call !== 'C') await plant(world);
        if (call === 'T') await world.outlast(60_000);
        const script = world.emulator.faults.add({ when, do: { kind: 'hold' }, match: MATCH[call] });
        const controller = new AbortController();
        const acquiring = world.process().mutex().acquire({ signal: controller.signal });
        const rejected = acquiring.catch((reason: unknown) => reason);
        await world.until('it is under way', () => script.struck.length === 1);
        const startedAt = world.nowMs();
        controller.abort(WHY);
        expect(await rejected).toBe(WHY);
        expect(world.nowMs()).toBe(startedAt);
        script.release();
        await world.end();
        const left = world.object()?.metadata?.['lease-id'];
        expect(left, 'nothing, or what was there before').toBe(call === 'G' ? 'd'.repeat(32) : undefined);
      });
    }
  }

  it('row 46: before the call sends nothing', async () => {
    const world = manualWorld();
    const signal = AbortSignal.abort(WHY);
    const mutex = world.process().mutex();
    const calls = [
      () => mutex.acquire({ signal }),
      () => mutex.tryAcquire({ signal }),
      () => mutex.run(() => 1, { signal }),
      () => mutex.tryRun(() => 1, { signal }),
      () => mutex.status({ signal }),
      () => mutex.breakLock({ signal }),
    ];
    for (const call of calls) await expect(world.settle<unknown>(call())).rejects.toBe(WHY);
    expect(world.emulator.requests.count).toBe(0);
    await world.end();
  });

  it('row 46: between two reads of a waiting caller rejects at once', async () => {
    const world = manualWorld();
    await plant(world);
    const controller = new AbortController();
    const rejected = world
      .process()
      .mutex()
      .acquire({ signal: controller.signal })
      .catch((reason: unknown) => reason);
    await world.advance(5_000);
    const { count } = world.emulator.requests;
    controller.abort(WHY);
    expect(await rejected).toBe(WHY);
    await world.advance(60_000);
    expect(world.emulator.requests.count).toBe(count);
    await world.end();
  });

  it('row 46: while a late grant is being confirmed by a refresh rejects at once and leaves nothing', async () => {
    const world = manualWorld();
    const player = world.process();
    const answer = strike(world, 'C', { when: 'after', do: { kind: 'hold' } });
    const controller = new AbortController();
    const acquiring = player.mutex().acquire({ signal: controller.signal });
    const rejected = acquiring.catch((reason: unknown) => reason);
    await world.until('the create is answered', () => answer.struck.length === 1);
    player.machine.stop();
    answer.release();
    await world.advance(60_000);
    const refresh = strike(world, 'R', { when: 'before', do: { kind: 'hold' } });
    player.machine.resume(true);
    await world.until('it is being confirmed', () => refresh.struck.length === 1);
    controller.abort(WHY);
    expect(await rejected).toBe(WHY);
    refresh.release();
    await world.end();
    expect(world.object()).toBeUndefined();
  });

  it('row 46: of status, breakLock, refresh and release rejects at once', async () => {
    const world = manualWorld();
    const player = world.process();
    const mutex = player.mutex();
    const lease = await world.settle(mutex.acquire());
    for (const call of ['G', 'R', 'D'] as const)
      strike(world, call, { when: 'before', do: { kind: 'stall' } }, 100);
    const calls = [
      (signal: AbortSignal) => mutex.status({ signal }),
      (signal: AbortSignal) => mutex.breakLock({ signal }),
      (signal: AbortSignal) => lease.refresh({ signal }),
      (signal: AbortSignal) => lease.release({ signal }),
    ];
    for (const call of calls) {
      const controller = new AbortController();
      const rejected = call(controller.signal).catch((reason: unknown) => reason);
      await rest();
      controller.abort(WHY);
      expect(await rejected).toBe(WHY);
    }
    expect(lease.isHeld).toBe(false);
    await world.end();
  });
});
