import { describe, expect, test } from 'vitest';
import { judgeError } from '../../src/gcs/failures.ts';
import {
  defaultCredentialsError,
  networkError,
  proxyError,
  tokenError,
} from '../../src/gcs/network-error.ts';
import { deleteOutcome, type SentWrite } from '../../src/gcs/outcome.ts';
import { strangersAnswer } from '../../src/gcs/outcome.ts';
import { answer, googleError, objectJson, record, writeOutcome, readOutcome } from './tools.ts';

const create: SentWrite = { call: 'create', record: record() };

describe('what a failure says to people', () => {
  test.each([
    [302, undefined, 'redirect'],
    [400, 'invalid', 'does not take this request'],
    [401, 'authError', 'does not accept the credentials'],
    [403, 'forbidden', 'Permission denied'],
    [403, 'retentionPolicyNotMet', 'retention policy or a hold'],
    [403, 'rateLimitExceeded', 'patience'],
    [404, 'notFound', 'bucket was not found'],
    [409, 'conflict', 'patience'],
    [412, 'orgPolicyConstraintFailed', 'not for its precondition'],
    [429, undefined, 'patience'],
    [503, 'backendError', 'answered 503'],
  ])(
    'about %d %s is what it means, the status, the reason, and what the store said',
    (status, reason, words) => {
      const outcome = writeOutcome(create, answer(status, googleError(status, reason, 'Its own words.')));
      expect(outcome).toHaveProperty('failure.detail', expect.stringContaining(words));
      const shown = reason === undefined ? `(HTTP ${status})` : `(HTTP ${status}, ${reason})`;
      expect(outcome).toHaveProperty('failure.detail', expect.stringMatching(/: Its own words\.$/));
      expect(outcome).toHaveProperty('failure.detail', expect.stringContaining(shown));
    },
  );

  test('ends as a sentence does, whatever the store said', () => {
    const detailOf = (said: string) =>
      writeOutcome(create, answer(503, googleError(503, 'backendError', said)));
    expect(detailOf('Backend Error')).toHaveProperty(
      'failure.detail',
      expect.stringMatching(/: Backend Error\.$/),
    );
    expect(detailOf('Why?')).toHaveProperty('failure.detail', expect.stringMatching(/: Why\?$/));
  });

  test.each([
    [404, 'not the store'],
    [412, 'not the store'],
    [500, 'answered 500'],
  ])('about %d of somebody else’s ends with a full stop, and repeats nothing', (status, words) => {
    const outcome = writeOutcome(create, answer(status, '<html>'));
    expect(outcome).toHaveProperty('failure.detail', expect.stringContaining(words));
    expect(outcome).toHaveProperty('failure.detail', expect.stringMatching(/ \(HTTP \d+\)\.$/));
  });

  test('ends with a full stop where the store says nothing', () => {
    const outcome = writeOutcome(create, answer(403, googleError(403, 'forbidden', '')));
    expect(outcome).toHaveProperty('failure.detail', 'Permission denied (HTTP 403, forbidden).');
    const silent = writeOutcome(create, answer(403));
    expect(silent).not.toHaveProperty('failure.reason');
  });

  test('says which part of an answer that makes no sense is missing', () => {
    const page = answer(200, '<html>');
    expect(writeOutcome(create, page)).toHaveProperty(
      'failure.detail',
      expect.stringMatching(/answered something, which does not show what was written/),
    );
    expect(deleteOutcome(page)).toHaveProperty(
      'failure.detail',
      expect.stringMatching(/no answer of its own/),
    );
    expect(readOutcome(page)).toHaveProperty('failure.detail', expect.stringMatching(/not an object/));
    const named = answer(200, objectJson(record(), { name: 'theirs' }));
    expect(strangersAnswer(named, 'ours')).toMatchObject({
      kind: 'unknown',
      failure: { kind: 'unavailable', detail: expect.stringContaining('another object') },
    });
  });

  test('says that a read with a precondition, which none has, was not met', () => {
    const outcome = readOutcome(answer(412, googleError(412, 'conditionNotMet')));
    expect(outcome).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'unavailable', status: 412, detail: expect.stringContaining('a read with 412') },
    });
  });

  test('says that a transport failed, without its words', () => {
    expect(judgeError(new Error('x'))).toEqual({
      kind: 'unknown',
      failure: { kind: 'unavailable', detail: expect.stringContaining('transport failed') },
    });
  });
});

