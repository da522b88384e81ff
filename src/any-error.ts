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
import type { RateMismatchError, TakeTimeoutError } from './rate-errors.ts';
import type { PermitsMismatchError, PermitsUnknownError } from './semaphore-errors.ts';
import type { ResourcesMismatchError, ResourcesUnknownError } from './pool-errors.ts';
import type { WaitTimeoutError } from './wait-timeout.ts';

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
