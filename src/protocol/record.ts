import { boundedInteger, type Codec, type Content, foreign, ownString, ownText, schemaOf } from './codec.ts';
import { MAX_TTL_MS, type Millis } from './timing.ts';

/** Names this form of the record; a reader that meets a higher number leaves the object alone. */
export const SCHEMA = 'gcs-mutex/1';

/**
 * What a lock object says, kept in the object's custom metadata.
 *
 * `held` belongs to whoever has the lease id; `free` may be taken at once (a lock with a fencing counter is
 * never deleted, since its counter must outlive the release); `cooling` belongs to nobody and may be taken
 * once its ttl has passed.
 */
export interface LockRecord {
  readonly state: 'held' | 'free' | 'cooling';
  /** 32 hexadecimal digits, new for every acquisition; the only thing that says "ours". */
  readonly leaseId: string;
  /** How long after the server's last `updated` the record may be taken over, milliseconds. */
  readonly ttlMs: Millis;
  /** Raised by every refresh request that is built, so that each refresh can be told from all others. */
  readonly refreshCount: number;
  /** A label for people, printable ASCII; never compared. */
  readonly holder: string;
  /**
   * The fencing counter, where the lock keeps one: a decimal int64, or `g` for "the number of this object's
   * own generation". A record with a counter is never deleted.
   */
  readonly counter?: string;
  /** A few strings of the user's own. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A lock record, or what else an object turned out to be. */
export type LockContent = Content<LockRecord>;

/** How a lock record is kept. */
export const LOCK_CODEC: Codec<LockRecord> = {
  encode: encodeRecord,
  decode: decodeRecord,
  isEcho: (sent, shown) =>
    shown.leaseId === sent.leaseId && shown.refreshCount === sent.refreshCount && shown.state === sent.state,
  // A patch leaves the body alone, so that it says only what stays true for as long as this version lives: who
  // wrote it, not how things stand.
  describe: ({ holder }) =>
    `A lock of gcs-mutex; its state is in this object's custom metadata.${holder === '' ? '' : ` Written by: ${holder}.`}`,
};

/** Longest holder label, in characters. */
export const MAX_HOLDER_LENGTH = 256;

/** Longest value of one of the user's own strings, in characters. */
export const MAX_METADATA_VALUE_LENGTH = 1024;

/** The most strings of the user's own that a record carries. */
export const MAX_METADATA_KEYS = 16;

/** What a key of the user's own may look like: it is stored behind the prefix `user-`. */
export const METADATA_KEY_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;

const USER_PREFIX = 'user-';

/** Whether a string is safe to store and to print: visible ASCII and spaces. */
export function isPrintableAscii(value: string): boolean {
  return /^[\u0020-\u007e]*$/.test(value);
}

/**
 * The record as custom metadata: always every key, so that a write never leaves half of an older record
 * behind. Keys that are not ours stay as they are in a patch.
 */
export function encodeRecord(record: LockRecord): Record<string, string> {
  const encoded: Record<string, string> = {
    schema: SCHEMA,
    state: record.state,
    'lease-id': record.leaseId,
    'ttl-ms': String(record.ttlMs),
    'refresh-count': String(record.refreshCount),
    holder: record.holder,
  };
  if (record.counter !== undefined) encoded['counter'] = record.counter;
  for (const [key, value] of Object.entries(record.metadata)) encoded[USER_PREFIX + key] = value;
  return encoded;
}

/**
 * Reads custom metadata that came from the server and may be anything.
 *
 * Only named keys are looked at. A record whose protocol keys do not all parse is not a record: whoever
 * wrote it may mean something by it that this reader cannot see. A ttl is never clamped, since a reader
 * with a shorter idea of it would take over a live lock.
 */
export function decodeRecord(metadata: unknown): LockContent {
  const own = schemaOf(metadata, SCHEMA);
  if ('kind' in own) return own;
  return decodeKeys(own.metadata);
}

function decodeKeys(metadata: object): LockContent {
  const state = ownText(metadata, 'state');
  if (state !== 'held' && state !== 'free' && state !== 'cooling') return foreign('its state does not parse');
  const leaseId = ownText(metadata, 'lease-id');
  if (!isLeaseId(leaseId)) return foreign('its lease-id does not parse');
  const ttlMs = boundedInteger(ownText(metadata, 'ttl-ms'), 1, MAX_TTL_MS);
  if (ttlMs === undefined) return foreign('its ttl-ms does not parse or is over 24 hours');
  const refreshCount = boundedInteger(ownText(metadata, 'refresh-count'), 0, Number.MAX_SAFE_INTEGER - 1);
  if (refreshCount === undefined) return foreign('its refresh-count does not parse');
  const counter = ownText(metadata, 'counter');
  const hasCounter = Object.hasOwn(metadata, 'counter');
  if (hasCounter && !isCounter(counter)) return foreign('its counter does not parse');
  return {
    kind: 'record',
    record: {
      state,
      leaseId,
      ttlMs,
      refreshCount,
      holder: printable(ownText(metadata, 'holder'), MAX_HOLDER_LENGTH),
      ...(hasCounter ? { counter } : {}),
      metadata: userStrings(metadata),
    },
  };
}

/** Whether a string has the form of a lease id. */
export function isLeaseId(value: string): boolean {
  return /^[0-9a-f]{32}$/.test(value);
}

/**
 * The counter of the next grant on top of this record, or undefined where the lock keeps none.
 *
 * `g` stands for the generation of the object that carries it: the one place where a generation is read as
 * a number.
 */
export function nextCounter(record: LockRecord, generation: string): string | undefined {
  if (record.counter === undefined) return undefined;
  return String(BigInt(record.counter === 'g' ? generation : record.counter) + 1n);
}

/** One below the largest int64, so that a next grant always exists. */
const MAX_COUNTER = 2n ** 63n - 2n;

function isCounter(value: string): boolean {
  if (value === 'g') return true;
  return /^[1-9][0-9]{0,18}$/.test(value) && BigInt(value) <= MAX_COUNTER;
}

/** Cuts a label from the server to a length and to characters that a terminal takes for text only. */
function printable(value: string, maxLength: number): string {
  return value.slice(0, maxLength).replaceAll(/[^\u0020-\u007e]/g, '?');
}

function userStrings(source: object): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  for (const key of Object.keys(source)) {
    if (found.length === MAX_METADATA_KEYS) break;
    if (!key.startsWith(USER_PREFIX)) continue;
    const name = key.slice(USER_PREFIX.length);
    const value = ownString(source, key);
    if (value === undefined || !METADATA_KEY_PATTERN.test(name)) continue;
    found.push([name, printable(value, MAX_METADATA_VALUE_LENGTH)]);
  }
  return Object.fromEntries(found);
}
