import { type EventStatus, eventStatusOf } from '../event/event.ts';
import { type DescribedObject, seenAs } from '../gcs/outcome.ts';
import type { ListedObject } from '../gcs/listing.ts';
import type { LockFolder } from '../lock-name.ts';
import { EVENT } from '../protocol/event-record.ts';
import { documentCodec } from '../protocol/document-record.ts';
import type { SeenObject } from '../protocol/outcome.ts';
import { LOCK_CODEC } from '../protocol/record.ts';
import { type PoolStatus, poolStatus } from '../pool/pool-status.ts';
import { RESOURCES, RESOURCES_NAME, resourceOf } from '../protocol/pool.ts';
import { PERMITS, PERMITS_NAME, slotIndex } from '../protocol/semaphore.ts';
import { RATE_LIMITER } from '../protocol/rate-record.ts';
import { overAt } from '../protocol/rate-reckoning.ts';
import type { StaleRules } from '../protocol/stale.ts';
import type { Millis } from '../protocol/timing.ts';
import { type RateStatus, rateStatus } from '../rate/rate-status.ts';
import { type SemaphoreStatus, semaphoreStatus } from '../semaphore/semaphore-status.ts';
import { type LockStatus, type LockVersion, staleForMs, statusOf } from '../status.ts';

/** A lock, or something else of this library, that a listing found. */
export type ListedLock = {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** What `mutex`, `semaphore`, `pool`, `event` or `rateLimiter` takes: the name without the factory's prefix. */
  readonly name: string;
} & (
  | {
      readonly kind: 'held';
      readonly status: LockStatus;
      /** How long it has been stale by the server's clocks, milliseconds; 0 where it is not. */
      readonly staleForMs: number;
    }
  /** Nobody holds it; the object keeps a counter. */
  | { readonly kind: 'free' }
  /** No lock, but an event. */
  | {
      readonly kind: 'event';
      readonly status: EventStatus & Pick<LockStatus, 'since' | 'version'>;
      /** How long it has been cleared by the server's clocks, milliseconds; 0 where it is set. */
      readonly staleForMs: number;
    }
  /** No lock, but a rate limiter. */
  | {
      readonly kind: 'rate-limiter';
      readonly status: RateStatus;
      /** How long nothing of it has counted by the server's clocks, milliseconds; 0 while anything does. */
      readonly staleForMs: number;
    }
  /** Written by a newer version of this library: it counts as held, and no more can be said of it. */
  | { readonly kind: 'newer'; readonly schema: string }
  /** A semaphore: one entry, its permits in its status. */
  | {
      readonly kind: 'semaphore';
      readonly status: SemaphoreStatus;
      /** For how long nobody has stored its number again, which those who acquire do twice a day; milliseconds. */
      readonly untouchedForMs: number;
      /** Which state of the object with its number was listed. */
      readonly version: LockVersion;
    }
  /** A resource pool: one entry, its resources in its status. */
  | {
      readonly kind: 'pool';
      readonly status: PoolStatus;
      /** For how long nobody has stored its names again, which those who acquire do twice a day; milliseconds. */
      readonly untouchedForMs: number;
      /** Which state of the object with its names was listed. */
      readonly version: LockVersion;
    }
);

/** The locks that a listing has shown of a group, by their name below it. */
type Locks = Map<string, { readonly object: SeenObject }>;

/** One kind of locks below one name, with a document beside them. */
interface GroupKind {
  readonly documentName: string;
  /** Whether a name below the group's is that of one of its locks. */
  readonly owns: (below: string) => boolean;
  /** What is said of the group whose document this is, once all its locks are known; undefined where it is none. */
  readonly describe: (
    document: DescribedObject,
  ) => ((locks: Locks, rules: StaleRules) => GroupStatus) | undefined;
}

type GroupStatus =
  | { readonly kind: 'semaphore'; readonly status: SemaphoreStatus }
  | { readonly kind: 'pool'; readonly status: PoolStatus };

/** A group of which a listing has shown the document, and not yet all locks. */
interface OpenGroup {
  readonly prefix: string;
  readonly document: DescribedObject;
  readonly locks: Locks;
  readonly owns: GroupKind['owns'];
  readonly describe: (locks: Locks, rules: StaleRules) => GroupStatus;
}

const PERMITS_CODEC = documentCodec(PERMITS);
const RESOURCES_CODEC = documentCodec(RESOURCES);

const GROUP_KINDS: readonly GroupKind[] = [
  {
    documentName: PERMITS_NAME,
    owns: (below) => slotIndex(below) !== undefined,
    describe(document) {
      const { content } = seenAs(document, PERMITS_CODEC);
      if (content.kind !== 'record') return undefined;
      const { permits } = content.record.value;
      return (locks, rules) => ({ kind: 'semaphore', status: semaphoreStatus(permits, locks, rules) });
    },
  },
  {
    documentName: RESOURCES_NAME,
    owns: (below) => resourceOf(below) !== undefined,
    describe(document) {
      const { content } = seenAs(document, RESOURCES_CODEC);
      if (content.kind !== 'record') return undefined;
      const resources = content.record.value;
      return (locks, rules) => ({ kind: 'pool', status: poolStatus(resources, { locks }, rules) });
    },
  },
];

/** The names, below a group's, of the documents of which one makes it a group. */
export const GROUP_DOCUMENTS: readonly string[] = GROUP_KINDS.map(({ documentName }) => documentName);

