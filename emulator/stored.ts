/** What a bucket does with its objects. All of it is off by default. */
export interface BucketSettings {
  /** How long each object may not be overwritten or deleted, in whole seconds. Default: no such policy. */
  readonly retentionPeriodS?: number | undefined;
  /** Whether new objects are held until somebody lifts the hold. Default false. */
  readonly defaultEventBasedHold?: boolean | undefined;
  /** Whether a request has to name the project that pays for it. Default false. */
  readonly requesterPays?: boolean | undefined;
  /** Whether an object that is overwritten or deleted stays as a noncurrent version. Default false. */
  readonly versioning?: boolean | undefined;
  /** How long what is removed can be restored, in whole seconds. Default 0, off; the service's own is 7 days. */
  readonly softDeleteS?: number | undefined;
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

/** One version of an object, live unless it says otherwise. Immutable: every change puts a new value in its place. */
export interface StoredObject extends ObjectAttributes {
  readonly bucket: string;
  readonly name: string;
  readonly body: Uint8Array;
  /** Absent where the object was composed from others. */
  readonly md5Hash?: string | undefined;
  readonly crc32c: string;
  /** How many objects it was composed from; `undefined` where it was not. */
  readonly componentCount?: number | undefined;
  readonly generation: bigint;
  readonly metageneration: bigint;
  /** Epoch milliseconds. */
  readonly timeCreated: number;
  readonly updated: number;
  /** When a retention policy's period begins: the creation, or the end of an event-based hold. */
  readonly retainedFrom: number;
  /** Since when it is noncurrent, in epoch milliseconds. */
  readonly timeDeleted?: number | undefined;
  /** Since when it is soft-deleted, and when it goes for good, in epoch milliseconds. */
  readonly softDeleteTime?: number | undefined;
  readonly hardDeleteTime?: number | undefined;
}
