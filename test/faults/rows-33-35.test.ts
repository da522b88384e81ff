import { expect, it } from 'vitest';
import { type Call, MATCH, plant, remove } from './calls.ts';
import { manualWorld, type ManualWorld } from './world.ts';

const TTL_MS = 60_000;

/** Starts an acquisition, and stops its process while the answer to one of its calls is under way. */
async function stopBeforeAnswer(world: ManualWorld, call: Call) {
  const player = world.process();
  const answer = world.emulator.faults.add({ when: 'after', do: { kind: 'hold' }, match: MATCH[call] });
  const acquiring = player.mutex().acquire();
  await world.until('the answer is under way', () => answer.struck.length === 1);
  player.machine.stop();
  answer.release();
  return { player, acquiring };
}

for (const isSilent of [false, true]) {
  const signal = isSilent ? 'without SIGCONT' : 'with SIGCONT';

  it(`row 33: a holder that was stopped for longer than its ttl knows at once that it lost (${signal})`, async () => {
    const world = manualWorld();
    const player = world.process();
    const lease = await world.settle(player.mutex().acquire());
    player.machine.stop();
    const next = await world.settle(world.process().mutex().acquire());
    // Before any of its timers runs.
    expect(lease.isHeld).toBe(false);
    expect(lease.remainingMs).toBe(0);
    expect(lease.signal.aborted).toBe(true);
    expect(() => lease.throwIfLost()).toThrow(expect.objectContaining({ reason: 'expired' }));
    player.machine.resume(isSilent);
    expect(await world.settle(lease.release())).toBe(false);
    expect(world.object()?.metadata?.['lease-id']).toBe(next.leaseId);
    expect(await world.settle(next.release())).toBe(true);
    await world.end();
  });
}

it('row 33: a refresh that was under way when its holder was stopped is refused and revives nothing', async () => {
  const world = manualWorld();
  const player = world.process();
  const lease = await world.settle(player.mutex().acquire());
  const late = world.emulator.faults.add({ when: 'before', do: { kind: 'hold' }, match: MATCH.R });
  const refreshing = expect(lease.refresh()).rejects.toMatchObject({ reason: 'expired' });
  await world.until('the refresh is under way', () => late.struck.length === 1);
  player.machine.stop();
  const next = await world.settle(world.process().mutex().acquire());
  late.release();
  player.machine.resume();
  await world.settle(refreshing);
  expect(late.struck[0]?.applied).toBe(412);
  expect(lease.isHeld).toBe(false);
  expect(await world.settle(next.release())).toBe(true);
  await world.end();
});

it('row 34: a waiter that was stopped between its read and its takeover is refused if anything changed', async () => {
  const world = manualWorld();
  await plant(world);
  await world.outlast(TTL_MS);
  const { player, acquiring } = await stopBeforeAnswer(world, 'G');
  const rival = await world.settle(world.process().mutex().acquire());
  player.machine.resume();
  const takeover = world.emulator.faults.add({
    when: 'after',
    do: { kind: 'delay', ms: 0 },
    match: { ...MATCH.T, where: ({ headers }) => headers['x-test-process'] === 'process 1' },
  });
  await world.until('it has tried', () => takeover.struck.length === 1);
  expect(takeover.struck[0]?.applied).toBe(412);
  expect(world.object()?.metadata?.['lease-id']).toBe(rival.leaseId);
  expect(await world.settle(rival.release())).toBe(true);
  expect(await world.settle((await world.settle(acquiring)).release())).toBe(true);
  await world.end();
});

for (const call of ['C', 'T'] as const) {
  const start = async (world: ManualWorld): ReturnType<typeof stopBeforeAnswer> => {
    if (call === 'T') {
      await plant(world);
      await world.outlast(TTL_MS);
    }
    return stopBeforeAnswer(world, call);
  };

  it(`row 35: a grant (${call}) whose answer comes after its deadline is refreshed before it counts`, async () => {
    const world = manualWorld();
    const { player, acquiring } = await start(world);
    await world.advance(TTL_MS);
    player.machine.resume(true);
    const lease = await world.settle(acquiring);
    expect(world.object()?.metadata).toMatchObject({ 'lease-id': lease.leaseId, 'refresh-count': '1' });
    expect(lease.isHeld).toBe(true);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it(`row 35: a grant (${call}) whose answer comes after somebody else took over is none`, async () => {
    const world = manualWorld();
    const { player, acquiring } = await start(world);
    const rival = await world.settle(world.process().mutex().acquire());
    player.machine.resume(true);
    await world.advance(5_000);
    expect(player.events.filter(({ kind }) => kind === 'acquired')).toEqual([]);
    expect(world.object()?.metadata?.['lease-id']).toBe(rival.leaseId);
    expect(await world.settle(rival.release())).toBe(true);
    const lease = await world.settle(acquiring);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });

  it(`row 35: a grant (${call}) whose answer comes after its record was removed starts anew`, async () => {
    const world = manualWorld();
    const { player, acquiring } = await start(world);
    const first = world.object()?.metadata?.['lease-id'];
    await world.advance(TTL_MS);
    await remove(world);
    player.machine.resume(true);
    const lease = await world.settle(acquiring);
    expect(lease.leaseId).not.toBe(first);
    expect(await world.settle(lease.release())).toBe(true);
    await world.end();
  });
}
