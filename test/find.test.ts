import { describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../emulator/index.ts';
import { GcsLocks } from '../src/factory/factory.ts';
import { createMemoryBucket } from '../src/testing/index.ts';
import { put as putObject } from './faults/calls.ts';
import { LEFT_BEHIND } from './left-behind.ts';

/** A folder of locks, seen by one process. */
function folder(options: EmulatorOptions = {}) {
  const memory = createMemoryBucket(options);
  const { components } = memory.process();
  const locks = new GcsLocks('gs://memory/jobs', { apiEndpoint: 'http://127.0.0.1:4443' }, components);
  const put = (name: string, metadata: Record<string, string>): Promise<void> =>
    putObject(memory, { metadata }, `jobs/${name}`);
  /** What a look asks of the store. */
  const asked = async (work: Promise<unknown>): Promise<(string | undefined)[]> => {
    const before = memory.emulator.requests.count;
    await work;
    return memory.emulator.requests
      .all()
      .slice(before)
      .map(({ operation }) => operation);
  };
  return { ...memory, locks, put, asked };
}

const PERMITS = { schema: 'gcs-mutex-semaphore/1', writes: 'e'.repeat(32), permits: '3' };
const RESOURCES = { schema: 'gcs-mutex-pool/1', writes: 'e'.repeat(32), resources: '["a","b"]' };

describe('finding what is at a name', () => {
  it('takes one read for a lock', async () => {
    const { locks, put, asked } = folder();
    await put('nightly', LEFT_BEHIND);
    await put('nightly/slot-0000', LEFT_BEHIND);
    expect(await locks.find('nightly')).toMatchObject({
      kind: 'held',
      url: 'gs://memory/jobs/nightly',
      name: 'nightly',
      status: { holder: 'gone' },
    });
    expect(await asked(locks.find('nightly'))).toEqual(['objects.get']);
  });

  it('gives nothing where nothing is, by a read and a list', async () => {
    const { locks, put, asked } = folder();
    // More than a page of others whose names only begin like that.
    for (let index = 0; index < 251; index += 1) await put(`nightly-${index}`, LEFT_BEHIND);
    await put('nightly/other', LEFT_BEHIND);
    expect(await locks.find('nightly')).toBeUndefined();
    expect(await asked(locks.find('nightly'))).toEqual(['objects.get', 'objects.list']);
  });

  it('finds a semaphore and a pool by what is below their names, and not those further down', async () => {
    const { locks, put } = folder();
    await put('sem/permits', PERMITS);
    await put('sem/slot-0001', LEFT_BEHIND);
    await put('sem/inner/permits', PERMITS);
    await put('pool/resources', RESOURCES);
    await put('pool/use-b', LEFT_BEHIND);
    await put('deep/sem/permits', PERMITS);
    expect(await locks.find('sem')).toMatchObject({
      kind: 'semaphore',
      name: 'sem',
      status: { permits: 3, held: 1, holders: [{ slot: 1 }] },
    });
    expect(await locks.find('pool')).toMatchObject({
      kind: 'pool',
      status: { counts: { held: 1, free: 1 } },
    });
    expect(await locks.find('sem/inner')).toMatchObject({ kind: 'semaphore', status: { held: 0 } });
    expect(await locks.find('sem/slot-0001')).toMatchObject({ kind: 'held', name: 'sem/slot-0001' });
    expect(await locks.find('deep')).toBeUndefined();
  });

  it('lists no more than a page of a folder, unless there is a pool of that name', async () => {
    const { locks, put, asked } = folder();
    for (let index = 0; index < 251; index += 1) await put(`folder/lock-${index}`, LEFT_BEHIND);
    expect(await locks.find('folder')).toBeUndefined();
    const once = ['objects.get', 'objects.list', 'objects.get', 'objects.get'];
    expect(await asked(locks.find('folder'))).toEqual(once);
    await put('folder/resources', RESOURCES);
    expect(await locks.find('folder')).toMatchObject({ kind: 'pool', status: { counts: { free: 2 } } });
    expect(await asked(locks.find('folder'))).toEqual([...once, 'objects.list']);
  });

  it('finds an event and a free lock that keeps a counter', async () => {
    const { locks, put } = folder();
    await put('lock', { ...LEFT_BEHIND, state: 'free', counter: '7' });
    await locks.event('event').set('on');
    expect(await locks.find('lock')).toMatchObject({ kind: 'free', name: 'lock' });
    expect(await locks.find('event')).toMatchObject({
      kind: 'event',
      status: { isSet: true, payload: 'on' },
    });
  });

  it.each([
    ['a lock', 'x', 'gcs-mutex/2'],
    ['an event', 'x', 'gcs-mutex-event/2'],
    ['a semaphore', 'x/permits', 'gcs-mutex-semaphore/2'],
    ['a pool', 'x/resources', 'gcs-mutex-pool/2'],
  ])('takes %s of a newer version for no free lock', async (_what, at, schema) => {
    const { locks, put } = folder();
    await put(at, { schema });
    await expect(locks.find('x')).rejects.toMatchObject({
      code: 'ERR_NEWER_VERSION',
      schema,
      lock: 'gs://memory/jobs/x',
    });
  });

  it('says of an object that is not ours what it is', async () => {
    const { locks, put } = folder();
    await put('photo', { schema: 'camera/1' });
    await put('sem/permits', PERMITS);
    await expect(locks.find('photo')).rejects.toMatchObject({ code: 'ERR_FOREIGN_OBJECT', size: 9 });
    // The document of a semaphore is no lock either, and its name not the semaphore's.
    await expect(locks.find('sem/permits')).rejects.toMatchObject({ code: 'ERR_FOREIGN_OBJECT' });
  });

  it.each([
    ['with a line feed', 'a\nb', 'without carriage return'],
    ['of half a character', '\ud800', 'well-formed Unicode'],
    ['that is too long', 'x'.repeat(1_020), '1 to 1024 bytes'],
  ])('refuses a name %s before anything is sent, and to break it', async (_what, name, rule) => {
    const { locks, emulator } = folder();
    const refused = { code: 'ERR_INVALID_ARGUMENT', message: expect.stringContaining(rule) };
    await expect(locks.find(name)).rejects.toMatchObject(refused);
    const status = { version: { generation: '1', metageneration: '1' } };
    await expect(locks.break({ kind: 'event', name, status } as never)).rejects.toMatchObject(refused);
    expect(emulator.requests.count).toBe(0);
  });

  it('passes on what the store refuses, and an abort', async () => {
    const { locks, emulator } = folder();
    const match = { operation: 'objects.list' } as const;
    emulator.faults.add({ match, when: 'before', do: { kind: 'status', status: 403 } });
    await expect(locks.find('x')).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' });
    await expect(locks.find('x', { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    await expect(locks.find('')).rejects.toThrow('at least one character');
  });
});
