import { describe, expect, it } from 'vitest';
import type { ChaosEvent, ChaosHistory } from '../history.ts';
import { fixtureHistory } from './fixture.ts';
import { timelineOf } from './timeline.ts';

const SETTINGS = { seed: 3, durationMs: 10_000, workerCount: 1, faultEveryMs: 1_000 };
const EMPTY = fixtureHistory({ ...SETTINGS, durationMs: 1 });
const OF = { worker: 'worker-1', incarnation: 1 };
const STARTED: ChaosEvent = { ...OF, kind: 'started', atMs: 100, pid: 1 };

/** A run of one worker to which nothing happened but this. */
function historyOf(...events: readonly ChaosEvent[]): ChaosHistory {
  const facts = { ...EMPTY.facts, workers: ['worker-1'], durationMs: 10_000 };
  return { ...EMPTY, facts, events, beliefs: [] };
}

const barsOf = (...events: readonly ChaosEvent[]) =>
  timelineOf(historyOf(...events)).lanes[0]?.bars.map(([kind, fromMs, untilMs]) => [kind, fromMs, untilMs]);

describe('the timeline of a chaos run', () => {
  it('counts a process as not running until it starts, and from its death to its next start', () => {
    const again: ChaosEvent = { ...OF, incarnation: 2, kind: 'started', atMs: 2_000, pid: 2 };
    expect(barsOf(STARTED, { ...OF, kind: 'killed', atMs: 1_000 }, again)).toEqual([
      ['dead', 0, 100],
      ['dead', 1_000, 2_000],
    ]);
  });

  it('ends with the process whatever it was doing, but not what was done to its network', () => {
    expect(
      barsOf(
        STARTED,
        { ...OF, kind: 'waiting', atMs: 200 },
        { ...OF, kind: 'partition-begins', atMs: 300, direction: 'both' },
        { ...OF, kind: 'paused', atMs: 400 },
        { ...OF, kind: 'blocked', atMs: 450, place: 'anywhere' },
        { ...OF, kind: 'killed', atMs: 500 },
        { ...OF, kind: 'exited', atMs: 501, code: undefined },
        { ...OF, kind: 'partition-ends', atMs: 600 },
      ),
    ).toEqual([
      ['dead', 0, 100],
      ['waiting', 200, 500],
      ['partition', 300, 600],
      ['paused', 400, 500],
      ['blocked', 450, 500],
      ['dead', 500, 10_000],
    ]);
  });

  it('takes what does not end for lasting until the end of the run', () => {
    expect(barsOf(STARTED, { ...OF, kind: 'waiting', atMs: 9_000 })).toEqual([
      ['dead', 0, 100],
      ['waiting', 9_000, 10_000],
    ]);
  });

  it('has a mark for every fault, and a lane for every worker', () => {
    const history = fixtureHistory({ ...SETTINGS, durationMs: 120_000, workerCount: 5 });
    const { lanes, outages } = timelineOf(history);
    expect(lanes.map(({ name }) => name)).toEqual(history.facts.workers);
    const faults = new Set(['killed', 'paused', 'blocked', 'partition', 'clock']);
    const marks = lanes.flatMap((lane) => lane.marks.filter(([kind]) => faults.has(kind)));
    const count = Object.values(history.verdict.faultCounts).reduce((sum, each) => sum + each, 0);
    expect(marks.length + outages.length).toBe(count);
    expect(count).toBeGreaterThan(50);
  });
});
