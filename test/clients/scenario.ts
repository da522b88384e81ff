import { createHash } from 'node:crypto';
import type { GcsMutex, Lease } from '../../src/index.ts';
import type { Call, Outcome, Seen } from './calls.ts';

/** Who takes part beside the client: a lock of the library, on the same bucket. */
export interface World {
  readonly mutex: GcsMutex;
  lease: Lease | undefined;
}

/** One step: what the library does first, what the client is asked, and what has to come of it. */
export interface Step {
  readonly title: string;
  readonly before?: (world: World) => Promise<void>;
  /** @param seen - what the client has last seen of each object. */
  readonly call: (seen: (name: string) => Seen) => Call;
  /** Matched as by `toMatchObject`; `metadata` has to be equal. */
  readonly expected: (world: World) => Outcome | { readonly status: number; readonly object: Partial<Seen> };
}

export const LOCK = 'locks/nightly report';
export const HOLDER = 'the nightly report';
export const LOCK_TTL_MS = 600_000;

/** Written by the test before the steps begin. */
export const LISTED = ['list/a', 'list/b', 'list/sub/c', 'other'];

const NAME = 'dir/object one.txt';
const BIG = 'big';
/** Above the size from which each client uploads resumably by default, the largest of which is Go's 16 MiB. */
const BIG_TEXT = '0123456789abcdef'.repeat(64);
const BIG_REPEAT = 17 * 1024;

const done =
  (more: Omit<Outcome, 'status'> = {}) =>
  () => ({ status: 200, ...more });
const refused = (status: number) => () => ({ status });

/** What a client that reads this text has to report. */
function bytes(text: string): Outcome {
  const md5 = createHash('md5').update(text).digest('hex');
  return { status: 200, size: text.length, md5 };
}

const guards = ({ generation, metageneration }: Seen) => ({
  ifGenerationMatch: generation,
  ifMetagenerationMatch: metageneration,
});

const create = (name: string, text: string, repeat: number): Call => ({
  op: 'create',
  name,
  text,
  repeat,
  metadata: { colour: 'blue' },
  ifGenerationMatch: '0',
});

const OBJECT: readonly Step[] = [
  {
    title: 'creates an object where there is none',
    call: () => create(NAME, 'first', 1),
    expected: done(),
  },
  {
    title: 'is refused where there is one',
    call: () => create(NAME, 'second', 1),
    expected: refused(412),
  },
  {
    title: 'sees what it created',
    call: () => ({ op: 'describe', name: NAME }),
    expected: () => ({
      status: 200,
      object: {
        name: NAME,
        metageneration: '1',
        size: '5',
        contentType: 'text/plain',
        storageClass: 'STANDARD',
        metadata: { colour: 'blue' },
      },
    }),
  },
  {
    title: 'reads the bytes',
    call: () => ({ op: 'read', name: NAME }),
    expected: () => bytes('first'),
  },
  {
    title: 'reads a range of them',
    call: () => ({ op: 'read', name: NAME, offset: 1, length: 3 }),
    expected: () => bytes('irs'),
  },
  {
    title: 'is refused a change of another generation',
    call: (seen) => ({
      op: 'patch',
      name: NAME,
      metadata: { shape: 'round' },
      ...guards({ ...seen(NAME), generation: '1' }),
    }),
    expected: refused(412),
  },
  {
    title: 'is refused a change of another metageneration',
    call: (seen) => ({
      op: 'patch',
      name: NAME,
      metadata: { shape: 'round' },
      ...guards({ ...seen(NAME), metageneration: '7' }),
    }),
    expected: refused(412),
  },
  {
    title: 'changes the version that it saw',
    call: (seen) => ({ op: 'patch', name: NAME, metadata: { shape: 'round' }, ...guards(seen(NAME)) }),
    expected: done(),
  },
  {
    title: 'sees its change beside what was there',
    call: () => ({ op: 'describe', name: NAME }),
    expected: () => ({
      status: 200,
      object: { metageneration: '2', size: '5', metadata: { colour: 'blue', shape: 'round' } },
    }),
  },
  {
    title: 'lists a prefix in groups',
    call: () => ({ op: 'list', prefix: 'list/', delimiter: '/' }),
    expected: done({ names: ['list/a', 'list/b'], prefixes: ['list/sub/'] }),
  },
  {
    title: 'is refused the deletion of another generation',
    call: () => ({ op: 'delete', name: NAME, ifGenerationMatch: '1' }),
    expected: refused(412),
  },
  {
    title: 'deletes the generation that it saw',
    call: (seen) => ({ op: 'delete', name: NAME, ifGenerationMatch: seen(NAME).generation }),
    expected: done(),
  },
  {
    title: 'finds nothing to read any more',
    call: () => ({ op: 'read', name: NAME }),
    expected: refused(404),
  },
  {
    title: 'finds nothing to see any more',
    call: () => ({ op: 'describe', name: NAME }),
    expected: refused(404),
  },
];

