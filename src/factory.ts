import { checkOptionNames, checkSignal, timeout } from './arguments.ts';
import type { Components } from './components.ts';
import { removeDocument } from './breaking.ts';
import { type Connection, connect } from './connection.ts';
import { openDocument } from './document.ts';
import { type EventStatus, eventStatusOf, GcsEvent, type GcsEventOptions } from './event.ts';
import { type ListedObject, listPage } from './gcs/listing.ts';
import { type DescribedObject, seenAs } from './gcs/outcome.ts';
import { outOfRange, wrongType } from './gcs/invalid-argument.ts';
import type { Asker } from './lock.ts';
import { folderFromUrl, type LockFolder } from './lock-name.ts';
import { type CallOptions, GcsMutex } from './mutex.ts';
import type { GcsMutexOptions } from './options.ts';
import { documentCodec } from './protocol/document-record.ts';
import { EVENT } from './protocol/event-record.ts';
import { LOCK_CODEC } from './protocol/record.ts';
import type { Millis } from './protocol/timing.ts';
import { untilKnown } from './reading.ts';
import { GcsSemaphore, type GcsSemaphoreOptions } from './semaphore.ts';
import { documentOptions, type Settings } from './settings.ts';
import { type LockStatus, statusOf } from './status.ts';
import { withTimeLimit } from './time-limit.ts';

/** A lock, or something else of this library, that a listing found. */
export type ListedLock = {
  /** As `gs://bucket/name`. */
  readonly url: string;
  /** What `mutex` or `event` takes: the name without the factory's prefix. */
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
);

/** What `clean` takes. */
export interface CleanOptions extends CallOptions {
  /**
   * Removes a record only when it has been stale for so long, or an event when it has been cleared for so long,
   * milliseconds. Default a day: whoever waits for a lock takes a stale record over at once, so that what is left is
   * what nobody wants, and may as well be looked at by somebody who wonders what became of its holder. An event that
   * is removed sooner may be set once more by a request from before that was held up on its way.
   */
  readonly staleForMs?: number | undefined;
  /** Removes nothing, and gives what it would remove. Default false. */
  readonly dryRun?: boolean | undefined;
}

const DAY_MS = 86_400_000;

const EVENT_CODEC = documentCodec(EVENT);

/** All locks and events below one `gs://bucket/prefix`: one place for the credentials, the endpoint and the defaults. */
export class GcsLocks {
  /** As `gs://bucket/prefix/`. */
  readonly url: string;
  readonly #folder: LockFolder;
  readonly #defaults: GcsMutexOptions;
  readonly #components: Components;
  readonly #connection: Connection;
  readonly #asker: Asker;

