/** A user of every name that `gcs-mutex` exports. */
import {
  AcquireTimeoutError,
  BucketNotFoundError,
  EVENTS_CHANNEL,
  ForeignObjectError,
  GcsMutex,
  GcsMutexError,
  LeaseInDoubtError,
  LeaseLostError,
  LeaseReleasedError,
  NewerVersionError,
  PermissionDeniedError,
  RetentionError,
  StoreUnavailableError,
  UnauthenticatedError,
  WaitTimeoutError,
} from 'gcs-mutex';
import type {
  AcquireOptions,
  AnyGcsMutexError,
  AuthLike,
  BackoffOptions,
  BucketLike,
  CallOptions,
  Components,
  GcsMutexOptions,
  Lease,
  LockEvent,
  LockStatus,
  LockVersion,
  Logger,
  LossReason,
  ReleaseOptions,
  TryRunResult,
} from 'gcs-mutex';

const backoff: BackoffOptions = { minMs: 100, maxMs: 2_000, factor: 2 };

/** Every option, with a value of each of its types. */
export function everyOption(auth: AuthLike): Required<GcsMutexOptions> {
  return {
    ttlMs: 60_000,
    refreshIntervalMs: 20_000,
    marginMs: 6_000,
    clockSkewMs: 2_000,
    takeover: 'observation',
    acquireTimeoutMs: Number.POSITIVE_INFINITY,
    requestTimeoutMs: 10_000,
    mutationIntervalMs: 1_000,
    backoff,
    maxHoldMs: 3_600_000,
    holder: 'nightly',
    metadata: { build: '7' },
    onRefreshError: (error: GcsMutexError) => error.message,
    onReleaseError: (error: GcsMutexError) => error.message,
    apiEndpoint: 'http://127.0.0.1:4443',
    auth,
    userProject: 'billed',
  };
}

export function everyMutex(bucket: BucketLike, auth: AuthLike, logger: Logger): readonly GcsMutex[] {
  const components: Components = { logger };
  return [
    new GcsMutex('my-bucket', 'locks/a'),
    new GcsMutex(bucket, 'locks/b', everyOption(auth), components),
    GcsMutex.fromUrl('gs://my-bucket/locks/c', { ttlMs: 5_000 }, components),
  ];
}

export async function everyCall(mutex: GcsMutex, signal: AbortSignal): Promise<string> {
  const waiting: AcquireOptions = { timeoutMs: 30_000, signal };
  const calling: CallOptions = { signal };
  const releasing: ReleaseOptions = { timeoutMs: 1_000, signal };

  const lease: Lease = await mutex.acquire(waiting);
  lease.throwIfLost();
  await lease.refresh(calling);
  const inner: AbortSignal = lease.signal;
  const lost: LeaseLostError | undefined = lease.lossError;
  const facts = [lease.lock, lease.leaseId, lease.isHeld, lease.remainingMs, inner.aborted, lost?.reason];
  const wasHeld: boolean = await lease.release(releasing);

  const maybe: Lease | undefined = await mutex.tryAcquire(calling);
  await maybe?.[Symbol.asyncDispose]();

  const value: number = await mutex.run(async (own: Lease) => own.remainingMs, waiting);
  const result: TryRunResult<'done'> = await mutex.tryRun((): 'done' => 'done', calling);

  const status: LockStatus | undefined = await mutex.status(calling);
  const ifVersion: LockVersion | undefined = status?.version;
  const broken: boolean = ifVersion !== undefined && (await mutex.breakLock({ ifVersion, signal }));
  return [mutex.url, ...facts, wasHeld, value, result.ran, broken].join(' ');
}

export function everyStatusField(status: LockStatus): string {
  const { holder, leaseId, since, refreshedAt, ttlMs, isStale, version, metadata } = status;
  const times: number = since.getTime() + refreshedAt.getTime() + ttlMs;
  return [
    holder,
    leaseId,
    times,
    isStale,
    version.generation,
    version.metageneration,
    metadata['build'],
  ].join();
}

/** Compiles only while each code belongs to one class, and the classes are all there are. */
export function explain(error: AnyGcsMutexError): string {
  switch (error.code) {
    case 'ERR_ACQUIRE_TIMEOUT':
      return `${error.holder?.holder} ${error.waitedMs} ${error.requestCount}`;
    case 'ERR_WAIT_TIMEOUT':
      return `${error.waitedMs} ${error.requestCount}`;
    case 'ERR_LEASE_LOST':
      return whyLost(error.reason);
    case 'ERR_FOREIGN_OBJECT':
    case 'ERR_NEWER_VERSION':
    case 'ERR_LEASE_RELEASED':
    case 'ERR_LEASE_IN_DOUBT':
    case 'ERR_UNAUTHENTICATED':
    case 'ERR_PERMISSION_DENIED':
    case 'ERR_BUCKET_NOT_FOUND':
    case 'ERR_RETENTION':
    case 'ERR_STORE_UNAVAILABLE':
    case 'ERR_PERMITS_UNKNOWN':
    case 'ERR_RATE_MISMATCH':
    case 'ERR_TAKE_TIMEOUT':
    case 'ERR_RESOURCES_UNKNOWN':
      return `${error.lock} ${error.message}`;
    case 'ERR_RESOURCES_MISMATCH':
      return [...error.stored, ...error.given].join();
    case 'ERR_PERMITS_MISMATCH':
      return `${error.stored} ${error.given}`;
    default: {
      const none: never = error;
      return none;
    }
  }
}

export function whyLost(reason: LossReason): string {
  const sentences: Readonly<Record<LossReason, string>> = {
    expired: 'not refreshed in time',
    'taken-over': 'somebody else has it',
    deleted: 'gone',
    edited: 'changed',
    'max-hold': 'held too long',
  };
  return sentences[reason];
}

/** Narrows by class, as a `catch` does. */
export function kindOf(error: unknown): string {
  if (error instanceof AcquireTimeoutError) return String(error.holder?.since.toISOString());
  if (error instanceof LeaseLostError) return error.reason;
  if (error instanceof WaitTimeoutError) return error.code;
  if (error instanceof LeaseReleasedError || error instanceof LeaseInDoubtError) return error.code;
  if (error instanceof NewerVersionError) return error.schema;
  if (error instanceof ForeignObjectError || error instanceof BucketNotFoundError) return error.name;
  if (error instanceof UnauthenticatedError || error instanceof PermissionDeniedError) return error.lock;
  if (error instanceof RetentionError || error instanceof StoreUnavailableError) return error.message;
  return error instanceof GcsMutexError ? error.code : 'not of this library';
}

export function everyEvent(event: LockEvent): string | number | boolean {
  switch (event.kind) {
    case 'waiting':
      return event.holder.holder;
    case 'acquired':
      return event.wasTakenOver ? event.waitedMs : event.requestCount + event.remainingMs;
    case 'refreshed':
      return event.remainingMs;
    case 'refresh-failed':
    case 'release-failed':
      return event.error.code;
    case 'in-doubt':
      return `${event.lock} ${event.leaseId}`;
    case 'lost':
      return event.reason;
    case 'released':
      return event.wasHeld;
    default: {
      const none: never = event;
      return none;
    }
  }
}

export const channel: 'gcs-mutex:events' = EVENTS_CHANNEL;
