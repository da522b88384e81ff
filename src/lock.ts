import type { Connection } from './connection.ts';
import type { DriverParts } from './driver.ts';
import type { ErrorContext } from './errors.ts';
import type { Logger } from './events.ts';
import { createStore } from './gcs/json-api.ts';
import type { LockName } from './lock-name.ts';
import type { LockMemory } from './memory.ts';
import type { Settings } from './settings.ts';
import type { HoldSettings } from './protocol/hold-state.ts';
import type { ReleaseSettings } from './protocol/release.ts';
import type { StaleRules } from './protocol/stale.ts';
import type { Millis } from './protocol/timing.ts';

/** Whoever asks a store: about what, how, and with what. */
export interface Asker extends Pick<DriverParts, 'clock' | 'random'> {
  /** As `gs://bucket/name`. */
  readonly url: string;
  readonly settings: Settings;
  /** What the object is, for messages. Default: a lock. */
  readonly kind?: string;
}

/** One lock as its client knows it: where it is, how to treat it, and what to work with. */
export interface Lock extends DriverParts, Asker {
  readonly memory: LockMemory;
  readonly logger: Logger | undefined;
}

/** The lock at a place, reached over a connection. Does no I/O. */
export function openLock({ endpoint, settings, parts, userProject }: Connection, at: LockName): Lock {
  const url = `gs://${at.bucket}/${at.name}`;
  return {
    url,
    settings,
    clock: parts.clock,
    random: parts.random,
    logger: parts.logger,
    memory: parts.memory.of(`${endpoint.origin} ${url}`),
    store: createStore({ endpoint, ...at, userProject }, parts.transport),
  };
}

export function errorContext({ url, kind }: Pick<Asker, 'url' | 'kind'>, cause?: unknown): ErrorContext {
  return {
    lock: url,
    ...(kind === undefined ? {} : { kind }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** The times that count for a lease; milliseconds. What they mean stands at the options of the same names. */
export interface LeaseTiming {
  readonly ttlMs: number;
  readonly refreshIntervalMs: number;
  readonly marginMs: number;
}

export function leaseTiming({ settings }: Pick<Asker, 'settings'>): LeaseTiming {
  const { ttlMs, refreshIntervalMs, marginMs } = settings;
  return Object.freeze({ ttlMs, refreshIntervalMs, marginMs });
}

export function staleRules({ settings }: Asker): StaleRules {
  return { clockSkewMs: settings.clockSkewMs, takeover: settings.takeover };
}

export function holdSettings({ settings }: Lock): HoldSettings {
  const { ttlMs, marginMs, refreshIntervalMs, requestTimeoutMs, mutationIntervalMs, backoff, maxHoldMs } =
    settings;
  const timing = { ttlMs, marginMs };
  return { timing, refreshIntervalMs, requestTimeoutMs, mutationIntervalMs, backoff, maxHoldMs };
}

/** @param forMs - how long from now on to try. */
export function releaseSettings(
  { settings, clock }: Pick<Asker, 'settings' | 'clock'>,
  forMs: Millis,
): ReleaseSettings {
  const { requestTimeoutMs, mutationIntervalMs, backoff } = settings;
  return { requestTimeoutMs, mutationIntervalMs, backoff, untilMs: clock.now().monotonicMs + forMs };
}
