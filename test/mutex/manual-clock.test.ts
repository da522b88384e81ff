import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/index.ts';

describe('a manual clock', () => {
  it('never fires a timer before its time, however late in the life of the world it is set', async () => {
    const clock = new ManualClock();
    await clock.advance(86_400_000);
    const machine = clock.machine();
    await clock.advance(1_234.567);
    for (let index = 1; index <= 300; index += 1) {
      const untilMs = machine.now().monotonicMs + 2_000 * Math.abs(Math.sin(index));
      let fireCount = 0;
      const wait = (): void => {
        fireCount += 1;
        const leftMs = untilMs - machine.now().monotonicMs;
        if (leftMs > 0 && fireCount < 10) machine.setTimer(leftMs, 'foreground', wait);
      };
      machine.setTimer(untilMs - machine.now().monotonicMs, 'foreground', wait);
      await clock.advance(2_000);
      expect(fireCount).toBe(1);
    }
  });

  it('fires timers in the order of their times, over all machines', async () => {
    const clock = new ManualClock();
    const machines = [clock.machine(), clock.machine()];
    const fired: string[] = [];
    for (const [index, machine] of machines.entries()) {
      for (const delayMs of [30, 10]) {
        machine.setTimer(delayMs + index, 'background', () => fired.push(`${index} after ${clock.passedMs}`));
      }
    }
    await clock.advance(100);
    expect(fired).toEqual(['0 after 10', '1 after 11', '0 after 30', '1 after 31']);
    expect(clock.passedMs).toBe(100);
  });

  it('stops the monotonic clock of a suspended machine, and only that', async () => {
    const clock = new ManualClock();
    const machine = clock.machine();
    let firedAt: number | undefined;
    machine.setTimer(100, 'foreground', () => {
      firedAt = clock.passedMs;
    });
    machine.suspend();
    await clock.advance(1_000);
    expect(machine.now()).toEqual({ monotonicMs: 0, elapsedMs: 1_000 });
    machine.wake();
    await clock.advance(1_000);
    expect(firedAt).toBe(1_100);
    expect(machine.now()).toEqual({ monotonicMs: 1_000, elapsedMs: 2_000 });
  });

  it('counts the time in which a process is stopped, and fires what is overdue when it goes on', async () => {
    const clock = new ManualClock();
    const machine = clock.machine();
    let resumeCount = 0;
    machine.onResume(() => {
      resumeCount += 1;
    });
    let firedAt: number | undefined;
    machine.setTimer(100, 'foreground', () => {
      firedAt = clock.passedMs;
    });
    machine.stop();
    await clock.advance(1_000);
    expect(machine.now()).toEqual({ monotonicMs: 1_000, elapsedMs: 1_000 });
    expect(firedAt).toBeUndefined();
    machine.resume();
    await clock.advance(0);
    expect(firedAt).toBe(1_000);
    expect(resumeCount).toBe(1);
  });
});
