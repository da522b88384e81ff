import { describe, expect, it } from 'vitest';
import { LeaseReleasedError } from '../../src/errors.ts';
import { plant, remove, strike } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

describe('release', () => {
  it('is one request, by the generation alone', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const { generation } = world.object() ?? {};
    const { count } = world.emulator.requests;
    expect(await world.settle(lease.release())).toBe(true);
    expect(world.emulator.requests.count).toBe(count + 1);
    const { method, query } = world.emulator.requests.last() ?? {};
    expect(method).toBe('DELETE');
    expect(query).toEqual({ ifGenerationMatch: String(generation) });
    await world.end();
  });

  it('ends the wait of whoever awaits a refresh', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const refreshing = lease.refresh().catch((error: unknown) => error);
    expect(await world.settle(lease.release())).toBe(true);
    expect(await world.settle(refreshing)).toBeInstanceOf(LeaseReleasedError);
    await world.end();
  });

  it('gives up after 8 s by itself, so that it fits into the 10 s that Cloud Run leaves', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    strike(world, 'D', { when: 'before', do: { kind: 'stall' } }, 100);
    const startedAt = world.nowMs();
    await expect(world.settle(lease.release())).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(world.nowMs() - startedAt).toBe(8_000);
    await world.end();
  });

  it('may be called again after it failed, and then tells whether it had freed the lock before', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const script = strike(world, 'D', { when: 'after', do: { kind: 'reset' } }, 100);
    const first = lease.release({ timeoutMs: 500 });
    await expect(world.settle(first)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    script.remove();
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  for (const how of ['by its time limit', 'by an abort'] as const) {
    it(`remembers, when it is ended ${how}, that the delete under way may have been applied`, async () => {
      const world = manualWorld();
      const lease = await world.settle(world.process().mutex().acquire());
      const script = strike(world, 'D', { when: 'after', do: { kind: 'hold' } });
      const controller = new AbortController();
      const options = how === 'by an abort' ? { signal: controller.signal } : { timeoutMs: 0 };
      const first = lease.release(options).catch((reason: unknown) => reason);
      await world.until('it is under way', () => script.struck.length === 1);
      controller.abort('enough');
      const reason = await world.settle(first);
      if (how === 'by an abort') expect(reason).toBe('enough');
      else expect(reason).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
      expect(world.object()).toBeUndefined();
      expect(await world.settle(lease.release())).toBe(true);
      await world.end();
    });
  }

  it('is false after a failure in which somebody else took over', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    const script = strike(world, 'D', { when: 'before', do: { kind: 'status', status: 429 } }, 100);
    await expect(world.settle(lease.release())).rejects.toMatchObject({ status: 429 });
    script.remove();
    const next = await world.settle(world.process().mutex().acquire());
    expect(await world.settle(lease.release())).toBe(false);
    expect(world.object()?.metadata?.['lease-id']).toBe(next.leaseId);
    expect(await world.settle(next.release())).toBe(true);
    await world.end();
  });

  it('of a lease that expired unnoticed still clears its own record away', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    player.machine.stop();
    await world.advance(100_000);
    player.machine.resume();
    expect(await world.settle(lease.release())).toBe(true);
    expect(lease.lossError?.reason).toBe('expired');
    await world.end();
  });

  it('is one request too where it finds the lease expired and a listener for that releases it', async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    let inner: Promise<boolean> | undefined;
    lease.signal.addEventListener('abort', () => {
      inner = lease.release();
    });
    player.machine.stop();
    await world.advance(100_000);
    player.machine.resume(true);
    const outer = lease.release();
    expect(await world.settle(Promise.all([inner, outer]))).toEqual([true, true]);
    const deletes = world.emulator.requests.mutations().filter(({ method }) => method === 'DELETE');
    expect(deletes).toHaveLength(1);
    await world.end();
  });

  it('rejects wrong options, and releases nothing', async () => {
    const world = manualWorld();
    const lease = await world.settle(world.process().mutex().acquire());
    for (const options of [{ timeoutMs: -1 }, { timeout: 5 }, { signal: 'now' }, null]) {
      const releasing = lease.release(options as never);
      await expect(releasing).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    }
    expect(lease.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it('frees a lock with a fencing counter in place', async () => {
    const world = manualWorld();
    await plant(world, { counter: '41' });
    await world.outlast(60_000);
    const lease = await world.settle(world.process().mutex().acquire());
    expect(world.object()?.metadata).toMatchObject({ state: 'held', counter: '42' });
    expect(await world.settle(lease.release())).toBe(true);
    expect(world.object()?.metadata).toMatchObject({ state: 'free', counter: '42' });
    await remove(world);
    await world.end();
  });
});
