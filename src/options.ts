import type { AuthLike } from './gcs/types.ts';
import { outOfRange, unknownOption, wrongType } from './invalid-argument.ts';
import type { GcsMutexError } from './errors.ts';
import {
  isPrintableAscii,
  MAX_HOLDER_LENGTH,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_LENGTH,
  METADATA_KEY_PATTERN,
} from './protocol/record.ts';
import { MAX_TTL_MS } from './protocol/timing.ts';

/** How the pauses of a waiting caller grow, from `minMs` by `factor` each time up to `maxMs`, with jitter. */
export interface BackoffOptions {
  /** Shortest pause, milliseconds. Default 100; at least 10. Shorter finds a free lock sooner and reads more. */
  readonly minMs?: number;
  /** Longest pause, milliseconds. Default 2 000; at least `minMs`. Longer reads less and finds out later. */
  readonly maxMs?: number;
  /** By what the longest pause so far grows. Default 2; from 1 to 10. */
  readonly factor?: number;
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
  readonly ttlMs?: number;
  /**
   * How often a holder refreshes. Default a third of `ttlMs`; at least 1 000 against Google, which takes about
   * one write a second per object. Shorter survives longer outages and costs more writes.
   */
  readonly refreshIntervalMs?: number;
  /**
   * How long before the end of its ttl a holder gives its lease up for lost. Default a tenth of `ttlMs`; at
   * least 6 % of it, since two clocks may differ in rate by up to 5 %.
   */
  readonly marginMs?: number;
  /**
   * What is added to a ttl before others take over: room for the difference between the clocks inside the
   * store. Default 2 000; 0 to 60 000. Shorter recovers sooner, at the risk of a store whose clocks differ.
   */
  readonly clockSkewMs?: number;
  /**
   * What may prove a record stale: the server's clocks, two times of one answer (`server-clock`, the default),
   * or only having watched it unchanged for a whole ttl (`observation`), which trusts no server clock and
   * takes a ttl longer.
   */
  readonly takeover?: 'server-clock' | 'observation';
  /**
   * How long `acquire` and `run` wait. Default 2 x `ttlMs` + `clockSkewMs` + 3 000, enough to outwait a crashed
   * holder with the same ttl. `Infinity` waits for ever.
   */
  readonly acquireTimeoutMs?: number;
  /** How long one request may take, and `tryAcquire` in all. Default 10 000; 100 to 600 000. */
  readonly requestTimeoutMs?: number;
  /**
   * The shortest time between two writes of one caller to the lock object. Default 1 000, the store's own
   * ration; less only on an emulator, where the default is `refreshIntervalMs` if that is shorter. At most
   * `refreshIntervalMs`, since a refresh is a write.
   */
  readonly mutationIntervalMs?: number;
  readonly backoff?: BackoffOptions;
  /**
   * A lease ends this long after it was granted, however healthy: a guard against work that hangs. Default
   * none. The lock itself is free when the ttl has passed, or when the lease is released.
   */
  readonly maxHoldMs?: number;
  /**
   * A label for people, shown by `status` and in errors; never compared, so that it need not be unique. At most
   * 256 characters of printable ASCII. Default: where this process runs (Cloud Run job, execution, task and
   * attempt; service and revision; GitHub run; Kubernetes pod; else host and process id).
   */
  readonly holder?: string;
  /**
   * A few strings of your own for `status` to show: at most 16; names of lower-case letters, digits, `_`, `-`;
   * values of at most 1 024 characters of printable ASCII. Never a secret: whoever may read the bucket reads them.
   */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Called with each failure of a refresh that will be tried again. What it throws is ignored. */
  readonly onRefreshError?: (error: GcsMutexError) => void;
  /** Called when `run` or `await using` could not confirm a release: the ttl ends the lock then. */
  readonly onReleaseError?: (error: GcsMutexError) => void;
  /** Another endpoint, such as `http://127.0.0.1:4443`. Default: STORAGE_EMULATOR_HOST, else Google. */
  readonly apiEndpoint?: string;
  /**
   * Credentials: an auth client or a `GoogleAuth` of google-auth-library. Default: Application Default
   * Credentials, and none on an emulator.
   */
  readonly auth?: AuthLike;
  /** The project that is billed, for a requester-pays bucket. */
  readonly userProject?: string;
}

/** The options with every default filled in; frozen. */
export interface Settings {
  readonly ttlMs: number;
  readonly refreshIntervalMs: number;
  readonly marginMs: number;
  readonly clockSkewMs: number;
  readonly takeover: 'server-clock' | 'observation';
  readonly acquireTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly mutationIntervalMs: number;
  readonly backoff: Required<BackoffOptions>;
  readonly maxHoldMs: number;
  readonly holder: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly onRefreshError: ((error: GcsMutexError) => void) | undefined;
  readonly onReleaseError: ((error: GcsMutexError) => void) | undefined;
}

