import { describe, expect, it } from 'vitest';
import { GcsMutex } from '../../src/mutex.ts';
import type { GcsMutexOptions } from '../../src/options.ts';
import { defaultHolder } from '../../src/holder.ts';
import { resolveSettings } from '../../src/settings.ts';

/** Makes a mutex of anything, on an emulator's endpoint unless another is named, and counts its requests. */
function make(options: unknown, google = false): { requestCount: number } {
  const counted = { requestCount: 0 };
  const transport = (): Promise<never> => {
    counted.requestCount += 1;
    return Promise.reject(new Error('nobody may call this'));
  };
  const where = google ? {} : { apiEndpoint: 'http://127.0.0.1:4443' };
  const given =
    typeof options === 'object' && options !== null && !Array.isArray(options)
      ? { ...where, ...options }
      : options;
  Reflect.construct(GcsMutex, ['bucket', 'name', given, { transport }]);
  return counted;
}

interface Wrong {
  readonly options: unknown;
  readonly message: string;
  readonly type?: typeof TypeError;
  readonly google?: boolean;
}

const WRONG: readonly Wrong[] = [
  {
    options: { ttlMs: 499 },
    message: 'ttlMs must be from 500 to 86400000 milliseconds on an emulator, got 499',
  },
  {
    options: { ttlMs: 4_999 },
    google: true,
    message: 'ttlMs must be from 5000 to 86400000 milliseconds against Google, got 4999',
  },
  {
    options: { ttlMs: 86_400_001 },
    message: 'ttlMs must be from 500 to 86400000 milliseconds on an emulator',
  },
  {
    options: { ttlMs: Number.NaN },
    message: 'ttlMs must be from 500 to 86400000 milliseconds on an emulator, got NaN',
  },
  { options: { ttlMs: 5_000.5 }, message: 'ttlMs must be a whole number of milliseconds, got 5000.5' },
  {
    options: { ttlMs: '60000' },
    type: TypeError,
    message: 'ttlMs must be a number of milliseconds, got "60000"',
  },
  {
    options: { refreshIntervalMs: 999 },
    google: true,
    message: 'refreshIntervalMs must be from 1000 to 86400000 milliseconds against Google, got 999',
  },
  {
    options: { ttlMs: 30_000, refreshIntervalMs: 27_000 },
    message: 'refreshIntervalMs must be below ttlMs - marginMs, got 27000 with ttlMs 30000 and marginMs 3000',
  },
  {
    options: { ttlMs: 10_000, marginMs: 599 },
    message: 'marginMs must be at least 6 % of ttlMs, got 599 with ttlMs 10000',
  },
  { options: { clockSkewMs: -1 }, message: 'clockSkewMs must be from 0 to 60000 milliseconds, got -1' },
  {
    options: { takeover: 'clock' },
    type: TypeError,
    message: "takeover must be 'server-clock' or 'observation', got \"clock\"",
  },
  {
    options: { acquireTimeoutMs: -1 },
    message: 'acquireTimeoutMs must be at least 0 milliseconds, or Infinity, got -1',
  },
  {
    options: { acquireTimeoutMs: '1' },
    type: TypeError,
    message: 'acquireTimeoutMs must be a number of milliseconds, or Infinity, got "1"',
  },
  {
    options: { requestTimeoutMs: 99 },
    message: 'requestTimeoutMs must be from 100 to 600000 milliseconds, got 99',
  },
  {
    options: { mutationIntervalMs: 999 },
    google: true,
    message: 'mutationIntervalMs must be from 1000 to 60000 milliseconds against Google, got 999',
  },
  {
    options: { mutationIntervalMs: 30_000 },
    message: 'mutationIntervalMs must be at most refreshIntervalMs, got 30000 with refreshIntervalMs 20000',
  },
  {
    options: { backoff: { minMs: 9 } },
    message: 'backoff.minMs must be from 10 to 600000 milliseconds, got 9',
  },
  {
    options: { backoff: { minMs: 500, maxMs: 400 } },
    message: 'backoff.maxMs must be from 500 to 600000 milliseconds, got 400',
  },
  { options: { backoff: { factor: 0.5 } }, message: 'backoff.factor must be from 1 to 10, got 0.5' },
  {
    options: { backoff: { jitter: true } },
    type: TypeError,
    message: 'unknown option "jitter"; known are minMs',
  },
  { options: { backoff: 5 }, type: TypeError, message: 'backoff must be an object, got 5' },
  { options: { maxHoldMs: 0 }, message: 'maxHoldMs must be from 1 to 1728000000000 milliseconds, got 0' },
  { options: { holder: '' }, message: 'holder must be 1 to 256 characters of printable ASCII, got ""' },
  { options: { holder: 'Zoë' }, message: 'holder must be 1 to 256 characters of printable ASCII, got "Zoë"' },
  { options: { holder: 'x'.repeat(257) }, message: 'holder must be 1 to 256 characters of printable ASCII' },
  { options: { holder: 7 }, type: TypeError, message: 'holder must be a string, got 7' },
  { options: { metadata: 'x' }, type: TypeError, message: 'metadata must be an object of strings, got "x"' },
  { options: { metadata: { Run: '1' } }, message: 'a key of metadata must be 1 to 63 of a-z, 0-9, _ and -' },
  { options: { metadata: { run: 1 } }, type: TypeError, message: 'metadata.run must be a string, got 1' },
  {
    options: { metadata: { run: '\n' } },
    message: 'metadata.run must be at most 1024 characters of printable ASCII',
  },
  {
    options: { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, ''])) },
    message: 'metadata must be at most 16 keys, got "17 keys"',
  },
  {
    options: {
      metadata: Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`k${index}`, 'x'.repeat(1_024)])),
    },
    message: 'metadata must be at most 6000 characters in all',
  },
  {
    options: { onRefreshError: 'log' },
    type: TypeError,
    message: 'onRefreshError must be a function, got "log"',
  },
  {
    options: { onReleaseError: {} },
    type: TypeError,
    message: 'onReleaseError must be a function, got an object',
  },
  {
    options: { apiEndpoint: 'ftp://host' },
    type: TypeError,
    message: 'apiEndpoint must be an http or https origin',
  },
  { options: { auth: 'token' }, type: TypeError, message: 'auth must be an auth client or a GoogleAuth' },
  { options: { auth: {} }, type: TypeError, message: 'auth must be an auth client or a GoogleAuth' },
  { options: { userProject: 12 }, type: TypeError, message: 'userProject must be a project id, got 12' },
  { options: { userProject: '' }, message: 'userProject must be a project id, got ""' },
  {
    options: { ttl: 60_000 },
    type: TypeError,
    message: 'unknown option "ttl"; known are ttlMs, refreshIntervalMs',
  },
  { options: null, type: TypeError, message: 'options must be an object, got null' },
  { options: 60_000, type: TypeError, message: 'options must be an object, got 60000' },
  { options: [], type: TypeError, message: 'options must be an object, got an array' },
];

