import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GcsMutexError } from '../../../src/errors.ts';
import { createStore } from '../../../src/gcs/json-api.ts';
import { Lease } from '../../../src/lease.ts';
import { encodeRecord } from '../../../src/protocol/record.ts';
import { answer, objectJson, OTHER_ID, record, unhurried } from '../../gcs/tools.ts';
import { ORIGIN } from './check-request.ts';
import { OneObject } from './one-object.ts';
import { quickWorld } from './quick-world.ts';
import { FUZZ_TIMEOUT_MS, tryOut } from './runs.ts';

const KEYS = [
  'schema',
  'state',
  'lease-id',
  'ttl-ms',
  'refresh-count',
  'holder',
  'counter',
  'user-a',
  '__proto__',
];

const VALUES = [
  undefined,
  null,
  '',
  '0',
  '1',
  '60000',
  '86400000',
  '86400001',
  '-1',
  '+1',
  '01',
  ' 1',
  '1\n',
  '1.0',
  '1e3',
  '1e309',
  'NaN',
  'Infinity',
  '0x10',
  '\u0661',
  '9007199254740991',
  '9223372036854775806',
  '9223372036854775808',
  'g',
  'held',
  'free',
  'cooling',
  'HELD',
  OTHER_ID,
  OTHER_ID.toUpperCase(),
  'gcs-mutex/1',
  'gcs-mutex/2',
  'gcs-mutex/01',
  'gcs-mutex/9999999',
  '\u001b[2J',
  '\u202e',
  'x'.repeat(2_000),
  '__proto__',
  60_000,
  true,
  ['60000'],
  { a: 1 },
];

/** Metadata: mostly a record with a few of its keys changed, since nothing else gets far. */
const metadata: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .array(
        fc.tuple(fc.constantFrom(...KEYS), fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 8 }))),
        {
          maxLength: 3,
        },
      )
      .map((changes): unknown => {
        const entries = Object.entries(encodeRecord(record({ leaseId: OTHER_ID })));
        return Object.fromEntries([...entries, ...changes]);
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(undefined, null, [], {}, 'gcs-mutex/1', 1, true, [
      ['schema', 'gcs-mutex/1'],
    ]),
  },
);

function onlyOf(characters: string, text: string): boolean {
  return Array.from(text).every((character) => characters.includes(character));
}

/** The rules of a record, said in another way than the code says them. */
function isRecord(value: unknown): boolean {
  const shown: unknown = JSON.parse(JSON.stringify(value ?? null));
  if (typeof shown !== 'object' || shown === null) return false;
  const of = (key: string): unknown => new Map(Object.entries(shown)).get(key);
  const number = (key: string, least: bigint, most: bigint): boolean => {
    const text = of(key);
    if (typeof text !== 'string' || text.length > 19 || !onlyOf('0123456789', text)) return false;
    return text !== '' && String(BigInt(text)) === text && BigInt(text) >= least && BigInt(text) <= most;
  };
  const id = of('lease-id');
  return (
    of('schema') === 'gcs-mutex/1' &&
    ['held', 'free', 'cooling'].includes(String(of('state'))) &&
    typeof of('state') === 'string' &&
    typeof id === 'string' &&
    id.length === 32 &&
    onlyOf('0123456789abcdef', id) &&
    number('ttl-ms', 1n, 86_400_000n) &&
    number('refresh-count', 0n, 9_007_199_254_740_990n) &&
    (of('counter') === undefined || of('counter') === 'g' || number('counter', 1n, 2n ** 63n - 2n))
  );
}

describe('whatever an object’s metadata says', () => {
  it(
    'it is a record if each key of the protocol parses, and nothing of ours otherwise',
    async () => {
      await tryOut(metadata, async (value) => {
        const body = answer(200, objectJson(record(), { metadata: value }));
        const target = { endpoint: { origin: ORIGIN }, bucket: 'bucket', name: 'n' };
        const outcome = await createStore(target, () => Promise.resolve(body)).get(unhurried());
        if (outcome.kind !== 'found') throw new Error('metadata does not make an object unreadable');
        const { content } = outcome.object;
        if ((content.kind === 'record') !== isRecord(value)) throw new Error(`taken for ${content.kind}`);
        if (content.kind !== 'record') return;
        const { holder, metadata: strings } = content.record;
        for (const text of [holder, ...Object.entries(strings).flat()]) {
          if (!/^[\u0020-\u007e]{0,1024}$/.test(text)) throw new Error('not printable');
        }
      });
    },
    FUZZ_TIMEOUT_MS,
  );

  const CALLS = ['status', 'tryAcquire', 'breakLock', 'acquire'] as const;

  it(
    'every call settles, fails with an error of ours or not at all, and changes nothing that is no record',
    async () => {
      const ages = fc.constantFrom(0, 30_000, 200_000, 86_500_000);
      await tryOut(
        fc.tuple(metadata, ages, fc.constantFrom(...CALLS)),
        async ([value, ageMs, call]) => {
          const store = new OneObject();
          store.put(value, 0, ageMs);
          const before = store.object;
          const world = quickWorld('locks/one', store.carryOut, undefined, { acquireTimeoutMs: 5_000 });
          const { error, value: given } = await world.clock.outcomeOf(world.mutex[call]());
          if (error !== undefined && !(error instanceof GcsMutexError)) throw error;
          if (!isRecord(value) && store.object !== before) throw new Error('what is no record was changed');
          const isLive =
            ageMs < 30_000 && Object(value)['state'] !== 'free' && Object(value)['ttl-ms'] === '60000';
          if (isLive && call !== 'breakLock' && store.object !== before)
            throw new Error('a live lock was changed');
          if (given instanceof Lease) await world.clock.outcomeOf(given.release());
          await world.clock.drain();
          world.requestCount();
        },
        0.03,
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    'a holder whose record becomes that refreshes or loses it, and changes nothing that is not its own',
    async () => {
      await tryOut(
        fc.tuple(metadata, fc.boolean(), fc.boolean()),
        async ([value, isNewObject, keepsId]) => {
          const store = new OneObject();
          const world = quickWorld('locks/one', store.carryOut, undefined, { maxHoldMs: 200_000 });
          const lease = (await world.clock.outcomeOf(world.mutex.acquire())).value;
          if (!(lease instanceof Lease)) throw new Error('no lease');
          const { monotonicMs } = world.clock.now();
          const changed = keepsId ? { ...Object(value), 'lease-id': lease.leaseId } : value;
          if (isNewObject) store.put(changed, monotonicMs);
          else store.edit(changed, monotonicMs);
          const before = store.object;
          const { error } = await world.clock.outcomeOf(lease.refresh());
          if (error !== undefined && !(error instanceof GcsMutexError)) throw error;
          if (error !== undefined && lease.isHeld) throw new Error('held in spite of it');
          const isOurs = keepsId && !isNewObject;
          if (!isOurs && error === undefined) throw new Error('held though it is another’s');
          const isReleased = (await world.clock.outcomeOf(lease.release())).value === true;
          if ((!isOurs || error !== undefined) && store.object !== before) throw new Error('it was changed');
          expect(isReleased).toBe(error === undefined);
          await world.clock.drain();
          world.requestCount();
        },
        0.01,
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
