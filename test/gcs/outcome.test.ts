import { describe, expect, test } from 'vitest';
import { judgeError } from '../../src/gcs/failures.ts';
import { type SentWrite, deleteOutcome } from '../../src/gcs/outcome.ts';
import { TransportError, type TransportFailure } from '../../src/gcs/transport.ts';
import {
  LEASE_ID,
  OTHER_ID,
  answer,
  googleError,
  objectJson,
  record,
  writeOutcome,
  readOutcome,
} from './tools.ts';

const GENERATION = '1700000000000001';
const expected = { generation: GENERATION, metageneration: '1' };
const create: SentWrite = { call: 'create', record: record() };
const patch: SentWrite = { call: 'patch', record: record({ refreshCount: 3 }), expected };
const overwrite: SentWrite = {
  call: 'overwrite',
  record: record(),
  expected: { generation: '1600000000000000', metageneration: '4' },
};
const patched = objectJson(record({ refreshCount: 3 }), { metageneration: '2' });
const guarded = [patch, overwrite];
const writes = [create, ...guarded];

describe('a write is applied', () => {
  test('when a create echoes our lease id', () => {
    const outcome = writeOutcome(create, answer(200, objectJson()));
    expect(outcome).toEqual({ kind: 'applied', version: { generation: GENERATION, metageneration: '1' } });
  });

  test('when a patch echoes our refresh count in the generation that was patched', () => {
    const outcome = writeOutcome(patch, answer(200, patched));
    expect(outcome).toEqual({ kind: 'applied', version: { generation: GENERATION, metageneration: '2' } });
  });

  test('when an overwrite shows our record in a new generation', () => {
    expect(writeOutcome(overwrite, answer(200, objectJson())).kind).toBe('applied');
  });

  test('when a delete is answered with 204, or with 200 and nothing', () => {
    for (const reply of [answer(204), answer(200), answer(200, 'null\n')]) {
      expect(deleteOutcome(reply)).toEqual({ kind: 'applied' });
    }
  });
});

describe('a write is unknown', () => {
  test.each([
    ['no metadata', objectJson(record(), { metadata: undefined })],
    ['another lease id', objectJson(record({ leaseId: OTHER_ID }))],
    ['another refresh count', objectJson(record({ refreshCount: 1 }))],
    ['another state', objectJson(record({ state: 'free' }))],
    ['a foreign record', objectJson(record(), { metadata: { owner: 'somebody' } })],
    ['no generation', objectJson(record(), { generation: undefined })],
    ['generation zero', objectJson(record(), { generation: '0' })],
    ['a generation with a sign', objectJson(record(), { generation: '-5' })],
    ['a generation that is a number', objectJson(record(), { generation: 17 })],
    ['a generation beyond int64', objectJson(record(), { generation: '12345678901234567890' })],
    ['no metageneration', objectJson(record(), { metageneration: undefined })],
    ['a metageneration that is a number', objectJson(record(), { metageneration: 1 })],
  ])('when a 200 shows %s', (_, body) => {
    expect(writeOutcome(create, answer(200, body)).kind).toBe('unknown');
  });

  test.each([
    '',
    '{}',
    '[]',
    'null',
    '<html>Welcome to our hotel</html>',
    JSON.stringify(objectJson()).slice(0, -9),
  ])('when a 200 holds %j', (body) => {
    for (const sent of writes) expect(writeOutcome(sent, answer(200, body)).kind).toBe('unknown');
  });

  test('when a patch answers with another generation than the patched one', () => {
    const body = { ...patched, generation: '1700000000000002' };
    expect(writeOutcome(patch, answer(200, body)).kind).toBe('unknown');
  });

  test('when an overwrite answers with the generation that it was to replace', () => {
    const body = objectJson(record(), { generation: '1600000000000000' });
    expect(writeOutcome(overwrite, answer(200, body)).kind).toBe('unknown');
  });

  test('when a delete is answered by a page under status 200', () => {
    for (const body of ['<html></html>', '{}']) expect(deleteOutcome(answer(200, body)).kind).toBe('unknown');
  });

  test.each([201, 206, 405, 408, 410, 500, 502, 503, 504, 599])('when the status is %d', (status) => {
    const replies = [answer(status, objectJson()), answer(status, googleError(status, 'backendError'))];
    for (const reply of replies) {
      for (const sent of writes)
        expect(writeOutcome(sent, reply)).toMatchObject(unavailable('unknown', status));
      expect(deleteOutcome(reply)).toMatchObject(unavailable('unknown', status));
    }
  });

  test('when a 404 or a 412 is not the store’s own', () => {
    for (const status of [404, 412]) {
      for (const body of [
        '',
        '<html>',
        {},
        googleError(400),
        { error: 'not found' },
        { error: { code: '404' } },
      ]) {
        for (const sent of writes) expect(writeOutcome(sent, answer(status, body)).kind).toBe('unknown');
        expect(deleteOutcome(answer(status, body)).kind).toBe('unknown');
      }
    }
  });
});

