import { ApiError, invalid, notImitated } from '../errors.ts';
import type { ObjectAttributes } from '../stored.ts';

/** The most that custom metadata may weigh, in bytes of all keys and values ("Quotas and limits"). */
const METADATA_MAX_BYTES = 8192;

const TEXT_FIELDS = [
  'contentType',
  'cacheControl',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
] as const;

const HOLDS = ['temporaryHold', 'eventBasedHold'] as const;

/** Set by the service alone; in a request they are ignored. */
const OUTPUT_ONLY: ReadonlySet<string> = new Set([
  'bucket',
  'componentCount',
  'etag',
  'generation',
  'id',
  'kind',
  'mediaLink',
  'metageneration',
  'name',
  'owner',
  'retentionExpirationTime',
  'selfLink',
  'size',
  'timeCreated',
  'timeFinalized',
  'timeStorageClassUpdated',
  'updated',
]);

/** A change to custom metadata: nothing, everything away, or key by key with `null` for "away". */
export type MetadataChange = undefined | null | ReadonlyMap<string, string | null>;

/** An object resource as a client sends it. `null` takes an attribute away. */
export interface ObjectChange {
  readonly attributes: { readonly [name in (typeof TEXT_FIELDS)[number]]?: string | undefined } & {
    readonly [name in (typeof HOLDS)[number]]?: boolean | undefined;
  };
  readonly metadata: MetadataChange;
  /** Only in an insert. */
  readonly name: string | undefined;
  readonly storageClass: string | undefined;
  readonly md5Hash: string | undefined;
  readonly crc32c: string | undefined;
}

/**
 * Reads the JSON of an insert or a patch.
 *
 * @param insertOnly - whether the fields that only an insert may set are taken.
 * @throws ApiError 400 for broken JSON or a value of the wrong type, 501 for a field that is not imitated.
 */
export function readObjectChange(text: string, insertOnly: boolean): ObjectChange {
  const json = parseObject(text);
  const attributes: Record<string, string | undefined> = {};
  const holds: Record<string, boolean | undefined> = {};
  const only: Record<string, string | undefined> = {};
  for (const [field, value] of Object.entries(json)) {
    if (field === 'metadata') continue;
    if (TEXT_FIELDS.some((name) => name === field)) attributes[field] = textOrNull(field, value);
    else if (HOLDS.some((name) => name === field)) holds[field] = booleanOrNull(field, value);
    else if (insertOnly && ['name', 'storageClass', 'md5Hash', 'crc32c'].includes(field)) {
      only[field] = textOrNull(field, value);
    } else if (!OUTPUT_ONLY.has(field)) throw notImitated(`object field ${field}`);
  }
  return {
    attributes: { ...attributes, ...holds },
    metadata: readMetadata(json['metadata']),
    name: only['name'],
    storageClass: checkStorageClass(only['storageClass']),
    md5Hash: only['md5Hash'],
    crc32c: only['crc32c'],
  };
}

/**
 * Applies a change of custom metadata: a key with `null` goes, `metadata: null` takes all away, and keys that
 * are not named stay. A result with no keys is no `metadata` at all, as resources show it.
 */
export function applyMetadata(
  before: Readonly<Record<string, string>> | undefined,
  change: MetadataChange,
): ObjectAttributes['metadata'] {
  if (change === undefined) return before;
  if (change === null) return undefined;
  const after = new Map(Object.entries(before ?? {}));
  for (const [key, value] of change) {
    if (value === null) after.delete(key);
    else after.set(key, value);
  }
  let bytes = 0;
  for (const [key, value] of after) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes > METADATA_MAX_BYTES) {
    throw invalid(`The metadata of an object may have ${METADATA_MAX_BYTES} bytes in all, got ${bytes}.`);
  }
  return after.size === 0 ? undefined : Object.fromEntries(after);
}

/** Parses a JSON object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'Parse Error', { reason: 'parseError' });
  }
  if (!isObject(value)) throw new ApiError(400, 'Parse Error', { reason: 'parseError' });
  return value;
}

/** Refuses a storage class that does not exist. */
export function checkStorageClass(name: string | undefined): string | undefined {
  if (name === undefined || ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'].includes(name)) return name;
  throw invalid(`Invalid storage class: '${name}'`);
}

function readMetadata(value: unknown): MetadataChange {
  if (value === undefined || value === null) return value;
  if (!isObject(value)) throw invalid('Invalid value for metadata: not an object.');
  const change = new Map<string, string | null>();
  for (const [key, entry] of Object.entries(value)) {
    if (key === '') throw invalid('Invalid value for metadata: an empty key.');
    change.set(key, textOrNull(`metadata.${key}`, entry) ?? null);
  }
  return change;
}

function textOrNull(field: string, value: unknown): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`Invalid value for ${field}: not a string.`);
  return value;
}

/** Reads a boolean, or `undefined` for `null`, which takes the field away. */
export function booleanOrNull(field: string, value: unknown): boolean | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'boolean') throw invalid(`Invalid value for ${field}: not a boolean.`);
  return value;
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
