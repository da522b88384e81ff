import type { AnyGcsMutexError } from '../../src/any-error.ts';
import { inspect } from 'node:util';
import { OAuth2Client } from 'google-auth-library';
import { describe, expect, it } from 'vitest';
import {
  AcquireTimeoutError,
  errorFromFailure,
  foreignObject,
  GcsMutexError,
  LeaseInDoubtError,
  LeaseLostError,
  LeaseReleasedError,
  NewerVersionError,
} from '../../src/errors.ts';
import type { Failure } from '../../src/protocol/outcome.ts';
import { strike } from '../faults/calls.ts';
import { httpWorld } from '../faults/http-world.ts';
import { acceptToken } from '../through/tokens.ts';

const CONTEXT = { lock: 'gs://bucket/locks/x' };

function failing(kind: Failure['kind']): GcsMutexError {
  const failure: Failure = { kind, status: 400, reason: 'why', detail: 'The store says: no.' };
  return errorFromFailure(failure, CONTEXT);
}

function foreign(): GcsMutexError {
  const version = { generation: '5', metageneration: '1' };
  const content = { kind: 'foreign', why: 'it has no custom metadata' } as const;
  const times = { createdAt: 0, updatedAt: 86_400_000 };
  return foreignObject(
    { version, content, ...times, size: 7, contentType: 'image/png' },
    'it has no custom metadata',
    CONTEXT,
  );
}

const TIMEOUT = { holder: undefined, waitedMs: 1_234.5, requestCount: 3 };

/** Every error, its name and code, and what its message tells the reader to do. */
const ERRORS: readonly (readonly [GcsMutexError, string, string, string])[] = [
  [
    new AcquireTimeoutError(TIMEOUT, CONTEXT),
    'AcquireTimeoutError',
    'ERR_ACQUIRE_TIMEOUT',
    'wait longer (timeoutMs)',
  ],
  [
    new LeaseLostError('expired', CONTEXT),
    'LeaseLostError',
    'ERR_LEASE_LOST',
    'somebody else may hold it now',
  ],
  [
    new LeaseLostError('taken-over', CONTEXT),
    'LeaseLostError',
    'ERR_LEASE_LOST',
    'somebody else holds it now',
  ],
  [new LeaseLostError('deleted', CONTEXT), 'LeaseLostError', 'ERR_LEASE_LOST', 'the lock object is gone'],
  [
    new LeaseLostError('edited', CONTEXT),
    'LeaseLostError',
    'ERR_LEASE_LOST',
    'somebody changed the lock object',
  ],
  [new LeaseLostError('max-hold', CONTEXT), 'LeaseLostError', 'ERR_LEASE_LOST', 'max-hold'],
  [new LeaseReleasedError(CONTEXT), 'LeaseReleasedError', 'ERR_LEASE_RELEASED', 'acquire a new one'],
  [new LeaseInDoubtError(CONTEXT), 'LeaseInDoubtError', 'ERR_LEASE_IN_DOUBT', 'await lease.refresh()'],
  [
    new NewerVersionError('gcs-mutex/2', CONTEXT),
    'NewerVersionError',
    'ERR_NEWER_VERSION',
    'update gcs-mutex here',
  ],
  [foreign(), 'ForeignObjectError', 'ERR_FOREIGN_OBJECT', 'choose another name'],
  [
    failing('unauthenticated'),
    'UnauthenticatedError',
    'ERR_UNAUTHENTICATED',
    'gcloud auth application-default login',
  ],
  [
    failing('permission-denied'),
    'PermissionDeniedError',
    'ERR_PERMISSION_DENIED',
    'roles/storage.objectUser',
  ],
  [
    failing('bucket-not-found'),
    'BucketNotFoundError',
    'ERR_BUCKET_NOT_FOUND',
    'create it, or check its name',
  ],
  [failing('retention'), 'RetentionError', 'ERR_RETENTION', 'lift the hold'],
  [failing('busy'), 'StoreUnavailableError', 'ERR_STORE_UNAVAILABLE', 'Wait a while, then try again'],
  [failing('unavailable'), 'StoreUnavailableError', 'ERR_STORE_UNAVAILABLE', 'Check the network'],
  [failing('rejected'), 'StoreUnavailableError', 'ERR_STORE_UNAVAILABLE', 'try again'],
];

describe('every error', () => {
  for (const [error, name, code, advice] of ERRORS) {
    it(`${name} (${error.message.slice(0, 70)}…) has name, code and lock, and says what to do`, () => {
      expect(error).toBeInstanceOf(GcsMutexError);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ name, code, lock: CONTEXT.lock });
      expect(error.constructor.name).toBe(name);
      expect(error.message).toContain(CONTEXT.lock);
      expect(error.message).toContain(advice);
      expect(error.message, 'its sentences end once each').not.toMatch(/\.\.|\.;|\.:/);
      expect(error).not.toHaveProperty('cause');
    });
  }

  it('narrows by its code', () => {
    const reasonOf = (error: AnyGcsMutexError): string => {
      switch (error.code) {
        case 'ERR_LEASE_LOST':
          return error.reason;
        case 'ERR_ACQUIRE_TIMEOUT':
          return String(error.requestCount);
        default:
          return error.code;
      }
    };
    expect(reasonOf(new LeaseLostError('edited', CONTEXT))).toBe('edited');
    expect(reasonOf(new AcquireTimeoutError(TIMEOUT, CONTEXT))).toBe('3');
  });

  it('carries the data of what happened', () => {
    expect(failing('permission-denied')).toMatchObject({ status: 400, reason: 'why' });
    expect(foreign()).toMatchObject({ size: 7, contentType: 'image/png', updated: new Date(86_400_000) });
    expect(new LeaseLostError('edited', { ...CONTEXT, cause: 'my own' })).toMatchObject({ cause: 'my own' });
    expect(new AcquireTimeoutError(TIMEOUT, CONTEXT)).toMatchObject(TIMEOUT);
  });
});

describe('an error of a real request', () => {
  for (const status of [400, 401, 403, 404, 500]) {
    it(`shows nothing of the access token, however deep one looks (${status})`, async () => {
      await using world = await httpWorld();
      const auth = new OAuth2Client();
      auth.setCredentials({ access_token: 'ya29.secret', refresh_token: 'also-secret', expiry_date: 4e12 });
      const player = world.process(auth);
      for (const call of ['C', 'G'] as const) {
        strike(world, call, { when: 'before', do: { kind: 'status', status } }, 1_000);
      }
      const mutex = player.mutex({ requestTimeoutMs: 200 });
      for (const calling of [mutex.tryAcquire(), mutex.status()]) {
        const error: unknown = await calling.catch((reason: unknown) => reason);
        const shown = inspect(error, { depth: Infinity, showHidden: true, getters: true });
        expect(shown).not.toContain('secret');
      }
      await world.end();
    });
  }

  it('shows nothing of it in a mutex and in a lease either', async () => {
    await using world = await httpWorld();
    const auth = new OAuth2Client();
    auth.setCredentials({ access_token: 'ya29.secret', expiry_date: 4e12 });
    acceptToken('ya29.secret');
    const mutex = world.process(auth).mutex();
    const lease = await mutex.acquire();
    expect(world.emulator.requests.last()?.headers['authorization']).toBe('Bearer ya29.secret');
    for (const shown of [mutex, lease]) {
      expect(inspect(shown, { depth: Infinity, showHidden: true, getters: true })).not.toContain('secret');
      expect(JSON.stringify(shown)).not.toContain('secret');
    }
    expect(await lease.release()).toBe(true);
    await world.end();
  });
});
