import { describe, expect, test } from 'vitest';
import { type EndpointSources, resolveEndpoint } from '../../src/gcs/endpoint.ts';
import type { BucketLike } from '../../src/gcs/types.ts';

function resolve(sources: Partial<EndpointSources> = {}) {
  return resolveEndpoint({ env: {}, ...sources });
}

function bucket(storage: Partial<BucketLike['storage']> = {}): BucketLike {
  const authClient = { getClient: () => Promise.reject(new Error('not asked for')) };
  return { name: 'b', storage: { apiEndpoint: 'https://storage.googleapis.com', authClient, ...storage } };
}

const google = { isEmulator: false, sendsCredentials: true };
const emulator = { isEmulator: true, sendsCredentials: false, followsUniverse: false };

describe('by default', () => {
  test('requests go to Google, with credentials, wherever their universe is', () => {
    expect(resolve()).toEqual({ ...google, origin: 'https://storage.googleapis.com', followsUniverse: true });
  });

  test('GOOGLE_CLOUD_UNIVERSE_DOMAIN names another universe', () => {
    const env = { GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'example.goog' };
    expect(resolve({ env })).toEqual({
      ...google,
      origin: 'https://storage.example.goog',
      followsUniverse: false,
      universeDomain: 'example.goog',
    });
  });

  test('an empty one names none', () => {
    const env = { GOOGLE_CLOUD_UNIVERSE_DOMAIN: '' };
    expect(resolve({ env })).toMatchObject({
      origin: 'https://storage.googleapis.com',
      followsUniverse: true,
    });
  });

  test('a universe that is not a domain is an error, since a token goes there', () => {
    for (const value of ['evil.example/', 'a b', 'host:80', 'user@host.example', '.example', 'nodots']) {
      const error = thrownBy(() => resolve({ env: { GOOGLE_CLOUD_UNIVERSE_DOMAIN: value } }));
      expect(error).toMatchObject({
        name: 'TypeError',
        message: `GOOGLE_CLOUD_UNIVERSE_DOMAIN must be a domain name, got ${JSON.stringify(value)}`,
      });
    }
  });

  test('the client that auth brings knows its universe better than the environment', () => {
    const env = { GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'example.goog' };
    expect(resolve({ env, hasAuth: true })).toMatchObject({ followsUniverse: true });
  });
});

describe('STORAGE_EMULATOR_HOST', () => {
  test.each([
    ['localhost:9023', 'http://localhost:9023'],
    ['http://localhost:9023', 'http://localhost:9023'],
    ['http://localhost:9023/', 'http://localhost:9023'],
    ['http://localhost:9023/storage/v1', 'http://localhost:9023'],
    ['localhost:9023/storage/v1/', 'http://localhost:9023'],
    ['https://localhost:4443', 'https://localhost:4443'],
    ['http://gcs.internal:4443', 'http://gcs.internal:4443'],
    ['gcs', 'http://gcs'],
    ['127.0.0.1:80', 'http://127.0.0.1'],
    ['[::1]:9023', 'http://[::1]:9023'],
    ['HTTP://LOCALHOST:9023', 'http://localhost:9023'],
  ])('%j means %s, without credentials', (value, origin) => {
    expect(resolve({ env: { STORAGE_EMULATOR_HOST: value } })).toEqual({ ...emulator, origin });
    // Not even with credentials at hand.
    expect(resolve({ env: { STORAGE_EMULATOR_HOST: value }, hasAuth: true })).toEqual({
      ...emulator,
      origin,
    });
  });

  test('that is no origin is an error that names it', () => {
    const error = thrownBy(() => resolve({ env: { STORAGE_EMULATOR_HOST: 'ftp://x' } }));
    expect(error).toHaveProperty('message', expect.stringMatching(/^STORAGE_EMULATOR_HOST must be/));
  });

  test('left empty, it is as if it were not there', () => {
    expect(resolve({ env: { STORAGE_EMULATOR_HOST: '' } })).toMatchObject(google);
  });
});

