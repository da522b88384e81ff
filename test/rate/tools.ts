import type { GcsRateLimiter, GcsRateLimiterOptions } from '../../src/rate/rate-limiter.ts';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../../src/testing/index.ts';

export const NAME = 'limits/mail';

/** The store takes one write a second to an object, as Google does. */
export function createWorld(): MemoryBucket {
  return createMemoryBucket({ mutationsPerSecond: 1, mutationBurst: 1 });
}

/** A limiter as a process of its own makes it. */
export function limiterOf(
  world: MemoryBucket,
  options: Partial<GcsRateLimiterOptions> = {},
  process: ImaginedProcess = world.process(),
): GcsRateLimiter {
  return process.rateLimiter(NAME, { limit: 10, windowMs: 1_000, ...options });
}

/** Lets time pass until something has settled. */
export async function settle<T>(world: MemoryBucket, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const over = (): void => settled.abort();
  work.then(over, over);
  await world.clock.advance(0);
  for (let step = 0; !settled.signal.aborted && step < 100_000; step += 1) {
    await world.clock.advance(Math.ceil(world.clock.untilNextTimerMs ?? 50));
  }
  if (!settled.signal.aborted) throw new Error('it never settles');
  return work;
}

/** What was asked of the store, as method and status. */
export function asked(world: MemoryBucket): string[] {
  return world.emulator.requests.all().map(({ method, status }) => `${method} ${status}`);
}

/** The most that any window of so many milliseconds has of some moments. */
export function mostInAWindow(takenMs: readonly number[], windowMs: number): number {
  const sorted = takenMs.toSorted((one, other) => one - other);
  let first = 0;
  return Math.max(
    0,
    ...sorted.map((ms, index) => {
      while ((sorted[first] ?? ms) <= ms - windowMs) first += 1;
      return index - first + 1;
    }),
  );
}
