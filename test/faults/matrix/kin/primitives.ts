import { GcsEvent } from '../../../../src/event/event.ts';
import { GcsResourcePool } from '../../../../src/pool/pool.ts';
import { GcsRateLimiter } from '../../../../src/rate/rate-limiter.ts';
import { GcsSemaphore } from '../../../../src/semaphore/semaphore.ts';
import type { Player, World } from '../../world.ts';
import type { Seen } from '../cell.ts';
import { QUICK } from '../stories.ts';

/** What is built on the lock, or on its parts. */
export type Primitive = 'semaphore' | 'pool' | 'event' | 'rate limiter';

/** What a cell makes a lock, or what is built on it, with. */
export interface Options {
  readonly ttlMs?: number | undefined;
  readonly refreshIntervalMs?: number | undefined;
  readonly acquireTimeoutMs?: number | undefined;
}

export const NAMES: Readonly<Record<Primitive, string>> = {
  semaphore: 'limits/one',
  pool: 'pools/one',
  event: 'events/one',
  'rate limiter': 'rates/one',
};

/** What is stored under a name below that of a primitive. */
export function stored(
  world: World,
  of: Primitive,
  below: string,
): Readonly<Record<string, string>> | undefined {
  return world.object(NAMES[of] + below)?.metadata ?? undefined;
}

/** What a write may have left is looked for until a request's time is over, which each cell waits for. */
const { ttlMs, mutationIntervalMs, backoff } = QUICK;
const PLAIN = { mutationIntervalMs, backoff, requestTimeoutMs: 1_000 };
const LEASED = { ...PLAIN, ttlMs };

export function semaphoreOf({ parts }: Player, options: Options = {}): GcsSemaphore {
  const all = { ...LEASED, ...parts.options, permits: 2, ...options };
  return new GcsSemaphore(parts.bucket, NAMES.semaphore, all, parts.components);
}

export function poolOf({ parts }: Player, options: Options = {}): GcsResourcePool {
  return new GcsResourcePool(
    parts.bucket,
    NAMES.pool,
    { ...LEASED, ...parts.options, ...options },
    parts.components,
  );
}

export function eventOf({ parts }: Player): GcsEvent {
  return new GcsEvent(parts.bucket, NAMES.event, { ...PLAIN, ...parts.options }, parts.components);
}

export function rateOf({ parts }: Player): GcsRateLimiter {
  const options = { ...PLAIN, ...parts.options, limit: 10, windowMs: 50 };
  return new GcsRateLimiter(parts.bucket, NAMES['rate limiter'], options, parts.components);
}

const isOwn = (player: Player, leaseId: string | undefined): boolean =>
  player.line.sent.some(({ body }) => leaseId !== undefined && body?.includes(leaseId));

/** Whose the lock is that a call was about. */
export function leftOf(
  world: World,
  player: Player,
  of: 'semaphore' | 'pool',
  names: readonly string[],
): Seen['left'] {
  const leaseIds = names.flatMap((name) => stored(world, of, `/${name}`)?.['lease-id'] ?? []);
  if (leaseIds.length === 0) return 'none';
  return leaseIds.every((leaseId) => isOwn(player, leaseId)) ? 'own' : "other's";
}
