import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SentWrite, deleteOutcome } from '../../src/gcs/outcome.ts';
import { isVersionNumber } from '../../src/protocol/version.ts';
import { answer, googleError, objectJson, record, writeOutcome, readOutcome } from './tools.ts';

const patch: SentWrite = {
  call: 'patch',
  record: record({ refreshCount: 2 }),
  expected: { generation: '1700000000000001', metageneration: '1' },
};

const status = fc.oneof(fc.constantFrom(200, 204, 403, 404, 412), fc.integer({ min: 100, max: 599 }));

/** Bodies of every kind: noise, any JSON, and good answers that were changed in one place. */
const body = fc.oneof(
  fc.string(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.constantFrom(...Object.keys(objectJson()), '__proto__', 'constructor'), fc.jsonValue())
    .map(([key, value]) => JSON.stringify({ ...objectJson(patch.record), ...pair(key, value) })),
  fc
    .tuple(fc.constantFrom(...Object.keys(objectJson().metadata ?? {}), '__proto__'), fc.jsonValue())
    .map(([key, value]) =>
      JSON.stringify(objectJson(record(), { metadata: { ...recordMetadata(), ...pair(key, value) } })),
    ),
  fc
    .tuple(fc.integer({ min: 100, max: 599 }), fc.string())
    .map(([code, reason]) => JSON.stringify(googleError(code, reason, reason))),
);

const headers = fc.record({ date: fc.string() });

test('whatever the server answers, every outcome is one of the table’s and nothing throws', () => {
  fc.assert(
    fc.property(status, body, headers, (code, text, fields) => {
      const reply = answer(code, text, fields);
      const outcomes = [writeOutcome(patch, reply), deleteOutcome(reply), readOutcome(reply)];
      for (const outcome of outcomes) {
        expect(outcome.kind).toMatch(
          /^(applied|refused|not-applied|unknown|failed|absent|found|unreadable)$/,
        );
        if ('failure' in outcome) expect(outcome.failure.detail).toMatch(/^[\u0020-\u007e]{1,600}$/);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('whatever the server answers, a version and a time that come through are of their form', () => {
  fc.assert(
    fc.property(body, headers, (text, fields) => {
      const outcome = readOutcome(answer(200, text, fields));
      if (outcome.kind !== 'found') return;
      const { version, updatedAt, createdAt, serverTime = 0 } = outcome.object;
      expect(isVersionNumber(version.generation) && isVersionNumber(version.metageneration)).toBe(true);
      for (const time of [updatedAt, createdAt, serverTime]) expect(time).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2_000 },
  );
});

test('no answer but 200 makes a write applied', () => {
  fc.assert(
    fc.property(status, (code) => {
      const reply = answer(code, objectJson(patch.record));
      expect(writeOutcome(patch, reply).kind === 'applied').toBe(code === 200);
    }),
  );
});

test('a truncated answer never makes a write applied', () => {
  const whole = JSON.stringify(objectJson(patch.record));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
      expect(writeOutcome(patch, answer(200, whole.slice(0, length))).kind).toBe('unknown');
    }),
  );
});

test('an inherited property is not taken for one of the answer’s', () => {
  const inherited = JSON.stringify({ __proto__: null }).replace(
    '{',
    `{"__proto__":${JSON.stringify(objectJson(patch.record))}`,
  );
  expect(writeOutcome(patch, answer(200, inherited)).kind).toBe('unknown');
  expect(readOutcome(answer(200, inherited)).kind).toBe('unreadable');
});

/** A pair that survives being spread, whatever the key is. */
function pair(key: string, value: unknown): object {
  return Object.fromEntries([[key, value]]);
}

function recordMetadata(): object {
  const { metadata } = objectJson(patch.record);
  return typeof metadata === 'object' && metadata !== null ? metadata : {};
}
