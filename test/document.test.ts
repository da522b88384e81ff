import { describe, expect, it } from 'vitest';
import { connect } from '../src/connection.ts';
import { type Changed, type Document, editDocument, openDocument, readDocument } from '../src/document.ts';
import type { DocumentKind } from '../src/protocol/document-record.ts';
import { Tally } from '../src/tally.ts';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../src/testing/index.ts';
import { put } from './faults/calls.ts';
import { settle } from './settle.ts';

interface Count {
  readonly count: number;
}

const KIND: DocumentKind<Count> = {
  schema: 'gcs-mutex-count/1',
  kind: 'count',
  encode: ({ count }) => ({ count: String(count) }),
  decode: (key) => (/^[0-9]{1,9}$/.test(key('count')) ? { count: Number(key('count')) } : 'it has no count'),
};
const NAME = 'a/count';
const PATCH = { operation: 'objects.patch' } as const;
const CREATE = { operation: 'objects.insert' } as const;

/** The document as a process of its own opens it. */
function open(world: MemoryBucket, process: ImaginedProcess = world.process()): Document<Count> {
  const connection = connect(world.bucket, { apiEndpoint: 'http://127.0.0.1:4443' }, process.components);
  return openDocument(connection, { bucket: world.bucket, name: NAME }, KIND);
}

interface AddOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Adds one: a change that must not happen twice. */
function add(document: Document<Count>, options: AddOptions = {}): Promise<Changed<Count, never>> {
  return editDocument(document, {
    decide: (seen) => ({ kind: 'write', value: { count: (seen?.value.count ?? 0) + 1 } }),
    whenUnclear: 'fail',
    timeoutMs: 30_000,
    ...options,
  });
}

function stored(world: MemoryBucket): string | undefined {
  return world.emulator.object(world.bucket, NAME)?.metadata?.['count'];
}

/** What was asked of the store, as method and status. */
function asked(world: MemoryBucket): string[] {
  return world.emulator.requests.all().map(({ method, status }) => `${method} ${status}`);
}

/** Every write names the generation that it replaces, and where there is one its metageneration. */
function expectGuards(world: MemoryBucket): void {
  for (const { query, method } of world.emulator.requests.mutations()) {
    expect(query['ifGenerationMatch']).toMatch(/^\d+$/);
    if (method === 'PATCH') expect(query['ifMetagenerationMatch']).toMatch(/^[1-9]\d*$/);
  }
}

describe('a document', () => {
  it('is created by the first who changes it, and patched from then on: two requests each', async () => {
    const world = createMemoryBucket();
    const document = open(world);
    expect(await settle(world, add(document))).toEqual({ kind: 'written', value: { count: 1 } });
    expect(await settle(world, add(document))).toEqual({ kind: 'written', value: { count: 2 } });
    expect(asked(world)).toEqual(['GET 404', 'POST 200', 'GET 200', 'PATCH 200']);
    expect(await settle(world, readDocument(document, undefined))).toMatchObject({ value: { count: 2 } });
    expectGuards(world);
  });

  it('is absent before', async () => {
    const world = createMemoryBucket();
    expect(await settle(world, readDocument(open(world), undefined))).toBeUndefined();
  });

  it('loses no change of many who change it at once, each once a second at most', async () => {
    const world = createMemoryBucket({ mutationsPerSecond: 1, mutationBurst: 1 });
    const documents = Array.from({ length: 5 }, () => open(world));
    const changes = documents.map((document) => add(document, { timeoutMs: 120_000 }));
    await settle(world, Promise.all(changes));
    expect(stored(world)).toBe('5');
    expectGuards(world);
  });

  it.each([
    ['a lock', { schema: 'gcs-mutex/1' }, 'ERR_FOREIGN_OBJECT', 'is not a count of gcs-mutex'],
    ['any file', {}, 'ERR_FOREIGN_OBJECT', 'no custom metadata'],
    ['of a later version', { schema: 'gcs-mutex-count/2' }, 'ERR_NEWER_VERSION', 'gcs-mutex-count/2'],
  ])('that is %s is never touched', async (_what, metadata, code, words) => {
    const world = createMemoryBucket();
    await put(world, { metadata }, NAME);
    const before = world.emulator.object(world.bucket, NAME);
    const document = open(world);
    const calls: (() => Promise<unknown>)[] = [() => add(document), () => readDocument(document, undefined)];
    for (const call of calls) {
      const error: unknown = await settle(world, call()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, lock: `gs://memory/${NAME}` });
      expect(String(error)).toContain(words);
    }
    expect(world.emulator.object(world.bucket, NAME)).toEqual(before);
  });

  it('is foreign to a mutex, which leaves it alone', async () => {
    const world = createMemoryBucket();
    const process = world.process();
    await settle(world, add(open(world, process)));
    const mutex = process.mutex(NAME);
    const calls: (() => Promise<unknown>)[] = [
      () => mutex.acquire(),
      () => mutex.tryAcquire(),
      () => mutex.status(),
      () => mutex.breakLock(),
    ];
    for (const call of calls)
      await expect(settle(world, call())).rejects.toMatchObject({ code: 'ERR_FOREIGN_OBJECT' });
    expect(stored(world)).toBe('1');
  });
});