describe('a wrong option', () => {
  for (const { options, message, type = RangeError, google = false } of WRONG) {
    it(`is refused before any I/O: ${message}`, () => {
      let error: unknown;
      try {
        expect(make(options, google).requestCount).toBe(0);
      } catch (cause) {
        error = cause;
      }
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
      expect(String(error)).toContain(message);
    });
  }
});

describe('the settings', () => {
  const defaults = resolveSettings({}, false);

  it('have the documented defaults', () => {
    expect(defaults).toMatchObject({
      ttlMs: 60_000,
      refreshIntervalMs: 20_000,
      marginMs: 6_000,
      clockSkewMs: 2_000,
      takeover: 'server-clock',
      acquireTimeoutMs: 125_000,
      requestTimeoutMs: 10_000,
      mutationIntervalMs: 1_000,
      backoff: { minMs: 100, maxMs: 2_000, factor: 2 },
      maxHoldMs: Infinity,
      holder: defaultHolder(process.env),
      metadata: {},
    });
  });

  it('follow the ttl', () => {
    expect(resolveSettings({ ttlMs: 30_000 }, false)).toMatchObject({
      refreshIntervalMs: 10_000,
      marginMs: 3_000,
      acquireTimeoutMs: 65_000,
    });
  });

  it('leave time for a refresh with the shortest ttl of an emulator', () => {
    const { mutationIntervalMs, ttlMs, marginMs } = resolveSettings({ ttlMs: 500 }, true);
    expect(mutationIntervalMs).toBeLessThan(ttlMs - marginMs);
  });

  it('are frozen, with all that is in them', () => {
    const given: GcsMutexOptions = { metadata: { run: '1' }, backoff: { minMs: 50 } };
    const settings = resolveSettings(given, true);
    for (const part of [settings, settings.metadata, settings.backoff])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('take undefined for "the default"', () => {
    expect(resolveSettings(Object.fromEntries([['ttlMs', undefined]]), false)).toEqual(defaults);
  });
});

it('the times that count for a lease are shown with their defaults filled in, and cannot be changed', () => {
  const mutex = new GcsMutex('bucket', 'name', { refreshIntervalMs: 15_000 });
  expect(mutex.timing).toEqual({ ttlMs: 60_000, refreshIntervalMs: 15_000, marginMs: 6_000 });
  expect(Object.isFrozen(mutex.timing)).toBe(true);
});
