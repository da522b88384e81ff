import type { Components } from '../components.ts';
import { GcsEvent, type GcsEventOptions } from '../event/event.ts';
import type { BucketLike } from '../gcs/types.ts';
import { GcsMutex } from '../mutex.ts';
import type { GcsMutexOptions } from '../options.ts';
import { GcsResourcePool } from '../pool/pool.ts';
import type { GcsResourcePoolOptions } from '../pool/pool-options.ts';
import { GcsRateLimiter, type GcsRateLimiterOptions } from '../rate/rate-limiter.ts';
import { GcsSemaphore, type GcsSemaphoreOptions } from '../semaphore/semaphore.ts';
import type { ManualMachine } from './manual-clock.ts';

/** One process of the imagined world: its machine, and what it has learnt of its locks. */
export interface ImaginedProcess {
  readonly machine: ManualMachine;
  readonly components: OwnComponents;
  /** A mutex as this process would make it. */
  mutex(name: string, options?: GcsMutexOptions, components?: Components): GcsMutex;
  /** An event as this process would make it. */
  event(name: string, options?: GcsEventOptions, components?: Components): GcsEvent;
  /** A pool as this process would make it. */
  pool<T = undefined>(
    name: string,
    options?: GcsResourcePoolOptions<T>,
    components?: Components,
  ): GcsResourcePool<T>;
  /** A rate limiter as this process would make it. */
  rateLimiter(name: string, options: GcsRateLimiterOptions, components?: Components): GcsRateLimiter;
  /** A semaphore as this process would make it. */
  semaphore(name: string, options?: GcsSemaphoreOptions, components?: Components): GcsSemaphore;
}

type OwnComponents = Required<Pick<Components, 'clock' | 'random' | 'transport' | 'memory'>>;

/** The bucket as a process is given it, and with which options it gets there. */
interface Access {
  readonly bucket: string | BucketLike;
  readonly options: Pick<GcsMutexOptions, 'apiEndpoint' | 'auth' | 'userProject'>;
}

/** A process that makes its locks on a bucket, with its own clock, chance, transport and memory. */
export function imagineProcess(
  machine: ManualMachine,
  own: OwnComponents,
  { bucket, options: access }: Access,
): ImaginedProcess {
  return {
    machine,
    components: own,
    mutex: (name, options = {}, components = {}) =>
      new GcsMutex(bucket, name, { ...access, ...options }, { ...own, ...components }),
    event: (name, options = {}, components = {}) =>
      new GcsEvent(bucket, name, { ...access, ...options }, { ...own, ...components }),
    pool: (name, options = {}, components = {}) =>
      new GcsResourcePool(bucket, name, { ...access, ...options }, { ...own, ...components }),
    rateLimiter: (name, options, components = {}) =>
      new GcsRateLimiter(bucket, name, { ...access, ...options }, { ...own, ...components }),
    semaphore: (name, options = {}, components = {}) =>
      new GcsSemaphore(bucket, name, { ...access, ...options }, { ...own, ...components }),
  };
}