describe('a change without an answer', () => {
  const RESET = { kind: 'reset' } as const;

  it.each([
    ['before', 'the first', CREATE],
    ['after', 'the first', CREATE],
    ['before', 'a later', PATCH],
    ['after', 'a later', PATCH],
  ] as const)('lost %s it was applied, of %s change, happens once', async (when, _which, match) => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    const document = open(world);
    if (match === PATCH) await settle(world, add(document));
    world.emulator.faults.add({ when, match, do: RESET });
    const count = match === PATCH ? 2 : 1;
    expect(await settle(world, add(document))).toEqual({ kind: 'written', value: { count } });
    expect(stored(world)).toBe(String(count));
    expectGuards(world);
  });

  it('happens once where others changed the document before it was looked for', async () => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    const [mine, theirs] = [open(world), open(world)];
    await settle(world, add(mine));
    world.emulator.faults.add({ when: 'after', match: PATCH, do: { kind: 'stall' } });
    const change = add(mine);
    await world.clock.advance(0);
    for (let round = 0; round < 3; round += 1) await world.clock.advance(1_000).then(() => add(theirs));
    expect(stored(world)).toBe('5');
    expect(await settle(world, change)).toEqual({ kind: 'written', value: { count: 2 } });
    expect(stored(world)).toBe('5');
  });

  it('leaves no doubt once there is nothing more to write', async () => {
    const world = createMemoryBucket();
    world.emulator.faults.add({ when: 'before', match: CREATE, do: { kind: 'stall' } });
    const process = world.process();
    const tally = new Tally(process.machine);
    const change = editDocument<Count, string>(open(world, process), {
      decide: (seen) =>
        seen === undefined ? { kind: 'write', value: { count: 7 } } : { kind: 'leave', why: 'it is there' },
      whenUnclear: 'decide-anew',
      timeoutMs: 30_000,
      tally,
    });
    await world.clock.advance(0);
    await add(open(world));
    expect(await settle(world, change)).toEqual({ kind: 'left', why: 'it is there' });
    expect(tally.silence).toBeUndefined();
  });

  it('happens once where it was held up on its way while the same was sent again', async () => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    const document = open(world);
    await settle(world, add(document));
    const held = world.emulator.faults.add({ when: 'before', match: PATCH, do: { kind: 'hold' } });
    expect(await settle(world, add(document))).toEqual({ kind: 'written', value: { count: 2 } });
    held.release();
    await world.clock.advance(0);
    expect(held.struck[0]?.status).toBe(412);
    expect(stored(world)).toBe('2');
  });

  it.each(['before', 'after'] as const)('happens once where it is doubled %s its answer', async (when) => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    const document = open(world);
    for (const match of [CREATE, PATCH]) {
      world.emulator.faults.add({ when, match, do: { kind: 'duplicate' } });
      await settle(world, add(document));
    }
    expect(stored(world)).toBe('2');
  });

  it('happens once where a copy of it comes later', async () => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    const document = open(world);
    await settle(world, add(document));
    await settle(world, add(document));
    const last = world.emulator.requests.mutations().at(-1);
    if (last === undefined) throw new Error('nothing was written');
    expect(world.emulator.replay(last).status).toBe(412);
    expect(stored(world)).toBe('2');
  });

  it('that nobody can tell the fate of any more says so, and is not tried again', async () => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    const [mine, theirs] = [open(world), open(world)];
    await settle(world, add(mine));
    world.emulator.faults.add({ when: 'after', match: PATCH, do: { kind: 'stall' } });
    const change = add(mine, { timeoutMs: 60_000 });
    await world.clock.advance(0);
    for (let round = 0; round < 20; round += 1) {
      void add(theirs);
      await world.clock.advance(200);
    }
    await expect(settle(world, change)).rejects.toThrow('The change may have been made');
    expect(stored(world)).toBe('22');
  });
});

describe('a change that cannot be made', () => {
  it('rejects with the reason of an abort at once, and a late copy of it does no harm', async () => {
    const world = createMemoryBucket({ idempotencyReplayMs: 0 });
    const [mine, theirs] = [open(world), open(world)];
    await settle(world, add(mine));
    const held = world.emulator.faults.add({ when: 'before', match: PATCH, do: { kind: 'hold' } });
    const controller = new AbortController();
    const change = add(mine, { signal: controller.signal });
    await world.clock.advance(0);
    expect(held.struck).toHaveLength(1);
    controller.abort(new Error('enough'));
    await expect(change).rejects.toThrow('enough');
    await settle(world, add(theirs));
    held.release();
    await world.clock.advance(0);
    expect(held.struck[0]?.status).toBe(412);
    expect(stored(world)).toBe('2');
  });

  it('does nothing where it was aborted before', async () => {
    const world = createMemoryBucket();
    await expect(add(open(world), { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(asked(world)).toEqual([]);
  });

  it('ends with its time, and leaves no timer behind', async () => {
    const world = createMemoryBucket();
    const process = world.process();
    world.emulator.faults.add({ when: 'before', times: 100, do: { kind: 'stall' } });
    const change = add(open(world, process), { timeoutMs: 5_000 });
    await expect(settle(world, change)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(world.clock.passedMs).toBe(5_000);
    expect(process.machine.timerCount).toBe(0);
  });

  it('says which permission is missing', async () => {
    const world = createMemoryBucket();
    const document = open(world);
    await settle(world, add(document));
    world.emulator.faults.add({ when: 'before', match: PATCH, do: { kind: 'status', status: 403 } });
    await expect(settle(world, add(document))).rejects.toMatchObject({
      code: 'ERR_PERMISSION_DENIED',
      lock: `gs://memory/${NAME}`,
    });
    expect(stored(world)).toBe('1');
  });

  it('is made once the store takes it: 429 asks for patience', async () => {
    const world = createMemoryBucket();
    const document = open(world);
    await settle(world, add(document));
    world.emulator.faults.add({
      when: 'before',
      match: PATCH,
      times: 3,
      do: { kind: 'status', status: 429 },
    });
    await settle(world, add(document));
    expect(stored(world)).toBe('2');
    expect(world.clock.passedMs).toBeGreaterThanOrEqual(3_000);
  });
});
