import { expect, it } from 'vitest';
import { UnhurriedClock } from './unhurried-clock.ts';

/** Takes the machine away from this process, as other programs do. */
function getNoTime(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it('counts a time in which the process got nothing done for one turn of the event loop', async () => {
  using clock = new UnhurriedClock();
  const isDue = new Promise<string>((resolve) => {
    clock.setTimer(100, 'foreground', () => resolve('due'));
  });
  const startedMs = performance.now();
  getNoTime(200);
  expect(clock.passedMs).toBeLessThanOrEqual(10);
  const order = [clock.now().monotonicMs];
  // The timers of the system that are due run now.
  await new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
  order.push(clock.now().monotonicMs);
  expect(order[1]).toBeLessThan(100);
  expect(await isDue).toBe('due');
  order.push(clock.now().monotonicMs, performance.now() - startedMs);
  expect(order.at(2)).toBeGreaterThanOrEqual(100);
  expect(order).toEqual(order.toSorted((one, other) => one - other));
});

it('calls nobody back who has cancelled it', async () => {
  using clock = new UnhurriedClock();
  const called: string[] = [];
  const cancel = clock.setTimer(5, 'foreground', () => called.push('cancelled'));
  await new Promise<void>((resolve) => {
    clock.setTimer(20, 'foreground', resolve);
    getNoTime(50);
    cancel();
  });
  expect(called).toEqual([]);
});
