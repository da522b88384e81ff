import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GcsMutexError } from '../../../src/errors.ts';
import { createStore } from '../../../src/gcs/json-api.ts';
import type { Store } from '../../../src/gcs/store.ts';
import { type TransportAnswer, TransportError } from '../../../src/gcs/transport.ts';
import { Lease } from '../../../src/lease.ts';
import { answer, googleError, objectJson, record, unhurried, writing } from '../../gcs/tools.ts';
import { ORIGIN } from './check-request.ts';
import { OneObject } from './one-object.ts';
import { type Between, quickWorld } from './quick-world.ts';
import { FUZZ_TIMEOUT_MS, tryOut } from './runs.ts';

const NASTY: readonly unknown[] = [
  undefined,
  null,
  '',
  '0',
  '-1',
  '1',
  1,
  0,
  '9223372036854775808',
  '1e309',
  'x',
  true,
  [],
  {},
  ['1'],
  '\u0661',
  '+275760-09-13T00:00:00.000Z',
  '\u001b[2J',
  'y'.repeat(3_000),
  { schema: 'gcs-mutex/2' },
  'notFound',
  'conditionNotMet',
];
const nasty = fc.constantFrom(...NASTY);

const OBJECT_KEYS = [...Object.keys(objectJson()), 'name', '__proto__', 'constructor', 'error'];
const REASONS = [
  'conditionNotMet',
  'notFound',
  'forbidden',
  'rateLimitExceeded',
  'retentionPolicyNotMet',
  '',
  'x y',
];
const MESSAGES = [
  '',
  'The specified bucket does not exist.',
  'precondition failed',
  'a\u001b[2J\nb',
  'z'.repeat(5_000),
];

/** A body that is never a good answer: noise, half of one, one with a bad key, or an error. */
const badBody: fc.Arbitrary<(good: string, status: number) => string> = fc.oneof(
  fc.string({ maxLength: 20 }).map((text) => () => text),
  fc
    .constantFrom('{}', '[]', 'null', 'true', '<html>', '\ufeff{}', '{"a":', '"', '1e999')
    .map((text) => () => text),
  fc.integer({ min: 0, max: 200 }).map((length) => (good: string) => good.slice(0, -1 - length)),
  fc
    .tuple(
      fc.constantFrom('generation', 'metageneration', 'metadata'),
      fc.constantFrom(undefined, null, '', '0', 1, [], 'x'),
    )
    .map(
      ([key, value]) =>
        (good: string) =>
          JSON.stringify({ ...Object(parsed(good)), [key]: value }),
    ),
  fc.tuple(fc.constantFrom(...REASONS), fc.constantFrom(...MESSAGES), nasty).map(
    ([reason, message, extra]) =>
      (_: string, status: number) =>
        JSON.stringify({ ...googleError(status, reason, message), extra }),
  ),
);

/** Any body at all, good ones with any key changed among them. */
const anyBody: fc.Arbitrary<(good: string, status: number) => string> = fc.oneof(
  badBody,
  fc.constant((good: string) => good),
  fc.tuple(fc.constantFrom(...OBJECT_KEYS), nasty).map(
    ([key, value]) =>
      (good: string) =>
        JSON.stringify(Object.fromEntries([...Object.entries(Object(parsed(good))), [key, value]])),
  ),
);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const anyStatus = fc.oneof(
  fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 408, 409, 412, 429, 500, 503),
  fc.integer({ min: 100, max: 999 }),
);
const anyDate = fc.constantFrom(
  '',
  'x',
  'Sat, 13 Sep 275760 00:00:00 GMT',
  'Wed, 04 Mar 2026 05:06:08 GMT',
  'Fri, 31 Dec 9999 23:59:59 GMT',
);

const VERSION = { generation: '1700000000000001', metageneration: '1' };
const CALLS: readonly ((
  store: Store,
) => Promise<{ readonly kind: string; readonly failure?: { readonly detail: string } }>)[] = [
  (store) => store.create(record(), writing()),
  (store) => store.overwrite(VERSION, record(), writing()),
  (store) => store.patch(VERSION, record(), writing()),
  (store) => store.delete(VERSION, writing()),
  (store) => store.get(unhurried()),
];

