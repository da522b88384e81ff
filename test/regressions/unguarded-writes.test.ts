import { expect, it } from 'vitest';
import { MATCH } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

/**
 * Where a refresh or a release carries no precondition, whatever is under the name then is refreshed, or
 * deleted. A holder that was stopped for long does both as soon as it goes on.
 */
it('what a holder sends after a long stop is guarded by the version that it held, and so does nothing', async () => {
  const world = manualWorld();
  const player = world.process();
  const old = await world.settle(player.mutex().acquire());
  const oldGeneration = String(world.object()?.generation);
  const refresh = world.emulator.faults.add({ when: 'before', do: { kind: 'hold' }, match: MATCH.R });
  const refreshing = old.refresh().catch((reason: unknown) => reason);
  await world.until('a refresh is under way', () => refresh.struck.length === 1);
  player.machine.stop();
  const next = await world.settle(world.process().mutex().acquire());
  player.machine.resume();
  expect(await refreshing).toMatchObject({ code: 'ERR_LEASE_LOST' });
  expect(await world.settle(old.release())).toBe(false);
  refresh.release();
  const late = world.emulator.requests
    .mutations()
    .filter(({ method, headers }) => method !== 'POST' && headers['x-test-process'] === 'process 1');
  await world.until('both were decided', () => late.every(({ applied }) => applied !== undefined));
  expect(late.map(({ method, applied }) => `${method} ${applied}`)).toEqual(['PATCH 412', 'DELETE 412']);
  for (const { query } of late) expect(query['ifGenerationMatch']).toBe(oldGeneration);
  expect(world.object()?.metadata?.['lease-id']).toBe(next.leaseId);
  expect(await world.settle(next.release())).toBe(true);
  await world.end();
});
