import { OAuth2Client, PassThroughClient } from 'google-auth-library';
import { expect, test } from 'vitest';
import { expireToken } from '../../src/gcs/renewal.ts';

function clientWith(credentials: OAuth2Client['credentials']): OAuth2Client {
  return new OAuth2Client({ credentials });
}

test('the token that was refused is marked as expired', () => {
  const client = clientWith({ access_token: 'one', refresh_token: 'r', expiry_date: Date.now() + 9e6 });
  expect(expireToken(client, 'Bearer one')).toBe(true);
  expect(client.credentials).toEqual({ access_token: 'one', refresh_token: 'r', expiry_date: 1 });
});

test('a token that another request has renewed in the meantime is left alone, and sent', () => {
  const credentials = { access_token: 'two', refresh_token: 'r', expiry_date: Date.now() + 9e6 };
  const client = clientWith({ ...credentials });
  for (const sent of ['Bearer one', 'Bearer t', 'two', null]) expect(expireToken(client, sent)).toBe(true);
  expect(client.credentials).toEqual(credentials);
});

test('a handler that brings tokens is a way to renew one', () => {
  const client = clientWith({ access_token: 'one', expiry_date: Date.now() + 9e6 });
  expect(expireToken(client, 'Bearer one')).toBe(false);
  client.refreshHandler = () => Promise.resolve({ access_token: 'two', expiry_date: Date.now() + 9e6 });
  expect(expireToken(client, 'Bearer one')).toBe(true);
});

test('a client without a token, or that is none of the library’s, has nothing to renew', () => {
  const clients = [
    new PassThroughClient(),
    new OAuth2Client(),
    {},
    { credentials: null },
    { credentials: {} },
  ];
  for (const client of clients) expect(expireToken(client, 'Bearer one')).toBe(false);
});

test('nothing is done with credentials that are none, or that hold no token', () => {
  const setCredentials = (): never => {
    throw new Error('not to be called');
  };
  for (const credentials of [
    undefined,
    null,
    'x',
    {},
    { refresh_token: 'r' },
    { refresh_token: 'r', access_token: 7 },
  ])
    expect(expireToken({ credentials, setCredentials }, 'Bearer undefined')).toBe(false);
});

test('a token that cannot be marked as expired is not taken for one that can be renewed', () => {
  for (const setCredentials of [undefined, 'x'])
    expect(
      expireToken({ credentials: { access_token: 'one', refresh_token: 'r' }, setCredentials }, 'Bearer one'),
    ).toBe(false);
});

test('an exchange of subject tokens is a way to renew one', () => {
  const set: unknown[] = [];
  const client = {
    credentials: { access_token: 'one' },
    setCredentials: (credentials: unknown) => void set.push(credentials),
    retrieveSubjectToken: () => Promise.resolve('subject'),
  };
  expect(expireToken(client, 'Bearer one')).toBe(true);
  expect(set).toEqual([{ access_token: 'one', expiry_date: 1 }]);
  expect(expireToken({ ...client, retrieveSubjectToken: 'x' }, 'Bearer one')).toBe(false);
});
