import { expect } from 'vitest';
import type { GcsMutexError } from '../../src/errors.ts';
import { type CallFault, plant, strike } from './calls.ts';
import { playRows, type Row } from './rows.ts';

const OWN_CAUSE = new Error('what the work met with');
/** What work may throw; none of it may come out changed. */
const THROWN: readonly unknown[] = [
  new Error('the work failed', { cause: OWN_CAUSE }),
  Object.freeze(new TypeError('frozen')),
  'a string',
  undefined,
];

const FAILURES: readonly { readonly code: string; readonly fault: CallFault }[] = [
  { code: 'ERR_STORE_UNAVAILABLE', fault: { when: 'before', do: { kind: 'status', status: 301 } } },
  { code: 'ERR_PERMISSION_DENIED', fault: { when: 'before', do: { kind: 'status', status: 403 } } },
];

const both: readonly Row[] = FAILURES.map(({ code, fault }) => ({
  row: 47,
  name: `work that throws, under a lock whose release fails too (${code}), rejects with what it threw, untouched`,
  play: async (world) => {
    for (const method of ['run', 'tryRun'] as const) {
      for (const [index, thrown] of world.some(THROWN).entries()) {
        const name = `locks/${method}-${index}`;
        const reported: GcsMutexError[] = [];
        const player = world.process();
        const mutex = player.mutex({ onReleaseError: (error) => void reported.push(error) }, name);
        const script = strike(world, 'D', fault);
        const before = Reflect.ownKeys(Object(thrown));
        const outcome = await world.settle(
          mutex[method](() => {
            throw thrown;
          }).then(
            () => 'done',
            (reason: unknown) => ({ reason }),
          ),
        );
        expect(script.struck).toHaveLength(1);
        expect(outcome).toEqual({ reason: thrown });
        expect((outcome as { reason: unknown }).reason).toBe(thrown);
        expect(Reflect.ownKeys(Object(thrown))).toEqual(before);
        if (index === 0) expect(thrown).toHaveProperty('cause', OWN_CAUSE);
        // The other error is reported once, with what it takes to put the two together.
        expect(reported).toMatchObject([{ code, lock: mutex.url }]);
        expect(player.events.at(-1)).toMatchObject({
          kind: 'release-failed',
          error: reported[0],
          lock: mutex.url,
        });
      }
    }
  },
}));

const releaseAlone: Row = {
  row: 47,
  name: 'work that is done, under a lock whose release fails, is done: the failure is reported only',
  play: async (world) => {
    const reported: GcsMutexError[] = [];
    const mutex = world.process().mutex({ onReleaseError: (error) => void reported.push(error) });
    strike(world, 'D', { when: 'before', do: { kind: 'status', status: 403 } });
    expect(await world.settle(mutex.run(() => 42))).toBe(42);
    expect(reported).toMatchObject([{ code: 'ERR_PERMISSION_DENIED' }]);
  },
};

const lossToo: Row = {
  row: 47,
  name: 'work that throws after its lock was lost rejects with the loss, and with what it threw as its cause',
  play: async (world) => {
    const thrown = new Error('the work failed');
    const mutex = world.process().mutex();
    const running = mutex.run(async (lease) => {
      await plant(world);
      await lease.refresh().catch(() => undefined);
      throw thrown;
    });
    await expect(world.settle(running)).rejects.toMatchObject({
      code: 'ERR_LEASE_LOST',
      reason: 'taken-over',
      cause: thrown,
    });
  },
};

playRows([...both, releaseAlone, lossToo]);