describe('a write is refused', () => {
  test('when the precondition did not hold', () => {
    const reply = answer(412, googleError(412, 'conditionNotMet', 'At least one of the pre-conditions…'));
    for (const sent of writes) expect(writeOutcome(sent, reply)).toEqual({ kind: 'refused' });
    expect(deleteOutcome(reply)).toEqual({ kind: 'refused' });
  });

  test('when fake-gcs-server or gcsemulator says so in its own way', () => {
    const fake = googleError(412, 'conditionNotMet', 'Precondition failed');
    const words = 'http error 412: precondition failed';
    const gcsemulator = {
      error: { code: 412, message: words, details: null, Body: '', Header: null, Errors: null },
    };
    for (const body of [fake, gcsemulator])
      expect(writeOutcome(create, answer(412, body)).kind).toBe('refused');
  });

  test('when the guarded object is gone', () => {
    const reply = answer(404, googleError(404, 'notFound', 'No such object: b/locks/a'));
    for (const sent of guarded) expect(writeOutcome(sent, reply)).toEqual({ kind: 'refused' });
    expect(deleteOutcome(reply)).toEqual({ kind: 'refused' });
  });

  test('when a delete or a patch finds the bucket gone, which the next read tells', () => {
    const reply = answer(404, googleError(404, 'notFound', 'The specified bucket does not exist.'));
    expect(deleteOutcome(reply).kind).toBe('refused');
    expect(writeOutcome(patch, reply).kind).toBe('refused');
  });
});

describe('a write is not applied', () => {
  test.each([
    [429, 'rateLimitExceeded'],
    [429, undefined],
    [409, 'conflict'],
    [403, 'rateLimitExceeded'],
    [403, 'userRateLimitExceeded'],
    [403, 'usageLimits.rateLimitExceeded'],
  ])('when the store answers %d %s', (status, reason) => {
    const reply = answer(status, googleError(status, reason));
    const busy = { kind: 'not-applied', failure: { kind: 'busy', status } };
    for (const sent of writes) expect(writeOutcome(sent, reply)).toMatchObject(busy);
    expect(deleteOutcome(reply)).toMatchObject(busy);
  });

  test('when the store asks for patience with a body that is not its own', () => {
    expect(writeOutcome(create, answer(429, '<html>')).kind).toBe('not-applied');
  });
});

describe('a write has failed', () => {
  test.each([
    [400, 'invalid', 'rejected'],
    [401, 'authError', 'unauthenticated'],
    [403, 'forbidden', 'permission-denied'],
    [403, 'insufficientPermissions', 'permission-denied'],
    [403, 'retentionPolicyNotMet', 'retention'],
    [403, 'objectUnderActiveHold', 'retention'],
    [412, 'orgPolicyConstraintFailed', 'rejected'],
    [300, undefined, 'rejected'],
    [301, undefined, 'rejected'],
    [302, undefined, 'rejected'],
    [399, undefined, 'rejected'],
    [304, undefined, 'rejected'],
    [307, undefined, 'rejected'],
    [308, undefined, 'rejected'],
  ])('when the store answers %d %s: %s', (status, reason, kind) => {
    const reply = answer(status, googleError(status, reason));
    const failed = { kind: 'failed', failure: { kind, status, ...(reason === undefined ? {} : { reason }) } };
    for (const sent of writes) expect(writeOutcome(sent, reply)).toMatchObject(failed);
    expect(deleteOutcome(reply)).toMatchObject(failed);
  });

  test.each([400, 401, 403])('when the answer is %d without a body of the store’s', (status) => {
    expect(writeOutcome(create, answer(status, '<html>')).kind).toBe('failed');
  });

  test('when a create finds no bucket, however the 404 is worded', () => {
    for (const message of ['Not Found', 'The specified bucket does not exist.']) {
      const outcome = writeOutcome(create, answer(404, googleError(404, 'notFound', message)));
      expect(outcome).toMatchObject({ kind: 'failed', failure: { kind: 'bucket-not-found', status: 404 } });
    }
  });

  test('when an overwrite is told that the bucket does not exist', () => {
    const reply = answer(404, googleError(404, 'notFound', 'The specified bucket does not exist.'));
    expect(writeOutcome(overwrite, reply)).toMatchObject({ failure: { kind: 'bucket-not-found' } });
  });
});

