import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, isClean } from './checker.ts';
import { type ChaosEvent, readHistory, writeHistory } from './history.ts';
import { FACTS, PLANTED, Script } from './planted-histories.ts';

const verdictOf = (events: readonly ChaosEvent[]) => check(FACTS, events).verdict;

describe('the checker of the chaos runs', () => {
  for (const { name, events, overlaps, lostUpdates, lateWrites } of PLANTED) {
    it(`${overlaps + lostUpdates > 0 ? 'refuses' : 'accepts'} ${name}`, () => {
      const verdict = verdictOf(events);
      expect(verdict.troubles).toEqual([]);
      expect({
        overlaps: verdict.overlaps.length,
        lostUpdates: verdict.lostUpdates.length,
        lateWrites: verdict.lateWrites.length,
      }).toEqual({ overlaps, lostUpdates, lateWrites });
      expect(isClean(verdict)).toBe(overlaps + lostUpdates === 0);
    });
  }

  it('says of a late write by how much, why, and whether fencing would have refused it', () => {
    const script = new Script();
    script.grant('anna', 0).section('anna', 10, 'enter').section('anna', 20, 'read', 0);
    script.fault('paused', 'anna', 30).fault('resumed', 'anna', 1_500);
    script.grant('ben', 1_200).section('ben', 1_210, 'enter').look('ben', 1_300, false);
    // It looked at 25, was stopped at 30, and sent at 1 501 what it had decided at 25.
    script.write('anna', 1_501, 0, 0, { lookedAtMs: 25, remainingMs: 875 });
    expect(verdictOf(script.events).lateWrites).toMatchObject([
      { worker: 'anna', lateByMs: 601, cause: 'paused', hasSuccessor: true },
    ]);
  });

  it('does not take a pause that ended before the look for the cause of a late write', () => {
    const script = new Script();
    script.grant('anna', 0).fault('paused', 'anna', 5).fault('resumed', 'anna', 10);
    script.write('anna', 950, 0, 0, { lookedAtMs: 25, remainingMs: 875 });
    expect(verdictOf(script.events).lateWrites).toMatchObject([{ cause: 'slow', hasSuccessor: false }]);
  });

  it('counts a true look as a moment of belief though nothing is left of the lease', () => {
    const script = new Script();
    script.grant('anna', 0).grant('ben', 2_000).section('ben', 2_010, 'enter').write('ben', 2_020, 0, 0);
    script.look('anna', 2_100, true, -1_200);
    expect(verdictOf(script.events).overlaps).toHaveLength(1);
  });

  it('takes a run in which nothing was written, or a process broke down, for no proof', () => {
    expect(verdictOf(new Script().grant('anna', 0).events).troubles).toEqual(['nobody ever wrote']);
    const script = new Script().grant('anna', 0).write('anna', 10, 0, 0);
    script.events.push({ kind: 'exited', worker: 'anna', incarnation: 1, atMs: 20, code: 1 });
    expect(isClean(verdictOf(script.events))).toBe(false);
  });
});

describe('a recovery', () => {
  it('lasts from the kill of a holder until the next lease is believed in', () => {
    const script = new Script().grant('anna', 0).fault('killed', 'anna', 100).grant('ben', 1_700);
    const { recoveries, recoveryTimes } = verdictOf(script.events);
    expect(recoveries).toMatchObject([{ worker: 'anna', cause: 'killed', fromMs: 100, untilMs: 1_700 }]);
    expect(recoveryTimes).toMatchObject({
      count: 1,
      medianMs: 1_600,
      worstMs: 1_600,
      boundMs: 2_500,
      beyondBoundCount: 0,
    });
  });

  it('is none where the holder refreshed again, let go by itself, or had lost the lease before', () => {
    const short = new Script().grant('anna', 0).fault('paused', 'anna', 100).fault('resumed', 'anna', 200);
    short.look('anna', 400, true, 900).grant('ben', 1_700);
    expect(verdictOf(short.events).recoveries).toEqual([]);
    const released = new Script().grant('anna', 0).fault('blocked', 'anna', 100).leave('anna', 300);
    released.grant('ben', 500);
    expect(verdictOf(released.events).recoveries).toEqual([]);
    const over = new Script().grant('anna', 0).fault('killed', 'anna', 950).grant('ben', 1_700);
    expect(verdictOf(over.events).recoveries).toEqual([]);
  });

  it('does not count for the times where nobody could reach the store', () => {
    const script = new Script().grant('anna', 0).fault('killed', 'anna', 100);
    script.events.push(
      { kind: 'outage-begins', atMs: 200, direction: 'both' },
      { kind: 'outage-ends', atMs: 5_000 },
    );
    script.grant('ben', 5_100);
    const { recoveries, recoveryTimes } = verdictOf(script.events);
    expect(recoveries).toMatchObject([{ hadOutage: true }]);
    expect(recoveryTimes).toBeUndefined();
  });
});

describe('a history', () => {
  it('is read as it was written, and nothing else is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gcs-mutex-chaos-'));
    const path = join(folder, 'chaos.json');
    const { events } = new Script().grant('anna', 0).write('anna', 10, 0, 0);
    const history = { facts: FACTS, events, ...check(FACTS, events) };
    writeHistory(path, history);
    expect(readHistory(path)).toEqual({ format: 1, ...history });
    writeFileSync(path, '{"format":0,"events":[]}');
    expect(() => readHistory(path)).toThrow('is no history of a chaos run in format 1');
    rmSync(folder, { recursive: true });
  });
});
