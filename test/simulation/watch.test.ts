import { describe, expect, it } from 'vitest';
import { Checker } from './checker.ts';
import { Machine } from './machine.ts';
import { Process } from './process.ts';
import { Watch } from './watch.ts';
import { World } from './world.ts';

/** The settings of a lock. */
const SETTINGS = { timing: { ttlMs: 1_000, marginMs: 100 }, maxHoldMs: Infinity, refreshIntervalMs: 300 };

/** A world in which nobody does anything, and nothing happens. */
const EMPTY = new Set(['place 0', 'place 1', 'place 2', 'gap 1', 'gap 2']);

const LEASE_ID = 'a'.repeat(32);

function watched(): { world: World; process: Process; checker: Checker; watch: Watch } {
  const world = new World(1, { without: EMPTY });
  const process = new Process(world, new Machine('sleeps', 1, 1, { monotonicMs: 0, elapsedMs: 0 }), 9);
  const checker = new Checker();
  return { world, process, checker, watch: new Watch(process, checker, 1, SETTINGS, LEASE_ID) };
}

/** The record of the lease is written. */
function write(checker: Checker, process: Process): void {
  const call = {
    method: 'insert',
    ifGenerationMatch: '0',
    ifMetagenerationMatch: undefined,
    metadata: { 'lease-id': LEASE_ID },
  } as const;
  const { nowMs } = process;
  checker.onMutation({ call, sender: process.number, before: undefined, nowMs, serverMs: nowMs });
}

const REFRESHED = {
  kind: 'refreshed',
  lock: 'gs://bucket/name',
  leaseId: LEASE_ID,
  remainingMs: 900,
} as const;

describe('the watch on a lease', () => {
  it('takes a refresh from after a sleep for what it is, though one from before left at the same moment of the clock', () => {
    const { world, process, checker, watch } = watched();
    process.onSend();
    process.interrupt({ fromMs: 0, toMs: 300, kind: 'sleep' });
    while (world.timeline.step(300));
    process.onSend();
    write(checker, process);
    watch.onEvent(REFRESHED);
    watch.onClaim();
    expect(checker.verdict(400, -1)).toEqual([]);
  });

  it('lets no lease count from a send after its record was last written', () => {
    const { world, process, checker, watch } = watched();
    write(checker, process);
    while (world.timeline.step(300));
    process.onSend();
    watch.onEvent(REFRESHED);
    expect(checker.verdict(400, -1)).toEqual([
      `300.000 ms: lease ${LEASE_ID} counts from a send after its record was last written`,
    ]);
  });

  it('takes a lease that its clocks made doubtful, and that expired, for no mistake', () => {
    const { world, process, checker, watch } = watched();
    process.onSend();
    write(checker, process);
    watch.onEvent(REFRESHED);
    while (world.timeline.step(800));
    watch.onEvent({ ...REFRESHED, kind: 'in-doubt' });
    while (world.timeline.step(901));
    watch.onEvent({ ...REFRESHED, kind: 'lost', reason: 'expired' });
    expect(checker.verdict(1_000, -1)).toEqual([]);
  });
});