describe('an answer that names an object', () => {
  test.each([
    ['another one under success', 200, { name: 'theirs' }, 'unknown'],
    ['ours', 200, { name: 'ours' }, undefined],
    ['none', 200, {}, undefined],
    ['another one in a failure', 500, { name: 'theirs' }, undefined],
  ])('%s', (_what, status, body, kind) => {
    expect(strangersAnswer(answer(status, body), 'ours')?.kind).toBe(kind);
  });
});

describe('a hold on the object', () => {
  test.each([
    ['objectUnderActiveHold', 'x', 'retention'],
    ['retentionPolicyNotMet', 'x', 'retention'],
    ['forbidden', "Object 'b/o' is under active Temporary hold and cannot be deleted.", 'retention'],
    ['forbidden', 'this is under active hold', 'permission-denied'],
    ['activeHoldings', 'x', 'permission-denied'],
    ['rateLimitExceededForSure', 'x', 'permission-denied'],
  ])('is told from a missing permission: %s, %s', (reason, message, kind) => {
    const outcome = writeOutcome(create, answer(403, googleError(403, reason, message)));
    expect(outcome).toHaveProperty('failure.kind', kind);
  });
});

describe('an error on the way', () => {
  test('says what could not be reached, and how far the request got', () => {
    expect(networkError(new Error('x')).message).toContain('before the whole answer came');
    const coded = (code: string, syscall?: string): Error => Object.assign(new Error('x'), { code, syscall });
    expect(networkError(coded('ECONNREFUSED')).message).toContain('could not be reached (ECONNREFUSED)');
    expect(networkError(coded('EPIPE')).message).toContain('before the whole answer came (EPIPE)');
    expect(networkError(coded('CERT_HAS_EXPIRED')).message).toContain('certificate is not accepted (CERT_');
  });

  test.each([
    [407, 'asks for credentials of its own (HTTP 407)'],
    [403, 'could not, or would not (HTTP 403)'],
  ])('of a proxy that answered %d says so: nothing was sent', (status, words) => {
    expect(proxyError(status)).toMatchObject({ kind: 'unsent', message: expect.stringContaining(words) });
  });

  test.each([
    [{ response: { status: 500 } }, 'the token endpoint answered HTTP 500'],
    [{ response: { status: 499 } }, 'the token endpoint answered HTTP 499'],
    [{ code: 'CERT_HAS_EXPIRED' }, "token endpoint's certificate is not accepted (CERT_HAS_EXPIRED)"],
    [{ code: 'ECONNRESET' }, 'from the token endpoint (ECONNRESET)'],
    [{ config: {} }, 'from the token endpoint (it gave no answer)'],
    [{ code: 'ENOENT' }, 'give no access token (ENOENT)'],
    [{ name: 'OddError' }, 'give no access token (OddError)'],
    [{ name: 'Odd error: secret' }, 'give no access token (Error)'],
    [{ name: 'E'.repeat(40) }, `give no access token (${'E'.repeat(40)})`],
    [{ name: 'E'.repeat(41) }, 'give no access token (Error)'],
  ])('to a token says what is to be mended: %j', (properties, words) => {
    expect(tokenError(Object.assign(new Error('x'), properties)).message).toContain(words);
  });

  test('to a token that is no error at all is one of the credentials', () => {
    for (const thrown of ['secret', undefined, null, 7]) {
      expect(tokenError(thrown)).toMatchObject({
        kind: 'unauthenticated',
        message: expect.stringContaining('(Error)'),
      });
    }
  });

  test('of the environment’s credentials says whether a file was named', () => {
    for (const file of [undefined, '']) {
      expect(defaultCredentialsError(new Error('x'), file)).toMatchObject({
        kind: 'unauthenticated',
        message: expect.stringContaining('No usable Google credentials were found'),
      });
    }
    const named = defaultCredentialsError(new Error('x'), '/a/key.json');
    expect(named.message).toContain('GOOGLE_APPLICATION_CREDENTIALS');
    expect(named.message).not.toContain('key.json');
    const passing = Object.assign(new Error('x'), { response: { status: 503 } });
    expect(defaultCredentialsError(passing, undefined)).toMatchObject({
      kind: 'unsent',
      message: expect.stringContaining('503'),
    });
  });
});