const LARGE: readonly Step[] = [
  {
    title: 'uploads what is large in its own way',
    call: () => create(BIG, BIG_TEXT, BIG_REPEAT),
    expected: done(),
  },
  {
    title: 'is refused it where there is one already',
    call: () => create(BIG, BIG_TEXT, BIG_REPEAT),
    expected: refused(412),
  },
  {
    title: 'reads all of it',
    call: () => ({ op: 'read', name: BIG }),
    expected: () => bytes(BIG_TEXT.repeat(BIG_REPEAT)),
  },
  {
    title: 'reads its end',
    call: () => ({ op: 'read', name: BIG, offset: BIG_TEXT.length * BIG_REPEAT - 6 }),
    expected: () => bytes('abcdef'),
  },
];

/** The custom metadata of a held lock, as docs/protocol.md says it. */
const record = ({ lease }: World, refreshCount: string): Record<string, string> => ({
  schema: 'gcs-mutex/1',
  state: 'held',
  'lease-id': lease?.leaseId ?? '',
  'ttl-ms': String(LOCK_TTL_MS),
  'refresh-count': refreshCount,
  holder: HOLDER,
  'user-ticket': '4711',
});

const OF_A_LOCK: readonly Step[] = [
  {
    title: 'sees a lock as its description says',
    before: async (world) => {
      world.lease = await world.mutex.acquire();
    },
    call: () => ({ op: 'describe', name: LOCK }),
    expected: (world) => ({
      status: 200,
      object: {
        name: LOCK,
        metageneration: '1',
        contentType: 'text/plain; charset=utf-8',
        cacheControl: 'no-store',
        storageClass: 'STANDARD',
        metadata: record(world, '0'),
      },
    }),
  },
  {
    title: 'reads one sentence for people in it',
    call: () => ({ op: 'read', name: LOCK }),
    expected: () =>
      bytes(`A lock of gcs-mutex; its state is in this object's custom metadata. Written by: ${HOLDER}.\n`),
  },
  {
    title: 'cannot create over it',
    call: () => create(LOCK, 'mine', 1),
    expected: refused(412),
  },
  {
    title: 'puts a key of its own into it',
    call: (seen) => ({ op: 'patch', name: LOCK, metadata: { note: 'seen' }, ...guards(seen(LOCK)) }),
    expected: done(),
  },
  {
    title: 'finds its key after the next refresh, and the lock held by the same lease',
    before: async ({ lease }) => {
      await lease?.refresh();
      lease?.throwIfLost();
    },
    call: () => ({ op: 'describe', name: LOCK }),
    // The first request to refresh met the client's change and was refused; the second has a count of its own.
    expected: (world) => ({ status: 200, object: { metadata: { ...record(world, '2'), note: 'seen' } } }),
  },
  {
    title: 'breaks the lock that it sees',
    call: (seen) => ({ op: 'delete', name: LOCK, ifGenerationMatch: seen(LOCK).generation }),
    expected: done(),
  },
];

/** What every client plays, in this order; each step builds on those before. */
export const SCENARIO: readonly Step[] = [...OBJECT, ...LARGE, ...OF_A_LOCK];