const EVENT_CODEC = documentCodec(EVENT);
const RATE_CODEC = documentCodec(RATE_LIMITER);

/**
 * Makes locks, semaphores, pools, events and rate limiters of the objects of a folder, which come by name: what begins with the name of
 * a semaphore or a pool comes in one piece, its document before its locks.
 */
export class Listed {
  readonly #folder: LockFolder;
  readonly #rules: StaleRules;
  /** Groups may lie below one another; the innermost is the last. */
  readonly #open: OpenGroup[] = [];

  constructor(folder: LockFolder, rules: StaleRules) {
    this.#folder = folder;
    this.#rules = rules;
  }

  /** Adds an object, and gives what is known by that. Other people's objects are passed over. */
  *add({ name, object }: ListedObject): Generator<ListedLock, void, void> {
    yield* this.#closeUnless((prefix) => name.startsWith(prefix));
    const opened = this.#groupOf(name, object);
    if (opened !== undefined) {
      this.#open.push(opened);
      return;
    }
    const group = this.#open.find(({ prefix, owns }) => owns(name.slice(prefix.length)));
    if (group !== undefined) {
      group.locks.set(name.slice(group.prefix.length), { object: seenAs(object, LOCK_CODEC) });
      return;
    }
    const described =
      lockIn(object, this.#rules) ??
      eventIn(object) ??
      rateLimiterIn(object, this.#rules) ??
      newerGroupIn(object);
    const named = this.#named(name);
    // The folder's own placeholder, which some tools make, is no name below it.
    if (described !== undefined && named.name !== '') yield { ...named, ...described };
  }

  /** Gives what is left when there are no more objects. */
  *end(): Generator<ListedLock, void, void> {
    yield* this.#closeUnless(() => false);
  }

  *#closeUnless(goesOn: (prefix: string) => boolean): Generator<ListedLock, void, void> {
    for (let last = this.#open.at(-1); last !== undefined && !goesOn(last.prefix); last = this.#open.at(-1)) {
      this.#open.pop();
      yield this.#entryOf(last);
    }
  }

  #groupOf(name: string, document: DescribedObject): OpenGroup | undefined {
    for (const { documentName, owns, describe } of GROUP_KINDS) {
      const prefix = name.slice(0, -documentName.length);
      // A group has a name of its own.
      const isPlace = name.endsWith(`/${documentName}`) && prefix.length > this.#folder.prefix.length + 1;
      const described = isPlace ? describe(document) : undefined;
      if (described !== undefined) return { prefix, document, locks: new Map(), owns, describe: described };
    }
    return undefined;
  }

  #named(name: string): Pick<ListedLock, 'url' | 'name'> {
    const { bucket, prefix } = this.#folder;
    return { url: `gs://${bucket}/${name}`, name: name.slice(prefix.length) };
  }

  #entryOf({ prefix, document, locks, describe }: OpenGroup): ListedLock {
    return {
      ...this.#named(prefix.slice(0, -1)),
      ...describe(locks, this.#rules),
      untouchedForMs: passedSince(document.updatedAt, document),
      version: document.version,
    };
  }
}

/** What a listing says of an object besides its name. */
type Described = ListedLock extends infer Each
  ? Each extends ListedLock
    ? Omit<Each, 'url' | 'name'>
    : never
  : never;

function lockIn(object: DescribedObject, rules: StaleRules): Described | undefined {
  const lock = seenAs(object, LOCK_CODEC);
  if (lock.content.kind === 'newer') return { kind: 'newer', schema: lock.content.schema };
  if (lock.content.kind !== 'record') return undefined;
  const status = statusOf(lock, rules);
  if (status === undefined) return { kind: 'free' };
  return { kind: 'held', status, staleForMs: staleForMs(lock, status, rules) };
}

function eventIn(object: DescribedObject): Described | undefined {
  const { content, ...seen } = seenAs(object, EVENT_CODEC);
  if (content.kind === 'newer') return { kind: 'newer', schema: content.schema };
  if (content.kind !== 'record') return undefined;
  const status = eventStatusOf({ ...seen, value: content.record.value });
  return { kind: 'event', status, staleForMs: status.isSet ? 0 : passedSince(seen.updatedAt, object) };
}

function rateLimiterIn(object: DescribedObject, { clockSkewMs }: StaleRules): Described | undefined {
  const { content, ...seen } = seenAs(object, RATE_CODEC);
  if (content.kind === 'newer') return { kind: 'newer', schema: content.schema };
  if (content.kind !== 'record') return undefined;
  const document = { ...seen, value: content.record.value };
  return {
    kind: 'rate-limiter',
    status: rateStatus(document, clockSkewMs),
    staleForMs: passedSince(overAt(document, clockSkewMs), object),
  };
}

/** The document of a group as a newer version of this library keeps it: its locks are told by themselves. */
function newerGroupIn(object: DescribedObject): Described | undefined {
  for (const { content } of [seenAs(object, PERMITS_CODEC), seenAs(object, RESOURCES_CODEC)])
    if (content.kind === 'newer') return { kind: 'newer', schema: content.schema };
  return undefined;
}

/** How long ago something was by the server's clocks. */
function passedSince(moment: Millis, { serverTime = moment }: Pick<DescribedObject, 'serverTime'>): Millis {
  return Math.max(0, serverTime - moment);
}
