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

describe('the watch on a lease', () => {
  it('takes a refresh from after a sleep for what it is, though one from before left at the same moment of the clock', () => {
    const world = new World(1, { without: EMPTY });
    const process = new Process(world, new Machine('sleeps', 1, 1, { monotonicMs: 0, elapsedMs: 0 }), 9);
    const checker = new Checker();
    const leaseId = 'a'.repeat(32);
    const watch = new Watch(process, checker, 1, SETTINGS, leaseId);
    process.onSend();
    process.interrupt({ fromMs: 0, toMs: 300, kind: 'sleep' });
    while (world.timeline.step(300));
    process.onSend();
    watch.onEvent({ kind: 'refreshed', lock: 'gs://bucket/name', leaseId, remainingMs: 900 });
    watch.onClaim();
    expect(checker.verdict(400, -1)).toEqual([]);
  });
});
