import type {
  AcquireTimeoutError,
  BucketNotFoundError,
  ForeignObjectError,
  LeaseInDoubtError,
  LeaseLostError,
  LeaseReleasedError,
  NewerVersionError,
  PermissionDeniedError,
  RetentionError,
  StoreUnavailableError,
  UnauthenticatedError,
} from './errors.ts';
import type { RateMismatchError, TakeTimeoutError } from './rate/rate-errors.ts';
import type { PermitsMismatchError, PermitsUnknownError } from './semaphore/semaphore-errors.ts';
import type { ResourcesMismatchError, ResourcesUnknownError } from './pool/pool-errors.ts';
import type { WaitTimeoutError } from './event/wait-timeout.ts';

/** Every error class of this library, for a `switch` over `error.code`. */
export type AnyGcsMutexError =
  | AcquireTimeoutError
  | LeaseLostError
  | LeaseReleasedError
  | LeaseInDoubtError
  | ForeignObjectError
  | NewerVersionError
  | UnauthenticatedError
  | PermissionDeniedError
  | BucketNotFoundError
  | RetentionError
  | StoreUnavailableError
  | PermitsMismatchError
  | PermitsUnknownError
  | ResourcesMismatchError
  | ResourcesUnknownError
  | WaitTimeoutError
  | RateMismatchError
  | TakeTimeoutError;