/** Bounds that depend on whether the far side is Google or an emulator. */
interface Bounds {
  readonly minTtlMs: number;
  readonly minRefreshIntervalMs: number;
  readonly minMutationIntervalMs: number;
}

const GOOGLE: Bounds = { minTtlMs: 5_000, minRefreshIntervalMs: 1_000, minMutationIntervalMs: 1_000 };
const EMULATOR: Bounds = { minTtlMs: 500, minRefreshIntervalMs: 50, minMutationIntervalMs: 0 };

const OPTION_NAMES = [
  'ttlMs',
  'refreshIntervalMs',
  'marginMs',
  'clockSkewMs',
  'takeover',
  'acquireTimeoutMs',
  'requestTimeoutMs',
  'mutationIntervalMs',
  'backoff',
  'maxHoldMs',
  'holder',
  'metadata',
  'onRefreshError',
  'onReleaseError',
  'apiEndpoint',
  'auth',
  'userProject',
] as const satisfies readonly (keyof GcsMutexOptions)[];

/** Fails on anything that is not a plain object of known options. */
export function checkOptionNames(options: unknown, name: string, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongType(name, options, 'an object');
  }
  for (const key of Object.keys(options)) if (!known.includes(key)) throw unknownOption(key, known);
}

/** Checks the options that say where the store is and who asks, as far as that takes no look at them. */
export function checkConnectionOptions(options: GcsMutexOptions): void {
  checkOptionNames(options, 'options', OPTION_NAMES);
  const { auth, userProject }: { readonly auth?: unknown; readonly userProject?: unknown } = options;
  if (auth !== undefined && !hasMethod(auth, 'request') && !hasMethod(auth, 'getClient')) {
    throw wrongType('auth', auth, 'an auth client or a GoogleAuth of google-auth-library');
  }
  if (userProject === undefined) return;
  if (typeof userProject !== 'string') throw wrongType('userProject', userProject, 'a project id');
  if (userProject === '') throw outOfRange('userProject', userProject, 'a project id');
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function';
}

/**
 * Checks every option and every relation between them, and fills in the defaults.
 *
 * @param isEmulator - an emulator takes shorter times than Google does.
 */
export function resolveSettings(options: GcsMutexOptions, isEmulator: boolean): Settings {
  const bounds = isEmulator ? EMULATOR : GOOGLE;
  const where = isEmulator ? 'on an emulator' : 'against Google';
  const ttlMs = duration('ttlMs', options.ttlMs ?? 60_000, bounds.minTtlMs, MAX_TTL_MS, where);
  // It stands in the record, where only a whole number parses.
  if (!Number.isInteger(ttlMs)) throw outOfRange('ttlMs', ttlMs, 'a whole number of milliseconds');
  const clockSkewMs = duration('clockSkewMs', options.clockSkewMs ?? 2_000, 0, 60_000);
  const timing = resolveTiming(options, ttlMs, bounds, where);
  const takeover = options.takeover ?? 'server-clock';
  if (takeover !== 'server-clock' && takeover !== 'observation') {
    throw wrongType('takeover', takeover, "'server-clock' or 'observation'");
  }
  return Object.freeze({
    ttlMs,
    ...timing,
    clockSkewMs,
    takeover,
    acquireTimeoutMs: timeout(
      'acquireTimeoutMs',
      options.acquireTimeoutMs ?? 2 * ttlMs + clockSkewMs + 3_000,
    ),
    requestTimeoutMs: duration('requestTimeoutMs', options.requestTimeoutMs ?? 10_000, 100, 600_000),
    backoff: resolveBackoff(options.backoff ?? {}),
    maxHoldMs:
      options.maxHoldMs === undefined ? Infinity : duration('maxHoldMs', options.maxHoldMs, 1, 2 ** 40),
    holder: resolveHolder(options.holder),
    metadata: resolveMetadata(options.metadata ?? {}),
    onRefreshError: callback('onRefreshError', options.onRefreshError),
    onReleaseError: callback('onReleaseError', options.onReleaseError),
  });
}

/** A time limit of a call: a positive number of milliseconds, or Infinity. */
export function timeout(name: string, value: unknown): number {
  if (typeof value !== 'number') throw wrongType(name, value, 'a number of milliseconds, or Infinity');
  if (Number.isNaN(value) || value < 0) throw outOfRange(name, value, 'at least 0 milliseconds, or Infinity');
  return value;
}

/** An abort signal, or nothing. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw wrongType('signal', signal, 'an AbortSignal');
}

/** What `run` is to run: found out before the lock is taken for it. */
export function checkCallback(value: unknown): void {
  if (typeof value !== 'function') throw wrongType('callback', value, 'a function');
}

