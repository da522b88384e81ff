import { describe, expect, it } from 'vitest';
import { createEmulator, errorBody, isMutation } from '../../emulator/index.ts';
import { resource, setUp } from './client.ts';

describe('the clock', () => {
  it('is the one that was given, in resources and in the Date header', async () => {
    let now = Date.parse('2026-01-01T00:00:00.999Z');
    const { client } = setUp({ clock: () => now });
    const first = await client.insert('x');
    expect(first.headers.get('date')).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
    expect((await resource(first)).updated).toBe('2026-01-01T00:00:00.999Z');
    now += 1;
    const patched = await client.patch('x', {});
    expect(patched.headers.get('date')).toBe('Thu, 01 Jan 2026 00:00:01 GMT');
    expect(await resource(patched)).toMatchObject({
      timeCreated: '2026-01-01T00:00:00.999Z',
      updated: '2026-01-01T00:00:01.000Z',
    });
  });

  it('can be skewed at any time, the Date header apart', async () => {
    const { emulator, client } = setUp({ clock: () => Date.parse('2026-01-01T00:00:00Z') });
    emulator.clock.skewMs = 60_000;
    emulator.clock.dateHeaderSkewMs = -1000;
    const answer = await client.insert('x');
    expect(answer.headers.get('date')).toBe('Thu, 01 Jan 2026 00:00:59 GMT');
    expect((await resource(answer)).updated).toBe('2026-01-01T00:01:00.000Z');
  });

  it('shows on every answer, refusals and faults too', async () => {
    const { emulator, client } = setUp({ clock: () => 0 });
    await resource(client.insert('x'));
    emulator.faults.add({ when: 'before', match: { object: 'y' }, do: { kind: 'status', status: 503 } });
    const answers = [
      client.get('y'),
      client.get('missing'),
      client.get('x', '?ifMetagenerationNotMatch=1'),
      client.get('x', '?alt=media'),
      client.get('missing', '?alt=media'),
      client.delete('x'),
      client.list(),
    ];
    const dates = (await Promise.all(answers)).map(({ headers }) => headers.get('date'));
    expect(new Set(dates)).toEqual(new Set(['Thu, 01 Jan 1970 00:00:00 GMT']));
  });
});

describe('the record of requests', () => {
  it('says what came, what it asked for and what was answered', async () => {
    const { emulator, client } = setUp({ clock: () => 5 });
    await client.insert('dir/x', { query: '&ifGenerationMatch=0' });
    await client.patch('dir/x', {}, '?ifGenerationMatch=1');
    await client.request('GET', '/elsewhere');
    const [insert, patch, unknown] = emulator.requests.all();
    expect(insert).toMatchObject({
      id: 1,
      at: 5,
      method: 'POST',
      path: '/upload/storage/v1/b/b/o',
      query: { uploadType: 'multipart', name: 'dir/x', ifGenerationMatch: '0' },
      operation: 'objects.insert',
      bucket: 'b',
      object: 'dir/x',
      applied: 200,
      status: 200,
      faults: [],
    });
    expect(insert?.headers['content-type']).toBe('multipart/related; boundary=mark');
    expect(Buffer.from(patch?.body ?? []).toString()).toBe('{}');
    expect(patch).toMatchObject({
      id: 2,
      operation: 'objects.patch',
      object: 'dir/x',
      applied: 412,
      status: 412,
    });
    expect(unknown).toMatchObject({ id: 3, operation: undefined, bucket: '', object: '', status: 501 });
  });

  it('can be asked for the requests that change things', async () => {
    const { emulator, client } = setUp();
    await client.insert('x');
    await client.get('x');
    await client.patch('x', {});
    await client.list();
    await client.delete('x');
    expect(emulator.requests.mutations().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'DELETE']);
    expect(isMutation({ method: 'HEAD' })).toBe(false);
    expect([...emulator.requests].map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is bounded, counts on, and can be cleared', async () => {
    const { emulator, client } = setUp({ requestLogLimit: 2 });
    for (const name of ['a', 'b', 'c']) await client.get(name);
    expect(emulator.requests.all().map(({ object }) => object)).toEqual(['b', 'c']);
    expect(emulator.requests.last()?.id).toBe(3);
    expect(emulator.requests.count).toBe(3);
    emulator.requests.clear();
    expect(emulator.requests.last()).toBeUndefined();
    expect(emulator.requests.count).toBe(0);
  });

  it('can be replayed, past all faults and without being recorded', async () => {
    const { emulator, client } = setUp();
    await client.insert('x', { metadata: { metadata: { a: '1' } } });
    const [insert] = emulator.requests.all();
    await client.delete('x');
    emulator.faults.add({ when: 'before', do: { kind: 'reset' } });
    if (insert === undefined) throw new Error('nothing was recorded');
    expect(await resource(emulator.replay(insert))).toHaveProperty('metadata', { a: '1' });
    expect(emulator.object('b', 'x')?.metadata).toEqual({ a: '1' });
    expect(emulator.requests.count).toBe(2);
  });
});

describe('the handler', () => {
  it('rejects with the reason of a signal that has aborted, and does nothing', async () => {
    const { emulator, client } = setUp();
    const reason = new Error('given up');
    const signal = AbortSignal.abort(reason);
    await expect(client.insert('x', { signal })).rejects.toBe(reason);
    await expect(client.get('x', '', { signal })).rejects.toBe(reason);
    expect(emulator.requests.count).toBe(0);
    expect(emulator.objects('b')).toEqual([]);
  });

  it('takes a Request as it is', async () => {
    const { emulator } = setUp();
    const answer = await emulator.handler(new Request('http://emulated.test/storage/v1/b/b/o/x'));
    expect(answer.status).toBe(404);
  });

  it('can be given buckets of any name, now and later', async () => {
    const emulator = createEmulator({ buckets: ['A'] });
    emulator.addBucket('B');
    for (const name of ['A', 'B']) {
      expect((await emulator.fetch(`http://emulated.test/storage/v1/b/${name}`)).status).toBe(200);
    }
    expect(() => emulator.objects('missing')).toThrow('The specified bucket does not exist.');
  });

  it('lets exactly one of many creations through', async () => {
    const { client } = setUp();
    const answers = Array.from({ length: 20 }, () => client.insert('x', { query: '&ifGenerationMatch=0' }));
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(19);
  });
});

describe('an error body', () => {
  it('says the message twice, and where a precondition was', () => {
    expect(errorBody(412, 'No.')).toEqual({
      error: {
        code: 412,
        message: 'No.',
        errors: [
          {
            message: 'No.',
            domain: 'global',
            reason: 'conditionNotMet',
            locationType: 'header',
            location: 'If-Match',
          },
        ],
      },
    });
  });

  it('has the reason of its status unless another is given', () => {
    expect(errorBody(429, 'm').error.errors).toEqual([
      { message: 'm', domain: 'usageLimits', reason: 'rateLimitExceeded' },
    ]);
    expect(errorBody(418, 'm').error.errors).toEqual([
      { message: 'm', domain: 'global', reason: 'backendError' },
    ]);
    expect(errorBody(403, 'm', { reason: 'retentionPolicyNotMet' }).error.errors).toEqual([
      { message: 'm', domain: 'global', reason: 'retentionPolicyNotMet' },
    ]);
    expect(errorBody(412, 'm', { reason: 'other' }).error.errors).toEqual([
      { message: 'm', domain: 'global', reason: 'other' },
    ]);
  });
});
