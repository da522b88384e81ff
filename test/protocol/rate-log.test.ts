import { describe, expect, it } from 'vitest';
import { TakeLog } from '../../src/protocol/rate-log.ts';

describe('a log of what was taken', () => {
  it('counts each for the window, and 5 % longer for a clock that runs fast', () => {
    const log = new TakeLog(1_000);
    log.add(2, 0);
    log.add(1, 500);
    expect(log.used(1_049)).toBe(3);
    expect(log.used(1_050)).toBe(1);
    expect(log.used(1_550)).toBe(0);
  });

  it('says when few enough will count', () => {
    const log = new TakeLog(1_000);
    log.add(2, 0);
    log.add(3, 500);
    expect(log.downTo(5, 600)).toBe(600);
    expect(log.downTo(4, 600)).toBe(1_050);
    expect(log.downTo(3, 600)).toBe(1_050);
    expect(log.downTo(2, 600)).toBe(1_550);
    expect(log.downTo(0, 600)).toBe(1_550);
  });

  it('remembers no more pieces however much is taken, and counts each as of the latest of its piece', () => {
    const log = new TakeLog(1_000);
    for (let ms = 0; ms < 5_000; ms += 0.25) log.add(1, ms);
    expect(log.taken(5_000).length).toBeLessThan(260);
    // 4 200 are in the window; those of one piece more may count still.
    expect(log.used(5_000)).toBeGreaterThanOrEqual(4_199);
    expect(log.used(5_000)).toBeLessThan(4_220);
  });

  it('counts together what was taken within a 256th of the window', () => {
    // With the 5 % of it a piece of 105 ms.
    const log = new TakeLog(25_600);
    log.add(1, 0);
    log.add(2, 105);
    log.add(4, 106);
    expect(log.taken(106)).toEqual([
      { count: 4, ageMs: 0 },
      { count: 3, ageMs: 1 },
    ]);
  });

  it('forgets only the oldest, and only as many as were marked', () => {
    const log = new TakeLog(1_000);
    log.add(2, 0);
    log.add(3, 500);
    log.add(5, 550);
    log.forget(log.oldest(4, 600));
    expect(log.taken(600)).toEqual([
      { count: 5, ageMs: 50 },
      { count: 1, ageMs: 100 },
    ]);
    expect(log.used(600)).toBe(6);
  });

  it('forgets what counts elsewhere, and nothing that came later', () => {
    const log = new TakeLog(1_000);
    log.add(2, 0);
    log.add(3, 500);
    const marked = log.oldest(4, 600);
    log.add(1, 700);
    log.forget(marked);
    expect(log.taken(700)).toEqual([
      { count: 1, ageMs: 0 },
      { count: 1, ageMs: 200 },
    ]);
    expect(log.used(700)).toBe(2);
  });

  it('does not forget twice what has ended meanwhile', () => {
    const log = new TakeLog(1_000);
    log.add(2, 0);
    log.add(3, 500);
    const marked = log.oldest(3, 600);
    expect(log.used(1_100)).toBe(3);
    log.forget(marked);
    expect(log.used(1_100)).toBe(2);
  });
});
