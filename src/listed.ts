import { type EventStatus, eventStatusOf } from './event.ts';
import { type DescribedObject, seenAs } from './gcs/outcome.ts';
import type { ListedObject } from './gcs/listing.ts';
import type { LockFolder } from './lock-name.ts';
import { EVENT } from './protocol/event-record.ts';
import { documentCodec } from './protocol/document-record.ts';
import type { SeenObject } from './protocol/outcome.ts';
import { LOCK_CODEC } from './protocol/record.ts';
import { PERMITS, PERMITS_NAME, slotIndex } from './protocol/semaphore.ts';
import type { StaleRules } from './protocol/stale.ts';
import type { Millis } from './protocol/timing.ts';
import { type SemaphoreStatus, semaphoreStatus } from './semaphore-status.ts';
import { type LockStatus, type LockVersion, staleForMs, statusOf } from './status.ts';

/** A lock, or something else of this library, that a listing found. */
export type ListedLock = {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** What `mutex`, `semaphore` or `event` takes: the name without the factory's prefix. */
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
);

/** A semaphore of which a listing has shown the number of permits, and not yet all slots. */
interface OpenSemaphore {
  readonly prefix: string;
  readonly document: DescribedObject;
  readonly permits: number;
  readonly locks: Map<string, { readonly object: SeenObject }>;
}

const PERMITS_CODEC = documentCodec(PERMITS);
const EVENT_CODEC = documentCodec(EVENT);

/**
 * Makes locks, semaphores and events of the objects of a folder, which come by name: what begins with a semaphore's name
 * comes in one piece, its number of permits first.
 */
export class Listed {
  readonly #folder: LockFolder;
  readonly #rules: StaleRules;
  /** Semaphores may lie below one another; the innermost is the last. */
  readonly #open: OpenSemaphore[] = [];

  constructor(folder: LockFolder, rules: StaleRules) {
    this.#folder = folder;
    this.#rules = rules;
  }

  /** Adds an object, and gives what is known by that. Other people's objects are passed over. */
  *add({ name, object }: ListedObject): Generator<ListedLock, void, void> {
    yield* this.#closeUnless((prefix) => name.startsWith(prefix));
    const permits = this.#permitsOf(name, object);
    if (permits !== undefined) {
      const prefix = name.slice(0, -PERMITS_NAME.length);
      this.#open.push({ prefix, document: object, permits, locks: new Map() });
      return;
    }
    const semaphore = this.#open.find(({ prefix }) => slotIndex(name.slice(prefix.length)) !== undefined);
    if (semaphore !== undefined) {
      semaphore.locks.set(name.slice(semaphore.prefix.length), { object: seenAs(object, LOCK_CODEC) });
      return;
    }
    const described = lockIn(object, this.#rules) ?? eventIn(object) ?? newerSemaphoreIn(object);
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
      yield this.#semaphoreOf(last);
    }
  }

  #permitsOf(name: string, object: DescribedObject): number | undefined {
    // A semaphore has a name of its own.
    const isPlace =
      name.endsWith(`/${PERMITS_NAME}`) && name.length > this.#folder.prefix.length + PERMITS_NAME.length + 1;
    const { content } = seenAs(object, PERMITS_CODEC);
    return isPlace && content.kind === 'record' ? content.record.value.permits : undefined;
  }

  #named(name: string): Pick<ListedLock, 'url' | 'name'> {
    const { bucket, prefix } = this.#folder;
    return { url: `gs://${bucket}/${name}`, name: name.slice(prefix.length) };
  }

  #semaphoreOf({ prefix, document, permits, locks }: OpenSemaphore): ListedLock {
    return {
      ...this.#named(prefix.slice(0, -1)),
      kind: 'semaphore',
      status: semaphoreStatus(permits, locks, this.#rules),
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

/** The number of permits as a newer version of this library keeps it: its slots are told as locks. */
function newerSemaphoreIn(object: DescribedObject): Described | undefined {
  const { content } = seenAs(object, PERMITS_CODEC);
  return content.kind === 'newer' ? { kind: 'newer', schema: content.schema } : undefined;
}

/** How long ago something was by the server's clocks. */
function passedSince(moment: Millis, { serverTime = moment }: Pick<DescribedObject, 'serverTime'>): Millis {
  return Math.max(0, serverTime - moment);
}
