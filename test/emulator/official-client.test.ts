import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import type { Bucket } from '@google-cloud/storage';
import type { EmulatorServer } from '../../emulator/index.ts';

describe('the official client', () => {
  let emulator: EmulatorServer;
  let storage: Storage;
  let bucket: Bucket;

  beforeAll(async () => {
    emulator = await startEmulator({ buckets: ['b'] });
    storage = new Storage({ apiEndpoint: emulator.url, projectId: 'p', retryOptions: { autoRetry: false } });
    bucket = storage.bucket('b');
  });

  afterAll(() => emulator.close());

  it('saves with metadata and preconditions, and checks what was stored', async () => {
    const file = bucket.file('save');
    const preconditionOpts = { ifGenerationMatch: 0 };
    const metadata = { contentType: 'text/plain', cacheControl: 'no-store', metadata: { a: '1' } };
    await file.save('hello', { resumable: false, metadata, preconditionOpts });
    expect(file.metadata).toMatchObject({ ...metadata, metageneration: '1', size: '5' });
    const again = file.save('hello', { resumable: false, preconditionOpts });
    await expect(again).rejects.toMatchObject({ code: 412, errors: [{ reason: 'conditionNotMet' }] });
  });

  it('reads, changes and clears metadata under a guard', async () => {
    const file = bucket.file('metadata');
    await file.save('', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } });
    const [before] = await file.getMetadata();
    const guard = {
      ifGenerationMatch: before.generation ?? '',
      ifMetagenerationMatch: before.metageneration ?? '',
    };
    const [after] = await file.setMetadata({ metadata: { a: null, c: '3' } }, guard);
    expect(after).toMatchObject({
      metadata: { b: '2', c: '3' },
      metageneration: '2',
      generation: before.generation,
    });
    await expect(file.setMetadata({ metadata: { a: '1' } }, guard)).rejects.toMatchObject({ code: 412 });
  });

  it('downloads what was saved and finds it sound', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    await bucket.file('dir/a b').save(bytes, { resumable: false });
    const [downloaded] = await bucket.file('dir/a b').download({ validation: 'crc32c' });
    expect(downloaded.equals(bytes)).toBe(true);
  });

  it('deletes under a guard, and knows what exists', async () => {
    const file = bucket.file('delete');
    await file.save('', { resumable: false });
    expect(await file.exists()).toEqual([true]);
    await expect(file.delete({ ifGenerationMatch: 1 })).rejects.toMatchObject({ code: 412 });
    const [answer] = await file.delete({ ifGenerationMatch: file.metadata.generation ?? '' });
    expect(answer.statusCode).toBe(204);
    expect(await file.exists()).toEqual([false]);
    const missing = { code: 404, errors: [{ reason: 'notFound' }], message: 'No such object: b/delete' };
    await expect(file.delete()).rejects.toMatchObject(missing);
    await expect(file.getMetadata()).rejects.toMatchObject(missing);
    await expect(file.download()).rejects.toMatchObject({ code: 404, message: 'No such object: b/delete' });
  });

  it('lists all pages of a prefix', async () => {
    for (const name of ['l/1', 'l/2', 'l/3', 'm']) await bucket.file(name).save('', { resumable: false });
    const [all] = await bucket.getFiles({ prefix: 'l/' });
    expect(all.map(({ name }) => name)).toEqual(['l/1', 'l/2', 'l/3']);
    const [first, next] = await bucket.getFiles({ prefix: 'l/', maxResults: 2, autoPaginate: false });
    const [second] = await bucket.getFiles(next);
    expect([first, second].map((page) => page.map(({ name }) => name))).toEqual([['l/1', 'l/2'], ['l/3']]);
  });

  it('makes, finds and deletes buckets', async () => {
    const [made] = await storage.createBucket('made-by-client');
    expect(await made.exists()).toEqual([true]);
    const [buckets] = await storage.getBuckets();
    expect(buckets.map(({ name }) => name)).toEqual(['made-by-client']);
    await expect(storage.createBucket('made-by-client')).rejects.toMatchObject({ code: 409 });
    await made.delete();
    expect(await made.exists()).toEqual([false]);
  });

  it('copies, under a guard on each side', async () => {
    const source = bucket.file('copy-source');
    await source.save('hello', { resumable: false, metadata: { metadata: { a: '1' } } });
    const [copy] = await source.copy(bucket.file('copy'), { preconditionOpts: { ifGenerationMatch: 0 } });
    expect((await copy.getMetadata())[0]).toMatchObject({ name: 'copy', size: '5', metadata: { a: '1' } });
    const again = source.copy(bucket.file('copy'), { preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(again).rejects.toMatchObject({ code: 412 });
  });

  it('sets what a bucket does, and meets holds, policies, versions and soft delete', async () => {
    const [own] = await storage.createBucket('settings-by-client', { versioning: { enabled: true } });
    await own.file('x').save('first', { resumable: false });
    await own.file('x').save('second', { resumable: false });
    const [versions] = await own.getFiles({ versions: true });
    expect(versions).toHaveLength(2);
    await own.setMetadata({ versioning: { enabled: false } });
    await own.setRetentionPeriod(60);
    await expect(own.file('x').delete()).rejects.toMatchObject({
      code: 403,
      errors: [{ reason: 'retentionPolicyNotMet' }],
    });
    await own.removeRetentionPeriod();
    await own.file('x').setMetadata({ temporaryHold: true });
    await expect(own.file('x').delete()).rejects.toMatchObject({
      code: 403,
      errors: [{ reason: 'forbidden' }],
    });
    await own.file('x').setMetadata({ temporaryHold: false });
    await own.setMetadata({ softDeletePolicy: { retentionDurationSeconds: '604800' } });
    await own.file('x').delete();
    const [deleted] = await own.getFiles({ softDeleted: true });
    expect(deleted.map(({ name }) => name)).toEqual(['x']);
    await own.enableRequesterPays();
    await expect(own.file('x').save('', { resumable: false })).rejects.toMatchObject({ code: 400 });
    await storage
      .bucket(own.name, { userProject: 'p' })
      .file('x')
      .save('', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
  });

  it('uploads resumably, at once and in chunks, under a guard', async () => {
    const bytes = Buffer.alloc(600_000, 'resumable');
    const preconditionOpts = { ifGenerationMatch: 0 };
    await bucket.file('at-once').save(bytes, { preconditionOpts });
    await bucket.file('chunks').save(bytes, { chunkSize: 262_144, preconditionOpts });
    for (const name of ['at-once', 'chunks']) {
      expect(Buffer.from(emulator.object('b', name)?.body ?? []).equals(bytes)).toBe(true);
      const again = bucket.file(name).save('x', { preconditionOpts });
      await expect(again).rejects.toMatchObject({ code: 412 });
    }
  });

  it('downloads a part, moves and combines', async () => {
    await bucket.file('part').save('0123456789');
    const [part] = await bucket.file('part').download({ start: 2, end: 4 });
    expect(part.toString()).toBe('234');
    await bucket.file('part').moveFileAtomic('moved');
    await bucket.combine(['moved', 'moved'], 'combined');
    expect((await bucket.file('combined').download()).toString()).toBe('01234567890123456789');
    expect(await bucket.file('part').exists()).toEqual([false]);
  });

  it('finds the emulator by STORAGE_EMULATOR_HOST', async () => {
    const before = process.env['STORAGE_EMULATOR_HOST'];
    process.env['STORAGE_EMULATOR_HOST'] = emulator.url;
    try {
      const file = new Storage({ projectId: 'p' }).bucket('b').file('by-environment');
      await file.save('', { resumable: false });
      expect(emulator.object('b', 'by-environment')).toBeDefined();
    } finally {
      if (before === undefined) delete process.env['STORAGE_EMULATOR_HOST'];
      else process.env['STORAGE_EMULATOR_HOST'] = before;
    }
  });
});
