import { bucketNotFound } from './errors.ts';
import { crc32c, md5Hash } from './checksums.ts';
import type { EmulatorClock } from './clock.ts';
import type { Generations } from './generations.ts';

/** What a bucket does with its objects. All of it is off by default. */
export interface BucketSettings {
  /** How long each object may not be overwritten or deleted, in whole seconds. Default: no such policy. */
  readonly retentionPeriodS?: number | undefined;
  /** Whether new objects are held until somebody lifts the hold. Default false. */
  readonly defaultEventBasedHold?: boolean | undefined;
  /** Whether a request has to name the project that pays for it. Default false. */
  readonly requesterPays?: boolean | undefined;
}

/** A bucket's own attributes. Immutable: every change puts a new value in its place. */
export interface StoredBucket {
  readonly name: string;
  readonly project: string;
  readonly location: string;
  readonly storageClass: string;
  readonly settings: BucketSettings;
  /** Since when the retention policy is as it is, in epoch milliseconds. */
  readonly retentionSince: number;
  readonly metageneration: bigint;
  /** Epoch milliseconds. */
  readonly timeCreated: number;
  readonly updated: number;
}

/** What a writer may say about an object. An absent attribute is `undefined`. */
export interface ObjectAttributes {
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly temporaryHold?: boolean | undefined;
  readonly eventBasedHold?: boolean | undefined;
}

/** One live object. Immutable: every change puts a new value in its place. */
export interface StoredObject extends ObjectAttributes {
  readonly bucket: string;
  readonly name: string;
  readonly body: Uint8Array;
  readonly md5Hash: string;
  readonly crc32c: string;
  readonly generation: bigint;
  readonly metageneration: bigint;
  /** Epoch milliseconds. */
  readonly timeCreated: number;
  readonly updated: number;
  /** When a retention policy's period begins: the creation, or the end of an event-based hold. */
  readonly retainedFrom: number;
}

interface Entry {
  readonly bucket: StoredBucket;
  readonly objects: Map<string, StoredObject>;
}

/**
 * Everything the emulated service remembers. Each method is synchronous, so each change is atomic: no other
 * request can come between a route's look and its write.
 */
export class ObjectStore {
  readonly #clock: EmulatorClock;
  readonly #generations: Generations;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: EmulatorClock, generations: Generations) {
    this.#clock = clock;
    this.#generations = generations;
  }

  bucket(name: string): StoredBucket | undefined {
    return this.#entries.get(name)?.bucket;
  }

  /** All buckets of a project, in the order of their names. */
  buckets(project?: string): StoredBucket[] {
    return [...this.#entries.values()]
      .map((entry) => entry.bucket)
      .filter((bucket) => project === undefined || bucket.project === project)
      .toSorted((left, right) => compare(left.name, right.name));
  }

  addBucket(
    name: string,
    place: { project?: string; location?: string; storageClass?: string } = {},
    settings: BucketSettings = {},
  ): StoredBucket {
    const now = this.#clock.now();
    const bucket: StoredBucket = {
      name,
      project: place.project ?? 'emulated-project',
      location: place.location ?? 'US',
      storageClass: place.storageClass ?? 'STANDARD',
      settings,
      retentionSince: now,
      metageneration: 1n,
      timeCreated: now,
      updated: now,
    };
    this.#entries.set(name, { bucket, objects: new Map() });
    return bucket;
  }

  /** Changes what a bucket does. Counts as a change even when nothing differs. */
  changeBucket(bucket: StoredBucket, settings: BucketSettings): StoredBucket {
    const now = this.#clock.now();
    const isSame = settings.retentionPeriodS === bucket.settings.retentionPeriodS;
    const changed: StoredBucket = {
      ...bucket,
      settings,
      retentionSince: isSame ? bucket.retentionSince : now,
      metageneration: bucket.metageneration + 1n,
      updated: now,
    };
    this.#entries.set(bucket.name, { bucket: changed, objects: this.#objects(bucket.name) });
    return changed;
  }

  removeBucket(name: string): void {
    this.#entries.delete(name);
  }

  object(bucket: string, name: string): StoredObject | undefined {
    return this.#objects(bucket).get(name);
  }

  /** All live objects of a bucket, in the order of their names' UTF-8 bytes, as lists are. */
  objects(bucket: string): StoredObject[] {
    return [...this.#objects(bucket).values()].toSorted((left, right) => compare(left.name, right.name));
  }

  /** Puts a new generation in the place of whatever is live. Metageneration starts at 1. */
  putObject(bucket: string, name: string, body: Uint8Array, attributes: ObjectAttributes): StoredObject {
    const objects = this.#objects(bucket);
    const now = this.#clock.now();
    const object: StoredObject = {
      ...attributes,
      storageClass: attributes.storageClass ?? this.bucket(bucket)?.storageClass,
      bucket,
      name,
      body,
      md5Hash: md5Hash(body),
      crc32c: crc32c(body),
      generation: this.#generations.next(now),
      metageneration: 1n,
      timeCreated: now,
      updated: now,
      retainedFrom: now,
    };
    objects.set(name, object);
    return object;
  }

  /** Changes what is said about a live object. Counts as a change even when nothing differs. */
  patchObject(object: StoredObject, attributes: ObjectAttributes): StoredObject {
    const now = this.#clock.now();
    const patched: StoredObject = {
      ...object,
      ...attributes,
      metageneration: object.metageneration + 1n,
      updated: now,
    };
    const isReleased = object.eventBasedHold === true && patched.eventBasedHold !== true;
    const result = isReleased ? { ...patched, retainedFrom: now } : patched;
    this.#objects(object.bucket).set(object.name, result);
    return result;
  }

  removeObject(object: StoredObject): void {
    this.#objects(object.bucket).delete(object.name);
  }

  #objects(bucket: string): Map<string, StoredObject> {
    const entry = this.#entries.get(bucket);
    if (entry === undefined) throw bucketNotFound();
    return entry.objects;
  }
}

/** Compares by UTF-8 bytes, which is code point order; JavaScript's own order is by UTF-16 units. */
function compare(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