describe('apiEndpoint', () => {
  test('wins over the bucket and the environment', () => {
    const env = { STORAGE_EMULATOR_HOST: 'localhost:1', GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'example.goog' };
    const sources = {
      apiEndpoint: 'http://localhost:2',
      bucket: bucket({ apiEndpoint: 'http://localhost:3' }),
      env,
    };
    expect(resolve(sources)).toEqual({ ...emulator, origin: 'http://localhost:2' });
  });

  test.each([
    ['https://storage.me-central2.rep.googleapis.com', 'https://storage.me-central2.rep.googleapis.com'],
    ['storage.googleapis.com', 'https://storage.googleapis.com'],
    ['https://gcs.example/storage/v1/', 'https://gcs.example'],
  ])('%j is a server that gets credentials', (apiEndpoint, origin) => {
    expect(resolve({ apiEndpoint })).toEqual({ ...google, origin, followsUniverse: false });
  });

  test.each([
    'http://localhost:4443',
    'https://localhost:4443',
    'http://127.8.9.10:4443',
    'http://[::1]:4443',
    'http://[::ffff:127.0.0.1]:4443',
    'http://gcs.localhost:4443',
  ])('%j is an emulator, which gets a token only where auth asks for it', (apiEndpoint) => {
    expect(resolve({ apiEndpoint })).toMatchObject({ isEmulator: true, sendsCredentials: false });
    expect(resolve({ apiEndpoint, hasAuth: true })).toMatchObject({
      isEmulator: true,
      sendsCredentials: true,
    });
  });

  test.each(['http://gcs:4443', 'http://10.0.0.1', 'http://localhost.example', 'http://127.0.0.1.example'])(
    '%j is an emulator too, and never gets a token',
    (apiEndpoint) => {
      expect(resolve({ apiEndpoint })).toMatchObject({ isEmulator: true, sendsCredentials: false });
      expect(() => resolve({ apiEndpoint, hasAuth: true })).toThrow(
        /^apiEndpoint must be https where credentials/,
      );
    },
  );

  test.each([
    '',
    'http://',
    'ftp://host',
    'http://host/path',
    'http://host?x=1',
    'http://host/#x',
    'http://host/storage/v2',
    'http://host/..%2f',
    'javascript://host',
    'gs://bucket',
    '//host\\evil',
    'http:// host',
    'http://[::1',
    'http://host:99999',
    'file:///etc/passwd',
    'a b',
  ])('%j is an error that names option, value and rule', (apiEndpoint) => {
    const error = thrownBy(() => resolve({ apiEndpoint }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      message: `apiEndpoint must be an http or https origin such as "http://localhost:4443", got ${JSON.stringify(apiEndpoint)}`,
    });
  });

  test.each([
    'http://me:secret@localhost:1',
    'https://secret@gcs.example',
    'me:secret@gcs.example',
    'http://me:/secret/@localhost',
    'http://me:sec@ret@localhost',
    'http://me:secret@localhost/path?x#y',
    'http://:secret@localhost',
    'http://me:secret@localhost\n@x',
  ])('user info as in %j is an error that does not repeat it', (apiEndpoint) => {
    const error = thrownBy(() => resolve({ apiEndpoint }));
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARGUMENT' });
    expect(error).toHaveProperty('message', expect.stringMatching(/^apiEndpoint must be .+, got "\*\*\*@/));
    expect(error).toHaveProperty('message', expect.not.stringMatching(/sec|ret/));
  });

  test.each([5, 2_130_706_433, null, true, ['http://localhost:1'], new URL('http://localhost:1')])(
    '%o is no string, and an error',
    (apiEndpoint) => {
      const error = thrownBy(() => resolve({ apiEndpoint: apiEndpoint as never }));
      expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARGUMENT' });
    },
  );

  test.each([
    ['https://gcs.example///', 'https://gcs.example'],
    ['https://gcs.example//storage/v1//', 'https://gcs.example'],
    ['HTTPS://GCS.EXAMPLE:443/', 'https://gcs.example'],
    ['https://[2001:DB8::1]:8443/', 'https://[2001:db8::1]:8443'],
    ['http://[::1]/', 'http://[::1]'],
    ['http://2130706433:80/', 'http://127.0.0.1'],
    ['http://0x7f.1/', 'http://127.0.0.1'],
  ])('%j is the origin %s, however it is spelt', (apiEndpoint, origin) => {
    expect(resolve({ apiEndpoint }).origin).toBe(origin);
  });

  test.each([
    'http://[::ffff:8.8.8.8]',
    'http://[2001:db8::1]',
    'http://127.0.0.1.nip.example',
    'http://localhost.',
    'http://0.0.0.0',
    'http://1270.0.0.1.example',
  ])('%j is no loopback host: no token goes there in the clear', (apiEndpoint) => {
    expect(() => resolve({ apiEndpoint, hasAuth: true })).toThrow(/^apiEndpoint must be https/);
  });
});

describe('a bucket of @google-cloud/storage', () => {
  test('brings its endpoint, which wins over the environment', () => {
    const env = { STORAGE_EMULATOR_HOST: 'localhost:1' };
    const custom = bucket({ apiEndpoint: 'http://localhost:3', customEndpoint: true });
    expect(resolve({ bucket: custom, env })).toEqual({ ...emulator, origin: 'http://localhost:3' });
    expect(resolve({ bucket: bucket(), env })).toMatchObject({ ...google, followsUniverse: false });
  });

  test('sends no credentials to a custom endpoint, unless it is told to', () => {
    const storage = { apiEndpoint: 'https://gcs.example', customEndpoint: true };
    expect(resolve({ bucket: bucket(storage) })).toMatchObject({
      isEmulator: false,
      sendsCredentials: false,
    });
    const told = bucket({ ...storage, useAuthWithCustomEndpoint: true });
    expect(resolve({ bucket: told })).toMatchObject({ sendsCredentials: true });
    expect(resolve({ bucket: bucket(storage), hasAuth: true })).toMatchObject({ sendsCredentials: true });
  });

  test('may name its endpoint without a scheme, and no other kind of URL', () => {
    const bare = bucket({ apiEndpoint: 'gcs.example' });
    expect(resolve({ bucket: bare }).origin).toBe('https://gcs.example');
    const error = thrownBy(() => resolve({ bucket: bucket({ apiEndpoint: 'ftp://x' }) }));
    expect(error).toHaveProperty('message', expect.stringMatching(/^bucket.storage.apiEndpoint must be/));
  });

  test('that would send its token in the clear is an error', () => {
    const storage = {
      apiEndpoint: 'http://gcs.example',
      customEndpoint: true,
      useAuthWithCustomEndpoint: true,
    };
    expect(() => resolve({ bucket: bucket(storage) })).toThrow(/^bucket.storage.apiEndpoint must be https/);
  });

  test('whose client read a bare STORAGE_EMULATOR_HOST as https is taken to mean http', () => {
    const custom = bucket({ apiEndpoint: 'https://localhost:9023', customEndpoint: true });
    for (const host of ['localhost:9023', 'localhost:9023/', 'localhost:9023//']) {
      const env = { STORAGE_EMULATOR_HOST: host };
      expect(resolve({ bucket: custom, env })).toEqual({ ...emulator, origin: 'http://localhost:9023' });
    }
    const path = 'localhost:9023/storage/v1';
    const withPath = bucket({ apiEndpoint: `https://${path}`, customEndpoint: true });
    const sources = { bucket: withPath, env: { STORAGE_EMULATOR_HOST: path } };
    expect(resolve(sources)).toEqual({ ...emulator, origin: 'http://localhost:9023' });
    const env = { STORAGE_EMULATOR_HOST: 'https://localhost:9023' };
    expect(resolve({ bucket: custom, env })).toMatchObject({ origin: 'https://localhost:9023' });
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
