/** A user of a rate limiter: takes, looks, gives back, and tells its errors apart. */
import {
  GcsLocks,
  GcsRateLimiter,
  type GcsRateLimiterOptions,
  type GiveBackOptions,
  type Rate,
  RateMismatchError,
  type RateShareStatus,
  type RateStatus,
  type TakeOptions,
  type TakeResult,
  TakeTimeoutError,
} from 'gcs-mutex';

const RATE: Rate = { limit: 100, windowMs: 1_000 };

export async function sendMail(send: () => Promise<void>, signal: AbortSignal): Promise<string> {
  const options: GcsRateLimiterOptions = { ...RATE, ttlMs: 30_000, clockSkewMs: 3_000 };
  const limiter = new GcsRateLimiter('my-bucket', 'limits/mail', options);
  const patience: TakeOptions = { timeoutMs: 10_000, signal };
  try {
    const taken: TakeResult = await limiter.tryTake(2);
    if (!taken.ok) await limiter.take(2, patience);
    await send();
    return tell(await limiter.status({ signal }));
  } catch (error) {
    if (error instanceof TakeTimeoutError) return `${error.count} after ${error.waitedMs}`;
    if (error instanceof RateMismatchError) return `${error.stored.limit}, not ${error.given.limit}`;
    throw error;
  } finally {
    const giveBack: GiveBackOptions = { timeoutMs: 1_000 };
    await limiter.release(giveBack);
  }
}

function tell(status: RateStatus | undefined): string {
  const processes: readonly RateShareStatus[] = status?.processes ?? [];
  return `${status?.available} of ${status?.limit}; ${processes.map(({ id, count }) => `${id} ${count}`).join()}`;
}

export async function once(): Promise<boolean> {
  const limiter = new GcsLocks('gs://my-bucket/limits').rateLimiter('report', {
    limit: 1,
    windowMs: 60_000,
    once: true,
  });
  const { ok, remaining, retryAfterMs } = await limiter.tryTake();
  return ok && remaining >= 0 && retryAfterMs === 0;
}
