import { checkOptionNames, timeout } from './arguments.ts';
import type { GcsMutexError } from './errors.ts';
import { defaultHolder } from './holder.ts';
import { outOfRange, wrongType } from './gcs/invalid-argument.ts';
import type { BackoffOptions, DocumentOptions, GcsMutexOptions } from './options.ts';
import type { BackoffSettings } from './protocol/backoff.ts';
import {
  isPrintableAscii,
  MAX_HOLDER_LENGTH,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_LENGTH,
  METADATA_KEY_PATTERN,
} from './protocol/record.ts';
import { MAX_TTL_MS } from './protocol/timing.ts';

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
  readonly backoff: BackoffSettings;
  readonly maxHoldMs: number;
  readonly holder: string;
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

/** How long one request may take by default. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** Longer than any process lives, and told in days. */
const MAX_HOLD_MS = 20_000 * 86_400_000;

/** Every option of the constructor. */
export const OPTION_NAMES = [
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

/** Every option of what is read and written and never held. */
export const DOCUMENT_OPTION_NAMES = [
  'requestTimeoutMs',
  'mutationIntervalMs',
  'backoff',
  'apiEndpoint',
  'auth',
  'userProject',
] as const satisfies readonly (keyof DocumentOptions)[];

/** Those of a lock's options that such a thing takes too. */
export function documentOptions(options: GcsMutexOptions): DocumentOptions {
  return Object.fromEntries(DOCUMENT_OPTION_NAMES.map((name) => [name, options[name]]));
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
    requestTimeoutMs: duration(
      'requestTimeoutMs',
      options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      100,
      600_000,
    ),
    backoff: resolveBackoff(options.backoff ?? {}),
    maxHoldMs:
      options.maxHoldMs === undefined ? Infinity : duration('maxHoldMs', options.maxHoldMs, 1, MAX_HOLD_MS),
    holder: resolveHolder(options.holder),
    metadata: resolveMetadata(options.metadata ?? {}),
    onRefreshError: callback('onRefreshError', options.onRefreshError),
    onReleaseError: callback('onReleaseError', options.onReleaseError),
  });
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

function resolveBackoff(options: BackoffOptions): BackoffSettings {
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

/** A function, or nothing. */
export function callback<T>(name: string, value: T): T {
  if (value !== undefined && typeof value !== 'function') throw wrongType(name, value, 'a function');
  return value;
}

function resolveHolder(holder: unknown): string {
  if (holder === undefined) return defaultHolder(process.env);
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
