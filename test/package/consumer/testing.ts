/** A user of every name that `gcs-mutex/testing` exports. */
import { createMemoryBucket, ManualClock, ManualMachine, rest, seededRandom } from 'gcs-mutex/testing';
import type { ImaginedProcess, MemoryBucket } from 'gcs-mutex/testing';
import { GcsMutex, type GcsRateLimiter, type Lease } from 'gcs-mutex';

export async function everyTool(): Promise<readonly unknown[]> {
  const world: MemoryBucket = createMemoryBucket({ seed: 7, buckets: ['memory', 'second'] });
  const process: ImaginedProcess = world.process();
  const mutex: GcsMutex = process.mutex('locks/a', { ttlMs: 60_000 }, { logger: () => undefined });
  const lease: Lease = await mutex.acquire();
  const limiter: GcsRateLimiter = process.rateLimiter('limits/a', { limit: 1, windowMs: 1_000 });
  await world.clock.advance(30_000);
  await rest();
  const machine: ManualMachine = process.machine;
  machine.stop();
  machine.resume(true);
  machine.suspend();
  machine.wake();
  await machine.running();
  await lease.release();
  const own = new GcsMutex(
    world.bucket,
    'locks/b',
    { apiEndpoint: 'http://127.0.0.1:1' },
    process.components,
  );
  return [
    own.url,
    limiter.url,
    machine.timerCount,
    world.emulator.requests.count,
    world.emulator.object(world.bucket, 'a'),
  ];
}

export function timeAndChance(): readonly (number | string | undefined)[] {
  const clock = new ManualClock(1_700_000_000_000);
  const machine = new ManualMachine(clock);
  const cancel: () => void = machine.setTimer(1_000, 'background', () => undefined);
  cancel();
  const random = seededRandom(1);
  const { monotonicMs } = machine.now();
  return [
    clock.passedMs,
    clock.wallMs(),
    clock.untilNextTimerMs,
    monotonicMs,
    random.draw(),
    random.leaseId(),
  ];
}
