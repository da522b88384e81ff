import { bucketNotFound } from './errors.ts';
import { crc32c, md5Hash } from './checksums.ts';
import type { EmulatorClock } from './clock.ts';
import type { Generations } from './generations.ts';

/** A bucket's own attributes. */
export interface StoredBucket {
  readonly name: string;
  readonly project: string;
  readonly location: string;
  readonly storageClass: string;
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
    settings: { project?: string; location?: string; storageClass?: string } = {},
  ): StoredBucket {
    const now = this.#clock.now();
    const bucket: StoredBucket = {
      name,
      project: settings.project ?? 'emulated-project',
      location: settings.location ?? 'US',
      storageClass: settings.storageClass ?? 'STANDARD',
      metageneration: 1n,
      timeCreated: now,
      updated: now,
    };
    this.#entries.set(name, { bucket, objects: new Map() });
    return bucket;
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
    };
    objects.set(name, object);
    return object;
  }

  /** Changes what is said about a live object. Counts as a change even when nothing differs. */
  patchObject(object: StoredObject, attributes: ObjectAttributes): StoredObject {
    const patched: StoredObject = {
      ...object,
      ...attributes,
      metageneration: object.metageneration + 1n,
      updated: this.#clock.now(),
    };
    this.#objects(object.bucket).set(object.name, patched);
    return patched;
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
