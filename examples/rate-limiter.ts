/**
 * Two workers that may call somebody else's service ten times a second, both together.
 *
 * Try it against the embedded emulator:
 *
 *     npm run emulator -- --bucket my-bucket        # in another terminal
 *     STORAGE_EMULATOR_HOST=http://127.0.0.1:4443 node dist/examples/rate-limiter.js
 */
import { GcsRateLimiter } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

/** In life each worker is a process of its own, on any machine: they have nothing in common but the name. */
function worker(): GcsRateLimiter {
  return new GcsRateLimiter(process.env['LOCK_BUCKET'] ?? 'my-bucket', 'limits/ten-a-second', {
    limit: 10,
    windowMs: 1_000,
  });
}

const startedAt = performance.now();

async function work(name: string, callCount: number): Promise<void> {
  // What is left of its share is given back at the end of this block. That never throws.
  await using limiter = worker();
  for (let call = 1; call <= callCount; call += 1) {
    await limiter.take(); // first come, first served; `take(3)` takes three at once
    console.log(`${(performance.now() - startedAt).toFixed(0).padStart(6)} ms  ${name}: call ${call}`);
  }
}

await Promise.all([work('anna', 20), work('ben', 20)]);

// Whoever would rather not wait asks, and is told when to come back.
const limiter = worker();
const { ok, remaining, retryAfterMs } = await limiter.tryTake();
console.log(ok ? `one more, ${remaining} are left` : `none left: again in ${retryAfterMs} ms`);
await limiter.release();
