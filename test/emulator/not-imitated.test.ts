import { describe, expect, it } from 'vitest';
import { refusal, resource, setUp } from './client.ts';

const notImitated = (what: string): unknown => ({
  status: 501,
  reason: 'notImplemented',
  message: `The gcs-mutex emulator does not imitate this: ${what}.`,
});

describe('what is not imitated is 501 and named', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/storage/v1'],
    ['PUT', '/storage/v1/b/b/o'],
    ['POST', '/storage/v1/b/b/o/x'],
    ['HEAD', '/storage/v1/b/b/o/x'],
    ['GET', '/storage/v1/b/b/o/a/b'],
    ['PUT', '/storage/v1/b/b'],
    ['GET', '/storage/v1/b/b/iam'],
    ['PUT', '/storage/v1/b/b/o/x/rewriteTo/b/b/o/y'],
    ['POST', '/storage/v1/b/b/o/x/copyTo/b/b/o'],
    ['POST', '/storage/v1/b/b/o/x/moveTo/b/b/o/y'],
    ['POST', '/storage/v1/b/b/o/x/restore'],
    ['POST', '/batch/storage/v1'],
    ['GET', '/upload/storage/v1/b/b/o'],
    ['PUT', '/upload/storage/v1/b/b/o'],
    ['PATCH', '/upload/storage/v1/b/b/o?upload_id=1'],
    ['DELETE', '/download/storage/v1/b/b/o/x'],
    ['GET', '/bucket'],
    ['PUT', '/bucket/x'],
  ])('%s %s', async (method, path) => {
    const { client } = setUp();
    const answer = await client.request(method, path);
    const what = `${method} ${path.split('?')[0]}`;
    if (method === 'HEAD') expect(answer.status).toBe(501);
    else expect(await refusal(answer)).toEqual(notImitated(what));
  });

  it.each(['predefinedAcl=private', 'kmsKeyName=k', 'ifSourceGenerationMatch=1', 'colour=red'])(
    'the query parameter %s',
    async (parameter) => {
      const { emulator, client } = setUp();
      const what = `query parameter ${parameter.split('=')[0]}`;
      expect(await refusal(client.insert('x', { query: `&${parameter}` }))).toEqual(notImitated(what));
      expect(emulator.objects('b')).toEqual([]);
    },
  );

  it('a list of versions and of what was soft-deleted at once', async () => {
    const { client } = setUp();
    expect(await refusal(client.list('?versions=true&softDeleted=true'))).toEqual(
      notImitated('versions=true with softDeleted=true'),
    );
  });

  it.each([
    ['alt=media', 'alt=media with softDeleted=true'],
    ['ifGenerationMatch=1', 'preconditions with softDeleted=true'],
  ])('a get of what was soft-deleted with %s', async (parameter, what) => {
    const { client } = setUp();
    const answer = await client.get('x', `?softDeleted=true&generation=1&${parameter}`);
    expect([answer.status, await answer.text()]).toEqual([501, expect.stringContaining(what)]);
  });

  it('a list by a pattern, though an empty one is none', async () => {
    const { client } = setUp();
    expect((await client.list('?matchGlob=')).status).toBe(200);
    expect(await refusal(client.list('?matchGlob=**'))).toEqual(notImitated('query parameter matchGlob'));
  });

  it('a list of soft-deleted buckets', async () => {
    const { client } = setUp();
    const answer = client.request('GET', '/storage/v1/b?project=p&softDeleted=true');
    expect(await refusal(answer)).toEqual(notImitated('query parameter softDeleted=true'));
  });

  it('alt=media where there are no bytes', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    expect(await refusal(client.patch('x', {}, '?alt=media'))).toEqual(
      notImitated('alt=media in objects.patch'),
    );
    expect(await resource(client.get('x'))).toHaveProperty('metageneration', '1');
  });

  it.each(['acl', 'retention', 'customTime', 'contexts', 'colour'])('the object field %s', async (field) => {
    const { client } = setUp();
    expect(await refusal(client.insert('x', { metadata: { [field]: true } }))).toEqual(
      notImitated(`object field ${field}`),
    );
    await resource(client.insert('x'));
    expect(await refusal(client.patch('x', { [field]: true }))).toEqual(notImitated(`object field ${field}`));
  });

  it('a patch of the storage class, which takes a rewrite', async () => {
    const { client } = setUp();
    await resource(client.insert('x'));
    expect(await refusal(client.patch('x', { storageClass: 'ARCHIVE' }))).toMatchObject({ status: 501 });
  });

  it.each(['labels', 'lifecycle', 'colour'])('the bucket field %s', async (field) => {
    const { client } = setUp();
    const body = JSON.stringify({ name: 'my-bucket', [field]: {} });
    const answer = client.request('POST', '/storage/v1/b?project=p', { body });
    expect(await refusal(answer)).toEqual(notImitated(`bucket field ${field}`));
    const change = client.request('PATCH', '/storage/v1/b/b', { body: JSON.stringify({ [field]: {} }) });
    expect(await refusal(change)).toEqual(notImitated(`bucket field ${field}`));
    expect(await resource(client.request('GET', '/storage/v1/b/b'))).toHaveProperty('metageneration', '1');
  });

  it('a locked retention policy', async () => {
    const { client } = setUp();
    const body = JSON.stringify({ retentionPolicy: { retentionPeriod: '1', isLocked: true } });
    const change = client.request('PATCH', '/storage/v1/b/b', { body });
    expect(await refusal(change)).toEqual(notImitated('bucket field retentionPolicy.isLocked'));
  });

  it.each(['if-modified-since', 'content-range', 'x-goog-encryption-key', 'x-http-method-override'])(
    'the request header %s',
    async (name) => {
      const { client } = setUp();
      await resource(client.insert('x'));
      const answer = client.get('x', '', { headers: { [name]: 'any' } });
      expect(await refusal(answer)).toEqual(notImitated(`request header ${name}`));
    },
  );

  it('a download of an object with contentEncoding gzip', async () => {
    const { client } = setUp();
    await resource(client.insert('x', { query: '&contentEncoding=gzip' }));
    expect((await client.get('x', '?alt=media')).status).toBe(501);
  });
});
