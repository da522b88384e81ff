import { describe, expect, it } from 'vitest';
import { listFinding, nameFindings } from '../../src/cli/doctor/names.ts';
import type { Place } from '../../src/cli/place.ts';
import { connect } from '../../src/connection.ts';
import { GcsLocks } from '../../src/factory/factory.ts';
import { createMemoryBucket } from '../../src/testing/index.ts';
import { collectGarbage } from '../garbage.ts';

const OPTIONS = { apiEndpoint: 'http://127.0.0.1:4443' };
const { signal } = new AbortController();

/** A name in a bucket in memory. */
function named(name = 'x') {
  const memory = createMemoryBucket();
  const { components } = memory.process();
  const locks = new GcsLocks('gs://memory', OPTIONS, components);
  const place: Place = { url: `gs://memory/${name}`, name, locks, find: () => locks.find(name) };
  const list = () =>
    listFinding({ bucket: 'memory', prefix: 'x/' }, connect('memory', OPTIONS, components), signal);
  const refuseLists = (status: number): void => {
    const match = { operation: 'objects.list' } as const;
    memory.emulator.faults.add({ match, when: 'before', do: { kind: 'status', status }, times: Infinity });
  };
  return { ...memory, locks, place, list, refuseLists };
}

describe('listing, as a doctor tries it', () => {
  it('works', async () => {
    expect(await named().list()).toEqual({ check: 'list', verdict: 'fine', says: 'works' });
  });

  it('is only missed by what consists of several locks, where it is refused', async () => {
    const { list, refuseLists } = named();
    refuseLists(403);
    expect(await list()).toMatchObject({
      verdict: 'warning',
      says: expect.stringContaining('semaphores and pools do not'),
      remedy: expect.stringContaining('storage.objects.list'),
    });
  });

  it('is not known where the store does not answer', async () => {
    const { list, refuseLists } = named();
    refuseLists(503);
    expect(await list()).toMatchObject({ check: 'list', verdict: 'unknown' });
  });

  it('is given up after the time of one request, though much was collected meanwhile', async () => {
    const { list, emulator, clock } = named();
    emulator.faults.add({ when: 'before', do: { kind: 'stall' } });
    const finding = list();
    await clock.advance(100);
    await collectGarbage();
    await clock.advance(10_000);
    expect(await finding).toMatchObject({ check: 'list', verdict: 'unknown' });
  });
});

describe('what is at a name, as a doctor tells it', () => {
  it('is nothing where nothing is, and where a name is too long for more', async () => {
    expect(await nameFindings(named().place, signal)).toEqual([]);
    expect(await nameFindings(named('x'.repeat(1_024)).place, signal)).toEqual([]);
  });

  it('is a semaphore, a pool or an event', async () => {
    const semaphore = named();
    await semaphore.locks.semaphore('x').setPermits(3);
    expect(await nameFindings(semaphore.place, signal)).toEqual([
      { check: 'at this name', verdict: 'fine', says: 'a semaphore, 0 of 3 held' },
    ]);
    const pool = named();
    await pool.locks.pool('x').add(['a', 'b']);
    expect(await nameFindings(pool.place, signal)).toMatchObject([{ says: 'a pool, 0 of 2 held' }]);
    const event = named();
    await event.locks.event('x').set();
    expect(await nameFindings(event.place, signal)).toMatchObject([{ says: 'an event' }]);
  });

  it('is a mistake where a lock hides a semaphore', async () => {
    const { locks, place } = named();
    await locks.semaphore('x').setPermits(3);
    await using _lease = await locks.mutex('x').acquire();
    expect(await nameFindings(place, signal)).toMatchObject([
      {
        verdict: 'warning',
        says: expect.stringMatching(/^a lock that is held, and a semaphore, 0 of 3 held: who uses one/),
      },
    ]);
  });

  it('is passed over where the store refuses to say', async () => {
    const { place, refuseLists } = named();
    refuseLists(403);
    expect(await nameFindings(place, signal)).toEqual([]);
  });
});
