import { expect, it } from 'vitest';
import type { Lease } from '../../src/lease.ts';
import type { GcsMutex } from '../../src/mutex.ts';
import { manualWorld } from './world.ts';

const HANDLES = 6;

for (const isShared of [false, true]) {
  const what = isShared ? 'callers that share one mutex object' : 'mutex objects on one lock in one process';
  it(`row 49: ${what} exclude each other, each by a lease of its own`, async () => {
    const world = manualWorld();
    const player = world.process();
    const one = player.mutex();
    const mutexes: GcsMutex[] = Array.from({ length: HANDLES }, () => (isShared ? one : player.mutex()));
    let insideCount = 0;
    let doneCount = 0;
    const leases: Lease[] = [];
    const work = async (mutex: GcsMutex): Promise<void> => {
      await mutex.run(
        async (lease) => {
          insideCount += 1;
          expect(insideCount).toBe(1);
          // Whoever held it before can neither refresh nor release for it.
          for (const old of leases) {
            expect(old.isHeld).toBe(false);
            expect(await old.release()).toBe(true);
            await expect(old.refresh()).rejects.toMatchObject({ code: 'ERR_LEASE_RELEASED' });
          }
          leases.push(lease);
          // One of the others asks in between, of another mutex object or of the same one.
          expect(await mutex.tryAcquire()).toBeUndefined();
          expect(world.object()?.metadata?.['lease-id']).toBe(lease.leaseId);
          expect(lease.isHeld).toBe(true);
          insideCount -= 1;
          doneCount += 1;
        },
        { timeoutMs: Infinity },
      );
    };
    await world.settle(Promise.all(mutexes.map(work)));
    expect(doneCount).toBe(HANDLES);
    expect(new Set(leases.map(({ leaseId }) => leaseId)).size).toBe(HANDLES);
    expect(world.object()).toBeUndefined();
    await world.end();
  });
}
