import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../emulator/index.ts';
import { Client, refusal, resource, setUp } from './client.ts';
import type { Caller, Emulator } from '../../emulator/index.ts';

/** An emulator that knows one token, `t`. */
function start(caller: Caller): { emulator: Emulator; tokens: Map<string, Caller> } {
  const tokens = new Map([['t', caller]]);
  return { emulator: createEmulator({ buckets: ['b'], tokens }), tokens };
}

/** A client that sends these headers with all it asks. */
function clientOf(emulator: Emulator, headers: Readonly<Record<string, string>>): Client {
  return new Client({
    base: 'http://emulated.test',
    fetch: (input, init) => {
      const request = new Request(input, init);
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      return emulator.fetch(request);
    },
  });
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const LOCK = ['create', 'get', 'update', 'delete'].map((verb) => `storage.objects.${verb}`);

/** Every call there is, by the permission that it needs; each of them is in order but for that. */
const CALLS: readonly [string, string, (client: Client) => Promise<Response>][] = [
  ['storage.objects.create', 'Google Cloud Storage object', (client) => client.insert('new')],
  ['storage.objects.get', 'Google Cloud Storage object', (client) => client.get('x')],
  ['storage.objects.update', 'Google Cloud Storage object', (client) => client.patch('x', {})],
  ['storage.objects.delete', 'Google Cloud Storage object', (client) => client.delete('x')],
  ['storage.objects.list', 'Google Cloud Storage bucket', (client) => client.list()],
  [
    'storage.buckets.get',
    'Google Cloud Storage bucket',
    (client) => client.request('GET', '/storage/v1/b/b'),
  ],
  [
    'storage.buckets.update',
    'Google Cloud Storage bucket',
    (client) => client.request('PATCH', '/storage/v1/b/b'),
  ],
  [
    'storage.buckets.delete',
    'Google Cloud Storage bucket',
    (client) => client.request('DELETE', '/storage/v1/b/c'),
  ],
  [
    'storage.buckets.list',
    'Google Cloud project',
    (client) => client.request('GET', '/storage/v1/b?project=p'),
  ],
  [
    'storage.buckets.create',
    'Google Cloud project',
    (client) => client.request('POST', '/storage/v1/b?project=p', { body: '{"name":"my-bucket"}' }),
  ],
];

describe.each(CALLS)('a call that needs %s', (permission, what, call) => {
  const others = CALLS.map(([name]) => name).filter((name) => name !== permission);

  /** An emulator with what the calls are about, whose caller has these permissions from then on. */
  async function ready(permissions: readonly string[]): Promise<Emulator> {
    const { emulator, tokens } = start({ permissions: LOCK });
    await resource(clientOf(emulator, bearer('t')).insert('x'));
    emulator.addBucket('c');
    tokens.set('t', { email: 'a@b.test', permissions });
    return emulator;
  }

  it('succeeds with it alone', async () => {
    const emulator = await ready([permission]);
    expect((await call(clientOf(emulator, bearer('t')))).ok).toBe(true);
  });

  it('is 403 with all the others, and does nothing', async () => {
    const emulator = await ready(others);
    expect(await refusal(call(clientOf(emulator, bearer('t'))))).toEqual({
      status: 403,
      reason: 'forbidden',
      message: `a@b.test does not have ${permission} access to the ${what}. Permission '${permission}' denied on resource (or it may not exist).`,
    });
    expect(emulator.objects('b').map(({ name, metageneration }) => [name, metageneration])).toEqual([
      ['x', 1n],
    ]);
  });

  it('is 401 without a token and with an unknown one', async () => {
    const emulator = await ready([permission]);
    expect(await refusal(call(clientOf(emulator, {})))).toEqual({
      status: 401,
      reason: 'required',
      location: 'Authorization',
      message: `Anonymous caller does not have ${permission} access to the ${what}. Permission '${permission}' denied on resource (or it may not exist).`,
    });
    for (const headers of [bearer('u'), { authorization: 't' }, { authorization: 'Basic t' }]) {
      expect(await refusal(call(clientOf(emulator, headers)))).toEqual({
        status: 401,
        reason: 'authError',
        location: 'Authorization',
        message: 'Invalid Credentials',
      });
    }
  });
});

describe('an overwrite', () => {
  it('needs the permission to delete too, after its preconditions', async () => {
    const { emulator } = start({ permissions: ['storage.objects.create'] });
    const client = clientOf(emulator, bearer('t'));
    const { generation } = await resource(client.insert('x'));
    expect((await client.insert('x', { query: '&ifGenerationMatch=0' })).status).toBe(412);
    expect(await refusal(client.insert('x', { query: `&ifGenerationMatch=${generation}` }))).toMatchObject({
      status: 403,
      message:
        "caller@emulated.test does not have storage.objects.delete access to the Google Cloud Storage object. Permission 'storage.objects.delete' denied on resource (or it may not exist).",
    });
    expect(emulator.object('b', 'x')?.generation.toString()).toBe(generation);
  });
});

describe('a token', () => {
  it('may expire and be replaced at any moment', async () => {
    const { emulator, tokens } = start({ permissions: LOCK });
    await resource(clientOf(emulator, bearer('t')).insert('x'));
    tokens.delete('t');
    expect((await clientOf(emulator, bearer('t')).get('x')).status).toBe(401);
    tokens.set('u', { permissions: LOCK });
    await resource(clientOf(emulator, bearer('u')).get('x'));
  });

  it('is asked for before an answer is given from memory', async () => {
    const tokens = new Map([['t', { permissions: LOCK }]]);
    const emulator = createEmulator({ buckets: ['b'], tokens });
    const headers = { ...bearer('t'), 'x-goog-gcs-idempotency-token': 'i' };
    await resource(clientOf(emulator, headers).insert('x'));
    tokens.delete('t');
    expect((await clientOf(emulator, headers).insert('x')).status).toBe(401);
  });

  it('is not looked at unless tokens are given', async () => {
    const { emulator } = setUp();
    await resource(clientOf(emulator, bearer('anything')).insert('x'));
  });
});

describe('a bucket whose requester pays', () => {
  const missing = {
    status: 400,
    reason: 'required',
    message: 'Bucket is a requester pays bucket but no user project provided.',
  };

  it('refuses a request that names no project', async () => {
    const { emulator, client } = setUp();
    emulator.addBucket('b', { requesterPays: true });
    expect(await refusal(client.insert('x'))).toEqual(missing);
    expect(await refusal(client.list('?userProject='))).toEqual(missing);
    await resource(client.insert('x', { query: '&userProject=p' }));
    await resource(clientOf(emulator, { 'x-goog-user-project': 'p' }).get('x'));
    const media = await client.get('x', '?alt=media');
    expect([media.status, await media.text()]).toEqual([400, missing.message]);
  });

  it('is made so by a patch, and is one no longer by another', async () => {
    const { client } = setUp();
    const patch = (billing: unknown, query = ''): Promise<Response> =>
      client.request('PATCH', `/storage/v1/b/b${query}`, { body: JSON.stringify({ billing }) });
    expect(await resource(patch({ requesterPays: true }))).toHaveProperty('billing', { requesterPays: true });
    expect(await refusal(patch({ requesterPays: false }))).toEqual(missing);
    expect(await resource(patch({ requesterPays: false }, '?userProject=p'))).toHaveProperty('billing', {
      requesterPays: false,
    });
    expect(await refusal(patch({ requesterPays: 'yes' }))).toMatchObject({ status: 400, reason: 'invalid' });
    expect(await resource(patch(null))).not.toHaveProperty('billing');
  });

  it('asks its owner for no project', async () => {
    const owns = 'resourcemanager.projects.createBillingAssignment';
    const { emulator, tokens } = start({ permissions: [...LOCK, owns] });
    emulator.addBucket('b', { requesterPays: true });
    await resource(clientOf(emulator, bearer('t')).insert('x'));
    tokens.set('t', { permissions: LOCK });
    expect(await refusal(clientOf(emulator, bearer('t')).get('x'))).toEqual(missing);
  });
});

describe('a project to bill', () => {
  it('has to be one that the caller may bill, in any bucket', async () => {
    const { emulator } = start({ permissions: LOCK, billableProjects: ['mine'] });
    emulator.addBucket('c', { requesterPays: true });
    const client = clientOf(emulator, bearer('t'));
    await resource(client.insert('x', { query: '&userProject=mine' }));
    expect(await refusal(client.get('x', '?userProject=yours'))).toEqual({
      status: 403,
      reason: 'forbidden',
      message:
        "caller@emulated.test does not have serviceusage.services.use access to the Google Cloud project. Permission 'serviceusage.services.use' denied on resource (or it may not exist).",
    });
    const elsewhere = client.request('GET', '/storage/v1/b/c/o/x?userProject=mine');
    expect(await refusal(elsewhere)).toMatchObject({ status: 404 });
  });

  it('may be named by a header, over which the parameter wins', async () => {
    const { emulator } = start({ permissions: LOCK, billableProjects: ['mine'] });
    const client = clientOf(emulator, { ...bearer('t'), 'x-goog-user-project': 'yours' });
    expect((await client.get('x')).status).toBe(403);
    expect((await client.get('x', '?userProject=mine')).status).toBe(404);
  });
});
