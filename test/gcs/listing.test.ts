import { describe, expect, test } from 'vitest';
import { listPage, type ListTarget } from '../../src/gcs/listing.ts';
import { type Transport, TransportError } from '../../src/gcs/transport.ts';
import { answer, googleError, objectJson, record, scripted } from './tools.ts';

const TARGET: ListTarget = {
  endpoint: { origin: 'https://storage.googleapis.com' },
  bucket: 'a bucket',
  prefix: 'jobs/',
};

const { signal } = new AbortController();

/** What becomes of asking for a page that is answered like this. */
function listed(status: number, body: unknown, headers: Record<string, string> = {}) {
  return listPage(TARGET, undefined, scripted(answer(status, body, headers)).transport, signal);
}

function named(name: unknown, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, ...objectJson(record(), changes) };
}

describe('a page is asked for', () => {
  const requestFor = async (changes: Partial<ListTarget> = {}, pageToken?: string) => {
    const { requests, transport } = scripted(answer(200, {}));
    await listPage({ ...TARGET, ...changes }, pageToken, transport, signal);
    const [request] = requests;
    if (request === undefined || requests.length > 1) throw new Error('not one request');
    return request;
  };

  test('by the prefix, with what is needed of each object and no more', async () => {
    const { method, url, headers, body } = await requestFor();
    const { origin, pathname, searchParams } = new URL(url);
    expect([method, origin, pathname]).toEqual([
      'GET',
      'https://storage.googleapis.com',
      '/storage/v1/b/a%20bucket/o',
    ]);
    expect(Object.fromEntries(searchParams)).toEqual({
      prefix: 'jobs/',
      projection: 'noAcl',
      fields:
        'items(name,generation,metageneration,metadata,updated,timeCreated,size,contentType),nextPageToken',
      maxResults: '250',
    });
    expect([headers, body]).toEqual([{}, undefined]);
  });

  test('with room for 250 objects of 8 KiB of metadata, twice over, and not for all that a server may send', async () => {
    const { maxBodyBytes = 0 } = await requestFor();
    expect(maxBodyBytes).toBe(4 * 1024 * 1024);
  });

  test('from where the last one ended, and on the account of the project that pays', async () => {
    const { searchParams } = new URL((await requestFor({ userProject: 'payer' }, 'token&1')).url);
    expect([searchParams.get('pageToken'), searchParams.get('userProject')]).toEqual(['token&1', 'payer']);
  });

  test('within the signal that the caller gave', async () => {
    const given: AbortSignal[] = [];
    const transport: Transport = (_request, own) => {
      given.push(own);
      return Promise.resolve(answer(200, {}));
    };
    await listPage(TARGET, undefined, transport, signal);
    expect(given).toEqual([signal]);
  });
});

describe('a page', () => {
  test('shows each object with its name, and with the time at which the store answered', async () => {
    const date = 'Wed, 04 Mar 2026 05:06:08 GMT';
    const items = [named('jobs/a', { generation: '7' }), named('jobs/', { metadata: undefined })];
    const outcome = await listed(200, { items, nextPageToken: 'more' }, { date });
    const times = {
      updatedAt: Date.parse('2026-03-04T05:06:07.089Z'),
      createdAt: Date.parse('2026-03-04T05:06:00.000Z'),
      serverTime: Date.parse(date),
    };
    expect(outcome).toMatchObject({
      kind: 'page',
      objects: [
        {
          name: 'jobs/a',
          object: {
            ...times,
            version: { generation: '7', metageneration: '1' },
            metadata: objectJson()['metadata'],
            size: 70,
          },
        },
        { name: 'jobs/', object: { ...times, metadata: undefined } },
      ],
      nextPageToken: 'more',
    });
  });

  test.each([
    ['without items', {}],
    ['without any of them', { items: [] }],
  ])('%s is the last one, and empty', async (_what, body) => {
    expect(await listed(200, body)).toStrictEqual({ kind: 'page', objects: [] });
  });

  test.each([
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"items"'],
    ['items that are no list', { items: 'none' }],
    ['items that are an object', { items: { 0: named('jobs/a') } }],
    ['a token that is none', { items: [], nextPageToken: 7 }],
    ['a token that is null', { nextPageToken: null }],
    ['an object without a name', { items: [named('jobs/a'), objectJson()] }],
    ['an object with a name that is none', { items: [named(7)] }],
    ['an object outside of the prefix', { items: [named('jobs/a'), named('others/jobs/')] }],
    ['an object without a version', { items: [named('jobs/a', { generation: 7 })] }],
    ['what is no object', { items: [null] }],
  ])(
    'is none that holds %s: half a list would say of some locks that they are not there',
    async (_, body) => {
      expect(await listed(200, body)).toMatchObject({
        kind: 'unreadable',
        failure: { kind: 'unavailable', status: 200, detail: expect.stringContaining('which is no list') },
      });
    },
  );
});

describe('no page', () => {
  test.each([429, 503])('is had yet where the store answers %d, whatever is in it', async (status) => {
    expect(await listed(status, { items: [] })).toMatchObject({ kind: 'unreadable', failure: { status } });
  });

  test('is had yet where the request has no answer', async () => {
    const transport = (): Promise<never> => Promise.reject(new TransportError('unsent', 'No way there.'));
    expect(await listPage(TARGET, undefined, transport, signal)).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'unavailable', detail: 'No way there.' },
    });
  });

  test('is had yet where the answer is too large for any page', async () => {
    const transport = (): Promise<never> => Promise.reject(new TransportError('too-large', 'Too large.'));
    expect((await listPage(TARGET, undefined, transport, signal)).kind).toBe('unreadable');
  });

  test('is had of a bucket that is not there, whether the store says so or that nothing is there', async () => {
    for (const message of ['The specified bucket does not exist.', 'Not Found']) {
      const outcome = await listed(404, googleError(404, 'notFound', message));
      expect(outcome).toMatchObject({
        kind: 'failed',
        failure: {
          kind: 'bucket-not-found',
          status: 404,
          detail: expect.stringMatching(/bucket was not found \(HTTP 404/),
        },
      });
    }
  });

  test('is had without the permission to list, which is named', async () => {
    const outcome = await listed(403, googleError(403, 'forbidden', 'No access.'));
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: {
        kind: 'permission-denied',
        status: 403,
        detail: expect.stringMatching(/No access\. To list takes the permission storage\.objects\.list\.$/),
      },
    });
  });

  test('is had with credentials that the store does not accept, which has nothing to do with permissions', async () => {
    const outcome = await listed(401, googleError(401, 'authError', 'Invalid.'));
    expect(outcome).toMatchObject({ kind: 'failed', failure: { kind: 'unauthenticated' } });
    expect(outcome).toHaveProperty('failure.detail', expect.not.stringContaining('storage.objects.list'));
  });
});