describe('whatever the store answers', () => {
  it(
    'each call has one of its outcomes, and says why in printable words',
    async () => {
      const good = JSON.stringify({ ...objectJson(), name: 'n' });
      await tryOut(
        fc.tuple(fc.constantFrom(...CALLS), anyStatus, anyBody, anyDate),
        async ([call, status, body, date]) => {
          let requestCount = 0;
          const reply = answer(status, body(good, status), { date });
          const store = createStore({ endpoint: { origin: ORIGIN }, bucket: 'bucket', name: 'n' }, () => {
            requestCount += 1;
            return Promise.resolve(reply);
          });
          const { kind, failure } = await call(store);
          if (!/^(applied|refused|not-applied|unknown|failed|absent|found|unreadable)$/.test(kind))
            throw new Error(kind);
          if (failure !== undefined && !/^[\u0020-\u007e]{1,600}$/.test(failure.detail))
            throw new Error(failure.detail);
          if (['applied', 'found'].includes(kind) && status !== 200 && status !== 204)
            throw new Error('no success');
          if (requestCount !== 1) throw new Error('one call is one request');
        },
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  /** What becomes of one request: it is carried out or not, and answered well, badly, or not at all. */
  const fate = fc.record({
    isCarriedOut: fc.boolean(),
    reply: fc.oneof(
      { weight: 3, arbitrary: fc.constant('honest' as const) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('unsent', 'interrupted', 'too-large', 'untrusted', 'unauthenticated'),
      },
      { weight: 3, arbitrary: fc.tuple(anyStatus, badBody, anyDate) },
    ),
  });
  const WORK = ['status', 'tryAcquire', 'breakLock', 'acquire', 'run', 'tryRun'] as const;

  it(
    'every call settles with an error of ours or none, and nobody holds what the store does not have',
    async () => {
      await tryOut(
        fc.tuple(fc.array(fate, { minLength: 1, maxLength: 8 }), fc.constantFrom(...WORK), fc.boolean()),
        async ([fates, call, isTaken]) => {
          const store = new OneObject();
          if (isTaken)
            store.put(
              {
                ...record(),
                schema: 'gcs-mutex/1',
                'lease-id': 'e'.repeat(32),
                'ttl-ms': '60000',
                'refresh-count': '0',
              },
              0,
              100_000,
            );
          let count = 0;
          const between: Between = (request, carryOut) => {
            const { reply, isCarriedOut } = fates[(count += 1) % fates.length] ?? {
              reply: 'honest',
              isCarriedOut: true,
            };
            if (reply === 'honest') return carryOut(request);
            // What is answered with a failure of its own was not carried out: all else would be a lie.
            const isLost =
              isCarriedOut &&
              (Array.isArray(reply)
                ? reply[0] >= 500 || reply[0] === 200
                : ['interrupted', 'too-large'].includes(reply));
            const real: TransportAnswer | undefined = isLost ? carryOut(request) : undefined;
            if (!Array.isArray(reply)) throw new TransportError(reply, 'A sentence.');
            const [status, body, date] = reply;
            const isTruth = [204, 404, 412].includes(status);
            return answer(isTruth ? 500 : status, body(real?.body ?? '{}', status), { date });
          };
          const world = quickWorld('locks/one', store.carryOut, between, {
            ttlMs: 10_000,
            acquireTimeoutMs: 30_000,
          });
          const { mutex, clock } = world;
          let heldAs: string | undefined;
          const work = (lease: Lease): void => {
            heldAs = lease.leaseId;
          };
          const started = call === 'run' || call === 'tryRun' ? mutex[call](work) : mutex[call]();
          const { error, value } = await clock.outcomeOf(started);
          if (error !== undefined && !(error instanceof GcsMutexError)) throw error;
          if (value instanceof Lease) {
            if (value.isHeld && Object(store.object?.metadata)['lease-id'] !== value.leaseId)
              throw new Error('nobody holds this');
            const { error: refreshError } = await clock.outcomeOf(value.refresh());
            if (refreshError !== undefined && !(refreshError instanceof GcsMutexError)) throw refreshError;
            if (value.isHeld && Object(store.object?.metadata)['lease-id'] !== value.leaseId)
              throw new Error('nobody holds it still');
            const { error: releaseError } = await clock.outcomeOf(value.release());
            if (releaseError !== undefined && !(releaseError instanceof GcsMutexError)) throw releaseError;
          } else expect(typeof heldAs).toMatch(/string|undefined/);
          await clock.drain();
          world.requestCount();
        },
        0.02,
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
