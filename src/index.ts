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
export { type EventStatus, GcsEvent, type GcsEventOptions, type NextSetOptions } from './event.ts';
export { EVENTS_CHANNEL, type LockEvent, type Logger } from './events.ts';
export { type BreakableLock, type CleanOptions, GcsLocks } from './factory.ts';
export type { AuthLike, BucketLike } from './gcs/types.ts';
export type { Lease, ReleaseOptions } from './lease.ts';
export type { ListedLock } from './listed.ts';
export type { LeaseTiming } from './lock.ts';
export type { FoundLock } from './looking.ts';
export { type AcquireOptions, type CallOptions, GcsMutex, type TryRunResult } from './mutex.ts';
export type { BackoffOptions, GcsMutexOptions } from './options.ts';
export type { LiveObjectOptions } from './live-objects.ts';
export { GcsResourcePool } from './pool.ts';
export type {
  GcsResourcePoolOptions,
  PoolAcquireOptions,
  PoolTryOptions,
  PoolTryRunResult,
} from './pool-options.ts';
export { ResourcesMismatchError, ResourcesUnknownError } from './pool-errors.ts';
export type { PoolStatus, ResourceStatus } from './pool-status.ts';
export type { PooledResource } from './pooled-resource.ts';
export type { LossReason } from './protocol/hold-state.ts';
export type { TakeResult } from './rate-callers.ts';
export { type Rate, RateMismatchError, TakeTimeoutError } from './rate-errors.ts';
export {
  type GcsRateLimiterOptions,
  GcsRateLimiter,
  type GiveBackOptions,
  type TakeOptions,
} from './rate-limiter.ts';
export type { RateShareStatus, RateStatus } from './rate-status.ts';
export {
  GcsSemaphore,
  type GcsSemaphoreOptions,
  type SemaphoreAcquireOptions,
  type SemaphoreTryOptions,
  type SemaphoreTryRunResult,
} from './semaphore.ts';
export { PermitsMismatchError, PermitsUnknownError } from './semaphore-errors.ts';
export type { SemaphoreLease } from './semaphore-lease.ts';
export type { PermitStatus, SemaphoreStatus } from './semaphore-status.ts';
export type { LockStatus, LockVersion } from './status.ts';
export { WaitTimeoutError } from './wait-timeout.ts';
