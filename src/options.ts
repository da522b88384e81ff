import type { GcsMutexError } from './errors.ts';
import type { AuthLike } from './gcs/types.ts';

/** How the pauses of a waiting caller grow, from `minMs` by `factor` each time up to `maxMs`, with jitter. */
export interface BackoffOptions {
  /** Shortest pause, milliseconds. Default 100; at least 10. Shorter finds a free lock sooner and reads more. */
  readonly minMs?: number | undefined;
  /** Longest pause, milliseconds. Default 2 000; at least `minMs`. Longer reads less and finds out later. */
  readonly maxMs?: number | undefined;
  /** By what the longest pause so far grows. Default 2; from 1 to 10. */
  readonly factor?: number | undefined;
}

/**
 * The settings of a lock, all optional. Durations are in milliseconds. Wrong values and unknown names are
 * errors of the constructor, before any I/O.
 */
export interface GcsMutexOptions {
  /**
   * How long after its last refresh a crashed holder keeps others out. Default 60 000; from 5 000 (500 on an
   * emulator) to 86 400 000. Shorter recovers sooner and costs more refreshes; it must outlast the longest
   * pause of a healthy holder. Each holder's own choice counts for its lease, whatever others are set to.
   */
  readonly ttlMs?: number | undefined;
  /**
   * How often a holder refreshes. Default a third of `ttlMs`; at least 1 000 against Google, which takes about
   * one write a second per object. Shorter survives longer outages and costs more writes.
   */
  readonly refreshIntervalMs?: number | undefined;
  /**
   * How long before the end of its ttl a holder gives its lease up for lost. Default a tenth of `ttlMs`; at
   * least 6 % of it, since two clocks may differ in rate by up to 5 %.
   */
  readonly marginMs?: number | undefined;
  /**
   * What is added to a ttl before others take over: room for the difference between the clocks inside the
   * store. Default 2 000; 0 to 60 000. Shorter recovers sooner, at the risk of a store whose clocks differ.
   */
  readonly clockSkewMs?: number | undefined;
  /**
   * What may prove a record stale: the server's clocks, two times of one answer (`server-clock`, the default),
   * or only having watched it unchanged for a whole ttl (`observation`), which trusts no server clock and
   * takes a ttl longer.
   */
  readonly takeover?: 'server-clock' | 'observation' | undefined;
  /**
   * How long `acquire` and `run` wait. Default 2 x `ttlMs` + `clockSkewMs` + 3 000, enough to outwait a crashed
   * holder with the same ttl. `Infinity` waits for ever.
   */
  readonly acquireTimeoutMs?: number | undefined;
  /** How long one request may take, and `tryAcquire` in all. Default 10 000; 100 to 600 000. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * The shortest time between two writes of one caller to the lock object. Default 1 000, the store's own
   * ration; less only on an emulator, where the default is `refreshIntervalMs` if that is shorter. At most
   * `refreshIntervalMs`, since a refresh is a write.
   */
  readonly mutationIntervalMs?: number | undefined;
  /** The pauses of a caller who waits or tries again. Default from 100 to 2 000 milliseconds, twice as long each time. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * A lease ends this long after it was granted, however healthy: a guard against work that hangs. Default
   * none. The lock itself is free when the ttl has passed, or when the lease is released.
   */
  readonly maxHoldMs?: number | undefined;
  /**
   * A label for people, shown by `status` and in errors; never compared, so that it need not be unique. At most
   * 256 characters of printable ASCII. Default: where this process runs (Cloud Run job, execution, task and
   * attempt; service and revision; GitHub run; Kubernetes pod; else host and process id).
   */
  readonly holder?: string | undefined;
  /**
   * A few strings of your own for `status` to show: at most 16; names of lower-case letters, digits, `_`, `-`;
   * values of at most 1 024 characters of printable ASCII. Never a secret: whoever may read the bucket reads them.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Called with each failure of a refresh that will be tried again. What it throws is ignored. */
  readonly onRefreshError?: ((error: GcsMutexError) => void) | undefined;
  /** Called when `run` or `await using` could not confirm a release: the ttl ends the lock then. */
  readonly onReleaseError?: ((error: GcsMutexError) => void) | undefined;
  /** Another endpoint, such as `http://127.0.0.1:4443`. Default: STORAGE_EMULATOR_HOST, else Google. */
  readonly apiEndpoint?: string | undefined;
  /**
   * Credentials: an auth client or a `GoogleAuth` of google-auth-library. Default: Application Default
   * Credentials, and none on an emulator.
   */
  readonly auth?: AuthLike | undefined;
  /** The project that is billed, for a requester-pays bucket. */
  readonly userProject?: string | undefined;
}

/** The settings of what is read and written and never held, all optional: those that have to do with requests. */
export type DocumentOptions = Pick<
  GcsMutexOptions,
  'requestTimeoutMs' | 'mutationIntervalMs' | 'backoff' | 'apiEndpoint' | 'auth' | 'userProject'
>;
