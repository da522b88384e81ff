import { describe, expect, it } from 'vitest';
import { Failure, tellFailure } from '../../src/cli/failures.ts';
import { GcsMutex, RateMismatchError, StoreUnavailableError, UnauthenticatedError } from '../../src/index.ts';
import { checkResources, wantedOf } from '../../src/pool/pool-resources.ts';

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe('failures', () => {
  it('names a setting as the command line does', () => {
    const error = thrownBy(() =>
      GcsMutex.fromUrl('gs://bucket/x', { ttlMs: 60_000, refreshIntervalMs: 59_000 }),
    );
    expect(tellFailure(error)).toMatchObject({
      exitCode: 125,
      message: '--refresh-interval must be below --ttl - --margin, got 59s with --ttl 1m and --margin 6s',
    });
  });

  it('leaves the name of what it is about as it is', () => {
    const error = thrownBy(() => wantedOf({ names: ['a'] }, ['holder'], 'gs://b/ttlMs'));
    expect(tellFailure(error).message).toBe(
      '--only must be among the resources of gs://b/ttlMs, which are "a", got "holder"',
    );
  });

  it('names the flag by which a pool would have more names than one object can keep', () => {
    const names = Array.from({ length: 300 }, (_none, index) => `resource-${index}`.padEnd(40, 'x'));
    expect(tellFailure(thrownBy(() => checkResources(names, 'names'))).message).toMatch(
      /^with --add, the resources must be names that take at most \d+ bytes in all, .* got "300 names"/,
    );
  });

  it('names both limits as the command line does, and what to do', () => {
    const given = { limit: 20, windowMs: 90_000 };
    const stored = { limit: 10, windowMs: 60_000 };
    const error = new RateMismatchError(given, stored, { lock: 'gs://b/x' });
    expect(tellFailure(error)).toMatchObject({
      exitCode: 125,
      code: 'ERR_RATE_MISMATCH',
      message:
        'gs://b/x allows 10/1m, and --limit says 20/90s: say the same as all others, or forget what is stored with gcs-mutex break gs://b/x',
    });
  });

  it('hands on the code of an error of the library, and its causes one by one', () => {
    const cause = new Error('inner', { cause: 'innermost' });
    const error = new StoreUnavailableError(
      { kind: 'unavailable', detail: 'No.' },
      { lock: 'gs://b/x', cause },
    );
    expect(tellFailure(error)).toMatchObject({
      exitCode: 125,
      code: 'ERR_STORE_UNAVAILABLE',
      causes: ['ERR_STORE_UNAVAILABLE', 'Error: inner', "'innermost'"],
    });
  });

  it('speaks of no option that only the library has', () => {
    const error = new UnauthenticatedError({ kind: 'unauthenticated', detail: 'No.' }, { lock: 'gs://b/x' });
    expect(tellFailure(error).message).toMatch(/login`, or set GOOGLE_APPLICATION_CREDENTIALS\.$/);
  });

  it('follows no chain of causes for ever', () => {
    const error = new Failure('round');
    error.cause = error;
    expect(tellFailure(error).causes.length).toBeLessThan(20);
  });

  it('owns up to a fault of its own', () => {
    expect(tellFailure(new TypeError('x is not a function')).message).toMatch(
      /^unexpected: x is not a function .*a fault of gcs-mutex/,
    );
  });
});
