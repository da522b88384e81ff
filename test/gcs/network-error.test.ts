import { describe, expect, test } from 'vitest';
import { networkError, tokenError } from '../../src/gcs/network-error.ts';
import { TransportError } from '../../src/gcs/transport.ts';

/** An error as HTTP clients throw it: wrapped, and with the request in it. */
function wrapped(...layers: object[]): Error {
  let error: Error | undefined;
  for (const layer of layers.toReversed()) {
    const options = error === undefined ? undefined : { cause: error };
    error = Object.assign(new Error('Bearer secret', options), layer);
  }
  return error ?? new Error('Bearer secret');
}

describe('a failure of the network', () => {
  test.each([
    ['unsent', 'ENOTFOUND', undefined],
    ['unsent', 'EAI_AGAIN', undefined],
    ['unsent', 'ECONNREFUSED', undefined],
    ['unsent', 'ECONNREFUSED', 'connect'],
    ['unsent', 'ETIMEDOUT', 'connect'],
    ['unsent', 'EHOSTUNREACH', 'connect'],
    ['interrupted', 'ETIMEDOUT', 'read'],
    ['interrupted', 'ETIMEDOUT', undefined],
    ['interrupted', 'ECONNRESET', 'read'],
    ['interrupted', 'ECONNRESET', undefined],
    ['interrupted', 'EPIPE', 'write'],
    ['interrupted', 'HPE_HEADER_OVERFLOW', undefined],
    ['interrupted', 'ERR_STREAM_PREMATURE_CLOSE', undefined],
    ['interrupted', 'Z_DATA_ERROR', undefined],
    ['untrusted', 'CERT_HAS_EXPIRED', undefined],
    ['untrusted', 'CERT_NOT_YET_VALID', undefined],
    ['untrusted', 'DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
    ['untrusted', 'SELF_SIGNED_CERT_IN_CHAIN', undefined],
    ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined],
    ['untrusted', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', undefined],
    ['untrusted', 'ERR_TLS_CERT_ALTNAME_INVALID', undefined],
  ])('is %s when its code is %s in %s', (kind, code, call) => {
    const errors = [
      wrapped({ code, syscall: call }),
      wrapped({ code, erroredSysCall: call }, {}),
      wrapped({}, { code: 20 }, { code, syscall: call }),
    ];
    for (const error of errors) {
      const ours = networkError(error);
      expect(ours.kind).toBe(kind);
      expect(ours.message).toContain(`(${code})`);
      expect(ours).not.toHaveProperty('cause');
    }
  });

  test('without a code is an interruption, whatever was thrown', () => {
    for (const thrown of [new Error('x'), 'Bearer secret', undefined, null, { code: 'a b: secret' }]) {
      expect(networkError(thrown)).toMatchObject({
        kind: 'interrupted',
        message: expect.not.stringContaining('secret'),
      });
    }
  });

  test('that is ours already stays what it is', () => {
    const ours = new TransportError('too-large', 'x');
    expect(networkError(ours)).toBe(ours);
    expect(tokenError(ours)).toBe(ours);
  });
});

describe('a failure on the way to a token', () => {
  test.each([
    ['unsent', { response: { status: 500 } }],
    ['unsent', { response: { status: 503 } }],
    ['unsent', { response: { status: 429 } }],
    ['unsent', { response: { status: 408 } }],
    ['unsent', { code: 'ECONNREFUSED' }],
    ['unsent', { code: 'ETIMEDOUT' }],
    ['unsent', { config: {} }],
    ['untrusted', { code: 'CERT_HAS_EXPIRED', config: {} }],
    ['unauthenticated', { response: { status: 400 } }],
    ['unauthenticated', { response: { status: 403 } }],
    ['unauthenticated', { code: 'ENOENT' }],
    ['unauthenticated', { code: 'EACCES' }],
    ['unauthenticated', { code: 'ERR_OSSL_UNSUPPORTED' }],
    ['unauthenticated', {}],
  ])('is %s when the error has %j', (kind, properties) => {
    expect(tokenError(wrapped(properties))).toMatchObject({
      kind,
      message: expect.not.stringContaining('secret'),
    });
  });
});
