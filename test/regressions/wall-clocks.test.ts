import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { manualWorld } from '../faults/world.ts';

/**
 * Where a client writes "expires at" by its own wall clock, or compares the server's times with it, a client
 * whose clock is an hour ahead takes over live locks, and one whose clock is behind never takes over a dead one.
 */
const DAYS_OFF = [-400, 0, 400];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** What happens, and when, in a world whose clients' wall clocks are off. */
async function history(daysOff: number): Promise<string[]> {
  vi.setSystemTime(Date.UTC(2030, 0, 1) + daysOff * 86_400_000);
  const world = manualWorld();
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${world.nowMs()}: ${what}`);
  const [holder, waiter] = [world.process(), world.process()];
  const lease = await world.settle(holder.mutex().acquire());
  note('acquired');
  const acquiring = waiter.mutex({ acquireTimeoutMs: 300_000 }).acquire();
  await world.advance(70_000);
  note(`still held: ${lease.isHeld}`);
  // The wall clock jumps while the lease is held: ahead, and back further.
  vi.setSystemTime(Date.now() + 7_200_000);
  await world.advance(30_000);
  note(`still held: ${lease.isHeld}`);
  vi.setSystemTime(Date.now() - 14_400_000);
  await world.advance(30_000);
  note(`still held: ${lease.isHeld}`);
  holder.kill();
  const next = await world.settle(acquiring);
  note('taken over');
  await world.settle(next.release());
  const record = world.emulator.requests.mutations().map(({ body }) => Buffer.from(body).toString());
  expect(record.join('\n'), 'no date of a client is written').not.toMatch(/20\d\d-\d\d-\d\d|expires/);
  await world.end();
  return log;
}

it('clients whose wall clocks are off by days, or jump by hours, do the very same at the very same time', async () => {
  const histories = [];
  for (const daysOff of DAYS_OFF) histories.push(await history(daysOff));
  expect(histories[0]).toHaveLength(5);
  expect(histories[0]?.slice(1, 4).every((line) => line.endsWith('still held: true'))).toBe(true);
  for (const other of histories) expect(other).toEqual(histories[0]);
});
