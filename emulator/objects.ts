import { bucketNotFound } from './errors.ts';
import { crc32c, md5Hash } from './checksums.ts';
import type { EmulatorClock } from './clock.ts';
import type { Generations } from './generations.ts';
import type { BucketSettings, ObjectAttributes, StoredBucket, StoredObject } from './stored.ts';

interface Entry {
  readonly bucket: StoredBucket;
  readonly objects: Map<string, StoredObject>;
  /** What is no longer live, in no order: every version has a generation of its own. */
  readonly noncurrent: Map<bigint, StoredObject>;
  readonly softDeleted: Map<bigint, StoredObject>;
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
    this.#entries.set(name, {
      bucket,
      objects: new Map(),
      noncurrent: new Map(),
      softDeleted: new Map(),
    });
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
    this.#entries.set(bucket.name, { ...this.#entry(bucket.name), bucket: changed });
    return changed;
  }

  removeBucket(name: string): void {
    this.#entries.delete(name);
  }

  object(bucket: string, name: string): StoredObject | undefined {
    return this.#entry(bucket).objects.get(name);
  }

  /** The live or noncurrent version with this generation. */
  version(bucket: string, name: string, generation: bigint): StoredObject | undefined {
    const { objects, noncurrent } = this.#entry(bucket);
    const found = noncurrent.get(generation) ?? objects.get(name);
    return found?.name === name && found.generation === generation ? found : undefined;
  }

  /** All live and noncurrent versions, by name and then by generation. */
  versions(bucket: string): StoredObject[] {
    const { objects, noncurrent } = this.#entry(bucket);
    return [...objects.values(), ...noncurrent.values()].toSorted(compareVersions);
  }

  /** What can still be restored, by name and then by generation. */
  softDeleted(bucket: string): StoredObject[] {
    const { softDeleted } = this.#entry(bucket);
    const now = this.#clock.now();
    for (const object of softDeleted.values()) {
      if ((object.hardDeleteTime ?? 0) <= now) softDeleted.delete(object.generation);
    }
    return [...softDeleted.values()].toSorted(compareVersions);
  }

  /** All live objects of a bucket, in the order of their names' UTF-8 bytes, as lists are. */
  objects(bucket: string): StoredObject[] {
    return [...this.#entry(bucket).objects.values()].toSorted((left, right) =>
      compare(left.name, right.name),
    );
  }

  /**
   * Puts a new generation in the place of whatever is live. Metageneration starts at 1.
   *
   * @param componentCount - how many objects it is composed from; such an object has no MD5.
   */
  putObject(
    bucket: string,
    name: string,
    body: Uint8Array,
    attributes: ObjectAttributes,
    componentCount?: number,
  ): StoredObject {
    const now = this.#clock.now();
    const { bucket: place } = this.#entry(bucket);
    const before = this.object(bucket, name);
    const isHeld = place.settings.defaultEventBasedHold === true;
    const object: StoredObject = {
      ...attributes,
      storageClass: attributes.storageClass ?? place.storageClass,
      eventBasedHold: attributes.eventBasedHold ?? (isHeld ? true : undefined),
      bucket,
      name,
      body,
      md5Hash: componentCount === undefined ? md5Hash(body) : undefined,
      crc32c: crc32c(body),
      componentCount,
      generation: this.#generations.next(now),
      metageneration: 1n,
      timeCreated: now,
      updated: now,
      retainedFrom: now,
    };
    if (before !== undefined) this.#displace(before, now);
    this.#entry(bucket).objects.set(name, object);
    return object;
  }

  /** Puts a live object under another name, as a new generation. The old one is not kept, neither as a version nor to be restored. */
  moveObject(object: StoredObject, name: string): StoredObject {
    const moved = this.putObject(object.bucket, name, object.body, object, object.componentCount);
    this.#entry(object.bucket).objects.delete(object.name);
    return moved;
  }

  /** Changes what is said about a version. Counts as a change even when nothing differs. */
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
    const { objects, noncurrent } = this.#entry(object.bucket);
    if (noncurrent.has(object.generation)) noncurrent.set(object.generation, result);
    else objects.set(object.name, result);
    return result;
  }

  /**
   * Takes a version away. A live one becomes noncurrent where versions are kept.
   *
   * @param isPinned - whether it was named by its generation: then no noncurrent version is left.
   */
  removeObject(object: StoredObject, isPinned: boolean): void {
    const { objects, noncurrent } = this.#entry(object.bucket);
    const now = this.#clock.now();
    if (noncurrent.delete(object.generation)) {
      this.#softDelete(object, now);
      return;
    }
    objects.delete(object.name);
    if (isPinned) this.#softDelete(object, now);
    else this.#displace(object, now);
  }

  /** What becomes of a version that is live no longer. */
  #displace(object: StoredObject, now: number): void {
    const { bucket, noncurrent } = this.#entry(object.bucket);
    if (bucket.settings.versioning === true) {
      noncurrent.set(object.generation, { ...object, timeDeleted: now });
    } else this.#softDelete(object, now);
  }

  #softDelete(object: StoredObject, now: number): void {
    const { bucket, softDeleted } = this.#entry(object.bucket);
    const { softDeleteS = 0 } = bucket.settings;
    if (softDeleteS === 0) return;
    const hardDeleteTime = now + softDeleteS * 1000;
    softDeleted.set(object.generation, { ...object, softDeleteTime: now, hardDeleteTime });
  }

  #entry(bucket: string): Entry {
    const entry = this.#entries.get(bucket);
    if (entry === undefined) throw bucketNotFound();
    return entry;
  }
}

function compareVersions(left: StoredObject, right: StoredObject): number {
  return compare(left.name, right.name) || (left.generation < right.generation ? -1 : 1);
}

/** Compares by UTF-8 bytes, which is code point order; JavaScript's own order is by UTF-16 units. */
function compare(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
