/**
 * Testing code that uses a lock: a bucket in memory, as many imagined processes as you like, and a clock that the
 * test drives, so that outwaiting a crashed holder takes no time. Written for `node:test`; any runner will do.
 *
 * It needs no emulator:
 *
 *     node dist/examples/testing-your-code.js
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GcsMutex, LeaseLostError } from '../src/index.ts'; // in your own program: from 'gcs-mutex'
import { createMemoryBucket, type MemoryBucket } from '../src/testing/index.ts'; // from 'gcs-mutex/testing'

const LOCK = 'locks/nightly-report';

/** The code under test: it gets its mutex handed in. */
async function sendReport(mutex: GcsMutex, send: () => Promise<void>): Promise<string> {
  const result = await mutex.tryRun(send);
  return result.ran ? 'sent' : `left to ${result.holder}`;
}

/** Lets some time pass in the bucket's world, then waits for the outcome. */
async function after<T>(world: MemoryBucket, ms: number, outcome: Promise<T>): Promise<T> {
  await world.clock.advance(ms);
  return outcome;
}

await test('a report that is being sent is not sent twice', async () => {
  const world = createMemoryBucket();
  const sender = world.process();
  let sentCount = 0;
  // Sending takes half a minute of the world's time.
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      sentCount += 1;
      sender.machine.setTimer(30_000, 'foreground', resolve);
    });
  const firstOutcome = sendReport(sender.mutex(LOCK, { holder: 'the first' }), send);
  await world.clock.advance(1_000);
  const second = world.process().mutex(LOCK);
  assert.equal(await after(world, 0, sendReport(second, send)), 'left to the first');
  assert.equal(await after(world, 30_000, firstOutcome), 'sent');
  assert.equal(sentCount, 1);
  // Nothing is left in the bucket.
  assert.equal(world.emulator.object(world.bucket, LOCK), undefined);
});

await test('the next process gets in when a holder has crashed', async () => {
  const world = createMemoryBucket();
  const crashed = world.process();
  await after(world, 0, crashed.mutex(LOCK, { ttlMs: 60_000 }).acquire());
  crashed.machine.stop();
  const startedMs = world.clock.passedMs;
  const lease = await after(world, 70_000, world.process().mutex(LOCK).acquire());
  assert.ok(lease.isHeld);
  // The ttl, two seconds for the clocks inside the store, and a second because `Date` shows whole seconds.
  assert.ok(world.clock.passedMs - startedMs >= 62_000);
});

await test('work learns that its lock is gone', async () => {
  const world = createMemoryBucket();
  const mutex = world.process().mutex(LOCK);
  const lease = await after(world, 0, mutex.acquire());
  await after(world, 0, world.process().mutex(LOCK).breakLock());
  // The holder finds out at its next refresh, a third of the ttl after the last.
  await world.clock.advance(20_000);
  assert.ok(lease.signal.aborted);
  assert.throws(() => lease.throwIfLost(), LeaseLostError);
});