function resolveTiming(
  options: GcsMutexOptions,
  ttlMs: number,
  bounds: Bounds,
  where: string,
): Pick<Settings, 'refreshIntervalMs' | 'marginMs' | 'mutationIntervalMs'> {
  const marginMs = duration('marginMs', options.marginMs ?? ttlMs / 10, 0, ttlMs);
  if (marginMs < 0.06 * ttlMs) {
    throw outOfRange('marginMs', marginMs, 'at least 6 % of ttlMs', ` with ttlMs ${ttlMs}`);
  }
  const refreshIntervalMs = duration(
    'refreshIntervalMs',
    options.refreshIntervalMs ?? ttlMs / 3,
    bounds.minRefreshIntervalMs,
    MAX_TTL_MS,
    where,
  );
  if (refreshIntervalMs + marginMs >= ttlMs) {
    const withWhat = ` with ttlMs ${ttlMs} and marginMs ${marginMs}`;
    throw outOfRange('refreshIntervalMs', refreshIntervalMs, 'below ttlMs - marginMs', withWhat);
  }
  const mutationIntervalMs = duration(
    'mutationIntervalMs',
    options.mutationIntervalMs ?? Math.min(1_000, refreshIntervalMs),
    bounds.minMutationIntervalMs,
    60_000,
    where,
  );
  if (mutationIntervalMs > refreshIntervalMs) {
    const withWhat = ` with refreshIntervalMs ${refreshIntervalMs}`;
    throw outOfRange('mutationIntervalMs', mutationIntervalMs, 'at most refreshIntervalMs', withWhat);
  }
  return { refreshIntervalMs, marginMs, mutationIntervalMs };
}

function resolveBackoff(options: BackoffOptions): Required<BackoffOptions> {
  checkOptionNames(options, 'backoff', ['minMs', 'maxMs', 'factor']);
  const minMs = duration('backoff.minMs', options.minMs ?? 100, 10, 600_000);
  const maxMs = duration('backoff.maxMs', options.maxMs ?? Math.max(2_000, minMs), minMs, 600_000);
  const factor = options.factor ?? 2;
  if (typeof factor !== 'number') throw wrongType('backoff.factor', factor, 'a number');
  if (!(factor >= 1 && factor <= 10)) throw outOfRange('backoff.factor', factor, 'from 1 to 10');
  return Object.freeze({ minMs, maxMs, factor });
}

function duration(name: string, value: unknown, min: number, max: number, where = ''): number {
  if (typeof value !== 'number') throw wrongType(name, value, 'a number of milliseconds');
  if (!(value >= min && value <= max)) {
    throw outOfRange(name, value, `from ${min} to ${max} milliseconds${where && ` ${where}`}`);
  }
  return value;
}

function callback<T>(name: string, value: T): T {
  if (value !== undefined && typeof value !== 'function') throw wrongType(name, value, 'a function');
  return value;
}

function resolveHolder(holder: unknown): string | undefined {
  if (holder === undefined) return undefined;
  if (typeof holder !== 'string') throw wrongType('holder', holder, 'a string');
  if (holder.length === 0 || holder.length > MAX_HOLDER_LENGTH || !isPrintableAscii(holder)) {
    throw outOfRange('holder', holder, `1 to ${MAX_HOLDER_LENGTH} characters of printable ASCII`);
  }
  return holder;
}

function resolveMetadata(metadata: unknown): Readonly<Record<string, string>> {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw wrongType('metadata', metadata, 'an object of strings');
  }
  const entries = Object.entries(metadata);
  if (entries.length > MAX_METADATA_KEYS) {
    throw outOfRange('metadata', `${entries.length} keys`, `at most ${MAX_METADATA_KEYS} keys`);
  }
  let totalLength = 0;
  for (const [key, value] of entries) {
    if (!METADATA_KEY_PATTERN.test(key)) {
      throw outOfRange(
        'a key of metadata',
        key,
        '1 to 63 of a-z, 0-9, _ and -, starting with a letter or digit',
      );
    }
    if (typeof value !== 'string') throw wrongType(`metadata.${key}`, value, 'a string');
    if (value.length > MAX_METADATA_VALUE_LENGTH || !isPrintableAscii(value)) {
      throw outOfRange(
        `metadata.${key}`,
        value,
        `at most ${MAX_METADATA_VALUE_LENGTH} characters of printable ASCII`,
      );
    }
    totalLength += key.length + value.length;
  }
  // The store takes 8 KiB of custom metadata in all; the record's own keys and the prefixes need some of it.
  if (totalLength > 6_000)
    throw outOfRange('metadata', `${totalLength} characters`, 'at most 6000 characters in all');
  return Object.freeze(Object.fromEntries(entries));
}
