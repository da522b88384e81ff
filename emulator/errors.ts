/** One entry of a Google error body's `errors`. */
export interface ErrorDetail {
  readonly message: string;
  readonly domain: string;
  readonly reason: string;
  readonly locationType?: string;
  readonly location?: string;
}

/** The JSON body of a refused request, as the JSON API sends it. */
export interface ErrorBody {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly errors: readonly ErrorDetail[];
  };
}

/** What `errorBody` may be told beside status and message. */
export interface ErrorDetails {
  /** The reason word; default: what the service most often says with that status. */
  readonly reason?: string | undefined;
  /** Default `global`, and `usageLimits` for 429. */
  readonly domain?: string | undefined;
  readonly locationType?: string | undefined;
  readonly location?: string | undefined;
}

/**
 * The reason that goes with a status when a caller names none.
 * Source: "HTTP status and error codes for JSON" in Google's Cloud Storage documentation.
 */
const DEFAULT_REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'invalid'],
  [401, 'authError'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [408, 'uploadBrokenConnection'],
  [409, 'conflict'],
  [412, 'conditionNotMet'],
  [416, 'requestedRangeNotSatisfiable'],
  [429, 'rateLimitExceeded'],
  [500, 'backendError'],
  [501, 'notImplemented'],
  [502, 'backendError'],
  [503, 'backendError'],
  [504, 'backendError'],
]);

/** The words of a failed precondition, as the service says them (java-storage pull request 861 tells since when). */
const CONDITION_NOT_MET = 'At least one of the pre-conditions you specified did not hold.';

/**
 * Builds a Google error body. A 412 whose reason is `conditionNotMet` gets the `If-Match` location that the
 * service adds to it.
 *
 * @param code - the HTTP status.
 * @param message - said twice, as the service does: at the top and in the one entry of `errors`.
 */
export function errorBody(code: number, message: string, details: ErrorDetails = {}): ErrorBody {
  const reason = details.reason ?? DEFAULT_REASONS.get(code) ?? 'backendError';
  const unmet = code === 412 && reason === 'conditionNotMet';
  const locationType = details.locationType ?? (unmet ? 'header' : undefined);
  const location = details.location ?? (unmet ? 'If-Match' : undefined);
  const detail: ErrorDetail = {
    message,
    domain: details.domain ?? (code === 429 ? 'usageLimits' : 'global'),
    reason,
    ...(locationType === undefined ? {} : { locationType }),
    ...(location === undefined ? {} : { location }),
  };
  return { error: { code, message, errors: [detail] } };
}

/** A refusal on its way to becoming an answer. Thrown inside routes, never out of the handler. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly details: ErrorDetails;
  /** What the answer has beside the usual headers. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    details: ErrorDetails = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.details = details;
    this.headers = headers;
  }
}

/** 404 for an object. Wording: nodejs-storage issue 1183, firebase-tools pull request 3647. */
export function objectNotFound(bucket: string, object: string): ApiError {
  return new ApiError(404, `No such object: ${bucket}/${object}`);
}

/** 404 for a bucket, the same for every call that names it. */
export function bucketNotFound(): ApiError {
  return new ApiError(404, 'The specified bucket does not exist.');
}

/** 412 for an `if...Match` that did not hold. */
export function conditionNotMet(): ApiError {
  return new ApiError(412, CONDITION_NOT_MET);
}

/** 429 for a mutation that comes too soon. Wording: quoted in many public logs. */
export function rateLimited(bucket: string, object: string): ApiError {
  return new ApiError(
    429,
    `The object ${bucket}/${object} exceeded the rate limit for object mutation operations (create, update, and delete). Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.`,
  );
}

/** 304 for an `if...NotMatch` that did not hold. It has no body. */
export function notModified(): ApiError {
  return new ApiError(304, 'Not Modified');
}

/** 416 for a range without any byte of the object. Wording: quoted in many public logs. */
export function rangeNotSatisfiable(size: number): ApiError {
  return new ApiError(416, 'Request range not satisfiable', {}, { 'content-range': `bytes */${size}` });
}

/** 400 for a value that breaks a rule. */
export function invalid(message: string): ApiError {
  return new ApiError(400, message);
}

/** 400 for the value of a query parameter or a header. */
export function invalidParameter(message: string, location: string, locationType = 'parameter'): ApiError {
  return new ApiError(400, message, { reason: 'invalidParameter', locationType, location });
}

/** 400 for something that had to be given. */
export function required(location: string): ApiError {
  return new ApiError(400, 'Required', { reason: 'required', locationType: 'parameter', location });
}

/**
 * 501 for whatever this emulator does not imitate. The real service would do something here; answering with
 * a guess would let a test pass on a behaviour that nobody has checked.
 *
 * @param what - names the missing piece, since it becomes the message.
 */
export function notImitated(what: string): ApiError {
  return new ApiError(501, `The gcs-mutex emulator does not imitate this: ${what}.`);
}
