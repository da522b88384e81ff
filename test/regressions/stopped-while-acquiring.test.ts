import { describe, expect, it } from 'vitest';
import { MATCH, plant } from '../faults/calls.ts';
import { manualWorld } from '../faults/world.ts';

// A process that is frozen with its clocks while its create is under way hears of it when it goes on. The create may
// have been applied long ago: where it counted from its send, as these clocks show it, others saw a stale record, and
// two believed at once. Only a lease listened, and there was none yet.

const TTL_MS = 60_000;

// What the reducer makes of a stop stands in test/protocol/acquire-stop.test.ts.

describe('a stop while a write of an acquisition is under way', () => {
  for (const call of ['C', 'T'] as const) {
    it(`costs one refresh before the lease is given (${call})`, async () => {
      const world = manualWorld();
      if (call === 'T') {
        await plant(world);
        await world.outlast(TTL_MS);
      }
      const player = world.process();
      const answer = world.emulator.faults.add({ when: 'after', do: { kind: 'hold' }, match: MATCH[call] });
      const acquired = player.mutex().acquire();
      await world.until('the answer is under way', () => answer.struck.length === 1);
      player.machine.stop();
      player.machine.resume();
      answer.release();
      const lease = await world.settle(acquired);
      expect(world.object()?.metadata).toMatchObject({ 'lease-id': lease.leaseId, 'refresh-count': '1' });
      expect(lease.isHeld).toBe(true);
      expect(await world.settle(lease.release())).toBe(true);
      expect(player.machine.resumeListenerCount).toBe(0);
      await world.end();
    });
  }
});