describe('a read', () => {
  test('shows the object as the answer described it', () => {
    const reply = answer(200, objectJson(), { date: 'Wed, 04 Mar 2026 05:06:08 GMT' });
    expect(readOutcome(reply)).toEqual({
      kind: 'found',
      object: {
        version: expected,
        content: { kind: 'record', record: record() },
        updatedAt: Date.UTC(2026, 2, 4, 5, 6, 7, 89),
        createdAt: Date.UTC(2026, 2, 4, 5, 6, 0),
        serverTime: Date.UTC(2026, 2, 4, 5, 6, 8),
        size: 70,
        contentType: 'text/plain; charset=utf-8',
      },
    });
  });

  test('shows a foreign object, without metadata too', () => {
    const reply = answer(200, objectJson(record(), { metadata: undefined, size: 'many', contentType: 5 }));
    expect(readOutcome(reply)).toMatchObject({ kind: 'found', object: { content: { kind: 'foreign' } } });
    expect(readOutcome(reply)).not.toHaveProperty('object.size');
    expect(readOutcome(reply)).not.toHaveProperty('object.contentType');
  });

  test('gives no server time where the Date header does not parse', () => {
    for (const date of ['yesterday', 'Thu, 04 Mar 2026 05:06:08 GMT', '2026-03-04T05:06:08Z']) {
      expect(readOutcome(answer(200, objectJson(), { date }))).not.toHaveProperty('object.serverTime');
    }
  });

  test('says absent for the store’s own 404 only', () => {
    for (const message of ['No such object: b/locks/a', 'Not Found', 'b/locks/a not found']) {
      expect(readOutcome(answer(404, googleError(404, 'notFound', message)))).toEqual({ kind: 'absent' });
    }
    for (const body of ['', '<html>', {}, googleError(500)]) {
      expect(readOutcome(answer(404, body)).kind).toBe('unreadable');
    }
  });

  test('tells a missing bucket from a missing object where the store does', () => {
    const reply = answer(404, googleError(404, 'notFound', 'The specified bucket does not exist.'));
    expect(readOutcome(reply)).toMatchObject({ kind: 'failed', failure: { kind: 'bucket-not-found' } });
  });

  test.each(['updated', 'timeCreated', 'generation', 'metageneration'])('is unreadable without %s', (key) => {
    for (const value of [undefined, '', 0, 'x', null, {}]) {
      const reply = answer(200, objectJson(record(), { [key]: value }));
      expect(readOutcome(reply)).toMatchObject(unavailable('unreadable', 200));
    }
  });

  test.each([201, 204, 206, 408, 409, 412, 429, 500, 503])(
    'is unreadable when the status is %d',
    (status) => {
      const body = googleError(status, status === 412 ? 'conditionNotMet' : 'someReason');
      expect(readOutcome(answer(status, body))).toMatchObject({ kind: 'unreadable', failure: { status } });
    },
  );

  test.each([
    [400, 'rejected'],
    [401, 'unauthenticated'],
    [403, 'permission-denied'],
    [302, 'rejected'],
    [304, 'rejected'],
  ])('has failed when the status is %d', (status, kind) => {
    expect(readOutcome(answer(status))).toMatchObject({ kind: 'failed', failure: { kind, status } });
  });
});

describe('a request without an answer', () => {
  const cases: [TransportFailure, string, string, string][] = [
    ['unsent', 'not-applied', 'unreadable', 'unavailable'],
    ['unauthenticated', 'failed', 'failed', 'unauthenticated'],
    ['untrusted', 'failed', 'failed', 'rejected'],
    ['interrupted', 'unknown', 'unreadable', 'unavailable'],
    ['too-large', 'unknown', 'unreadable', 'unavailable'],
  ];
  test.each(cases)('that ended as %s is %s for a write and %s for a read', (kind, write, read, failure) => {
    const verdict = judgeError(new TransportError(kind, 'A sentence.'));
    const shown = { failure: { kind: failure, detail: 'A sentence.' } };
    expect(writeOutcome(create, verdict)).toMatchObject({ kind: write, ...shown });
    expect(deleteOutcome(verdict)).toMatchObject({ kind: write, ...shown });
    expect(readOutcome(verdict)).toMatchObject({ kind: read, ...shown });
  });

  test('is unknown when a transport fails with an error that is not ours, whose words are not repeated', () => {
    const outcome = writeOutcome(create, judgeError(new Error('Authorization: Bearer secret')));
    expect(outcome.kind).toBe('unknown');
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });
});

describe('what a failure says', () => {
  test('is one line with the status, the reason and the server’s sentence', () => {
    const message = 'me@p.iam.gserviceaccount.com does not have storage.objects.create access.';
    const outcome = writeOutcome(create, answer(403, googleError(403, 'forbidden', message)));
    expect(outcome).toHaveProperty('failure.detail', `Permission denied (HTTP 403, forbidden): ${message}`);
  });

  test('holds no control characters, no length beyond reason and no token of ours', () => {
    const message = `\u001b[31m Bearer ya29.secret and ya29.secret\n eyJsecret ${'x'.repeat(100_000)}`;
    const outcome = writeOutcome(create, answer(403, googleError(403, 'forbidden', message)));
    const text = JSON.stringify(outcome);
    expect(text).not.toMatch(/secret|\\u001b|\\n/);
    expect(text.length).toBeLessThan(700);
    expect(text).not.toContain(LEASE_ID);
  });
});

function unavailable(kind: string, status: number): object {
  return { kind, failure: { kind: 'unavailable', status } };
}