  /**
   * Does no I/O.
   *
   * @param url - `gs://bucket`, or `gs://bucket/prefix` with or without a slash at its end.
   * @param defaults - the options of every lock that is made here.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  constructor(url: string, defaults: GcsMutexOptions = {}, components: Components = {}) {
    this.#folder = folderFromUrl(url);
    this.url = `gs://${this.#folder.bucket}/${this.#folder.prefix}`;
    this.#defaults = defaults;
    this.#components = components;
    this.#connection = connect(this.#folder.bucket, defaults, components);
    const { parts, settings } = this.#connection;
    this.#asker = { url: this.url, settings, clock: parts.clock, random: parts.random };
  }

  /**
   * The lock of a name below the prefix. A name cannot leave the prefix: it is only ever put behind it.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  mutex(name: string, options: GcsMutexOptions = {}): GcsMutex {
    const { bucket } = this.#folder;
    return new GcsMutex(bucket, this.#below(name), { ...this.#defaults, ...options }, this.#components);
  }

  /**
   * The semaphore of a name below the prefix.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  semaphore(name: string, options: GcsSemaphoreOptions = {}): GcsSemaphore {
    const { bucket } = this.#folder;
    return new GcsSemaphore(bucket, this.#below(name), { ...this.#defaults, ...options }, this.#components);
  }

  /**
   * The event of a name below the prefix.
   *
   * @param options - go before the factory's defaults, each by itself.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  event(name: string, options: GcsEventOptions = {}): GcsEvent {
    const { bucket } = this.#folder;
    const defaults = documentOptions(this.#defaults);
    return new GcsEvent(bucket, this.#below(name), { ...defaults, ...options }, this.#components);
  }

  /**
   * Every lock and every event below the prefix, by name. Other objects are passed over. It
   * takes one request for each 250 objects, charged as a list, and the permission `storage.objects.list`.
   *
   * @throws a `GcsMutexError` when the store refuses or gives no usable answer within `requestTimeoutMs` a page;
   * the signal's reason when aborted.
   */
  async *list(options: CallOptions = {}): AsyncGenerator<ListedLock, void, void> {
    checkOptionNames(options, 'options', ['signal']);
    checkSignal(options.signal);
    let pageToken: string | undefined;
    do {
      const page = await this.#page(pageToken, options.signal);
      for (const object of page.objects) {
        const lock = this.#describe(object);
        if (lock !== undefined) yield lock;
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
  }

  /**
   * Removes the records that holders left behind long ago, and events that were cleared long ago. Each removal is
   * guarded by the version that was listed, so that what came alive again is left alone. A free record that keeps a
   * counter stays.
   *
   * @returns what was removed, or would be.
   * @throws as `list`, and what `breakLock` throws.
   */
  async clean(options: CleanOptions = {}): Promise<readonly ListedLock[]> {
    checkOptionNames(options, 'options', ['signal', 'staleForMs', 'dryRun']);
    const staleForMs = timeout('staleForMs', options.staleForMs ?? DAY_MS);
    const { signal, dryRun = false } = options;
    const removed: ListedLock[] = [];
    for await (const listed of this.list({ signal })) {
      if (!isAbandoned(listed) || listed.staleForMs < staleForMs) continue;
      if (dryRun || (await this.#remove(listed, signal))) removed.push(listed);
    }
    return removed;
  }

  #remove({ name, kind, status }: Abandoned, signal: AbortSignal | undefined): Promise<boolean> {
    const ifVersion = status.version;
    if (kind === 'held') return this.mutex(name).breakLock({ ifVersion, signal });
    const at = { bucket: this.#folder.bucket, name: this.#below(name) };
    return removeDocument(openDocument(this.#connection, at, EVENT), { ifVersion, signal });
  }

  /** A name cannot leave the prefix: it is only ever put behind it. */
  #below(name: string): string {
    if (typeof name !== 'string') throw wrongType('name', name, 'a string');
    if (name === '') throw outOfRange('name', name, 'at least one character long');
    return this.#folder.prefix + name;
  }

  #page(pageToken: string | undefined, signal: AbortSignal | undefined) {
    const { endpoint, parts, userProject } = this.#connection;
    const target = { endpoint, ...this.#folder, userProject };
    return withTimeLimit(this.#asker, signal, (limit) =>
      untilKnown(this.#asker, limit, () => listPage(target, pageToken, parts.transport, limit)),
    );
  }

  #describe({ name, object }: ListedObject): ListedLock | undefined {
    const { bucket, prefix } = this.#folder;
    const named = { url: `gs://${bucket}/${name}`, name: name.slice(prefix.length) };
    // The folder's own placeholder, which some tools make, is no name below it.
    if (named.name === '') return undefined;
    const described = lockIn(object, this.#connection.settings) ?? eventIn(object);
    return described && { ...named, ...described };
  }
}

/** What a listing says of an object besides its name. */
type Described = ListedLock extends infer Each
  ? Each extends ListedLock
    ? Omit<Each, 'url' | 'name'>
    : never
  : never;

/** What nobody may want any more, and `clean` removes in time. */
type Abandoned = Extract<ListedLock, { readonly staleForMs: number }>;

function isAbandoned(listed: ListedLock): listed is Abandoned {
  return (
    (listed.kind === 'held' && listed.status.isStale) || (listed.kind === 'event' && !listed.status.isSet)
  );
}

function lockIn(object: DescribedObject, settings: Settings): Described | undefined {
  const lock = seenAs(object, LOCK_CODEC);
  if (lock.content.kind === 'newer') return { kind: 'newer', schema: lock.content.schema };
  if (lock.content.kind !== 'record') return undefined;
  const status = statusOf(lock, settings);
  if (status === undefined) return { kind: 'free' };
  const staleAt = status.refreshedAt.getTime() + status.ttlMs + settings.clockSkewMs;
  return { kind: 'held', status, staleForMs: status.isStale ? passedSince(staleAt, object) : 0 };
}

function eventIn(object: DescribedObject): Described | undefined {
  const { content, ...seen } = seenAs(object, EVENT_CODEC);
  if (content.kind === 'newer') return { kind: 'newer', schema: content.schema };
  if (content.kind !== 'record') return undefined;
  const status = eventStatusOf({ ...seen, value: content.record.value });
  return { kind: 'event', status, staleForMs: status.isSet ? 0 : passedSince(seen.updatedAt, object) };
}

/** How long ago something was by the server's clocks. */
function passedSince(moment: Millis, { serverTime = moment }: DescribedObject): Millis {
  return Math.max(0, serverTime - moment);
}