describe('the codes of failures', () => {
  const CONNECT = ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'ECONNRESET'];

  test.each(CONNECT)('%s means unsent in connect only', (code) => {
    expect(networkError({ code, syscall: 'connect' }).kind).toBe('unsent');
    expect(networkError({ code, syscall: 'read' }).kind).toBe('interrupted');
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s means unsent',
    (code) => {
      expect(networkError({ code }).kind).toBe('unsent');
    },
  );

  test('another failure in connect may have been sent', () => {
    expect(networkError({ code: 'EPIPE', syscall: 'connect' }).kind).toBe('interrupted');
  });

  test.each([
    'ERR_TLS_CERT_ALTNAME_FORMAT',
    'CERT_REVOKED',
    'CRL_HAS_EXPIRED',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_CRL',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
    'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'HOSTNAME_MISMATCH',
    'PATH_LENGTH_EXCEEDED',
  ])('%s is about a certificate', (code) => {
    expect(networkError({ code }).kind).toBe('untrusted');
    expect(tokenError({ code }).kind).toBe('untrusted');
    expect(networkError({ code: `X-${code}` }).kind).toBe('interrupted');
  });

  test.each(['INVALID_CART', 'MY_CERT_X', 'XHOSTNAME_MISMATCH', 'HOSTNAME_MISMATCHES', 'UNABLE_TO_LEAVE_X'])(
    '%s is not',
    (code) => {
      expect(networkError({ code }).kind).toBe('interrupted');
    },
  );

  test.each([
    'ECONNRESET',
    'ECONNABORTED',
    'EAI_AGAIN',
    'ENOTFOUND',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENETDOWN',
    'EADDRNOTAVAIL',
    'UND_ERR_SOCKET',
    'ERR_STREAM_PREMATURE_CLOSE',
    'AbortError',
    'TimeoutError',
  ])('%s on the way to a token may pass', (code) => {
    expect(tokenError({ code }).kind).toBe('unsent');
    expect(tokenError({ code: `X_${code}` }).kind).toBe('unauthenticated');
  });

  test.each(['ENOTFOUNDED', 'EPIPES', 'MY_ENOTFOUND'])('%s does not', (code) => {
    expect(tokenError({ code }).kind).toBe('unauthenticated');
  });

  test('are looked for along six causes, and are words', () => {
    const deep = (depth: number): object =>
      depth === 0 ? { code: 'ECONNREFUSED' } : { code: depth % 2 === 0 ? 20 : 'a b', cause: deep(depth - 1) };
    expect(networkError(deep(5)).kind).toBe('unsent');
    expect(networkError(deep(6)).kind).toBe('interrupted');
    for (const code of ['A'.repeat(61), 'ECONNREFUSED!', '!ECONNREFUSED', ''])
      expect(networkError({ code }).message).not.toContain('(');
  });

  test('come with the call that failed, by either of its names', () => {
    expect(networkError({ code: 'ETIMEDOUT', erroredSysCall: 'connect' }).kind).toBe('unsent');
    expect(networkError({ code: 'ETIMEDOUT', syscall: 7 }).kind).toBe('interrupted');
  });

  test.each([
    [407, 'unauthenticated'],
    [408, 'unsent'],
    [409, 'unauthenticated'],
    [429, 'unsent'],
    [430, 'unauthenticated'],
    [499, 'unauthenticated'],
    [500, 'unsent'],
  ])('HTTP %d of the token endpoint is %s', (status, kind) => {
    expect(tokenError({ response: { status } }).kind).toBe(kind);
  });

  test('of an answer that is none are not believed', () => {
    for (const response of [null, 'x', {}, { status: '503' }, undefined])
      expect(tokenError({ response }).kind).toBe('unauthenticated');
  });
});
