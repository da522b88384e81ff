export type { AnyGcsMutexError } from './any-error.ts';
export type { Components } from './components.ts';
export {
  AcquireTimeoutError,
  BucketNotFoundError,
  ForeignObjectError,
  GcsMutexError,
  LeaseInDoubtError,
  LeaseLostError,
  LeaseReleasedError,
  NewerVersionError,
  PermissionDeniedError,
  RetentionError,
  StoreUnavailableError,
  UnauthenticatedError,
} from './errors.ts';
export { type EventStatus, GcsEvent, type GcsEventOptions, type NextSetOptions } from './event/event.ts';
export { EVENTS_CHANNEL, type LockEvent, type Logger } from './events.ts';
export { type BreakableLock, type CleanOptions, GcsLocks } from './factory/factory.ts';
export type { AuthLike, BucketLike } from './gcs/types.ts';
export type { Lease, ReleaseOptions } from './lease.ts';
export type { ListedLock } from './factory/listed.ts';
export type { LeaseTiming } from './lock.ts';
export type { FoundLock } from './factory/looking.ts';
export { type AcquireOptions, type CallOptions, GcsMutex, type TryRunResult } from './mutex.ts';
export type { BackoffOptions, GcsMutexOptions } from './options.ts';
export type { LiveObjectOptions } from './pool/live-objects.ts';
export { GcsResourcePool } from './pool/pool.ts';
export type {
  GcsResourcePoolOptions,
  PoolAcquireOptions,
  PoolTryOptions,
  PoolTryRunResult,
} from './pool/pool-options.ts';
export { ResourcesMismatchError, ResourcesUnknownError } from './pool/pool-errors.ts';
export type { PoolStatus, ResourceStatus } from './pool/pool-status.ts';
export type { PooledResource } from './pool/pooled-resource.ts';
export type { LossReason } from './protocol/hold-state.ts';
export type { TakeResult } from './rate/rate-callers.ts';
export { type Rate, RateMismatchError, TakeTimeoutError } from './rate/rate-errors.ts';
export {
  type GcsRateLimiterOptions,
  GcsRateLimiter,
  type GiveBackOptions,
  type TakeOptions,
} from './rate/rate-limiter.ts';
export type { RateShareStatus, RateStatus } from './rate/rate-status.ts';
export {
  GcsSemaphore,
  type GcsSemaphoreOptions,
  type SemaphoreAcquireOptions,
  type SemaphoreTryOptions,
  type SemaphoreTryRunResult,
} from './semaphore/semaphore.ts';
export { PermitsMismatchError, PermitsUnknownError } from './semaphore/semaphore-errors.ts';
export type { SemaphoreLease } from './semaphore/semaphore-lease.ts';
export type { PermitStatus, SemaphoreStatus } from './semaphore/semaphore-status.ts';
export type { LockStatus, LockVersion } from './status.ts';
export { WaitTimeoutError } from './event/wait-timeout.ts';
