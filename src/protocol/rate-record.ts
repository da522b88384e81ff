import { boundedInteger } from './codec.ts';
import type { DocumentKind } from './document-record.ts';
import { MAX_TTL_MS, type Millis } from './timing.ts';

/**
 * What one process may hand out: at most `count` permits in any window, from when it knows that this was written until
 * its own clocks say that the ttl is nearly over.
 */
export interface Share {
  /** Random, one for each limiter of each process: 16 hexadecimal digits. */
  readonly id: string;
  /** 0: it only stands in line. */
  readonly count: number;
  /** How many it could use in a window. */
  readonly wanted: number;
  /** With how many it can begin: what the first of its callers waits for. */
  readonly needed: number;
  /** The server's clock had not passed this yet when the share was sent; see {@link RateValue}. */
  readonly stampMs: Millis;
  readonly ttlMs: Millis;
}

/** Permits that nobody will hand out any more, and that may have been until a moment of the server's clock. */
export interface SpentPart {
  readonly count: number;
  readonly untilMs: Millis;
}

/**
 * What a rate limiter's object says. Times are the server's, milliseconds since 1970, or else, where they are below
 * {@link EARLIEST_MS}, milliseconds after the object was created: whoever creates it has seen no clock of the server.
 */
export interface RateValue {
  readonly limit: number;
  readonly windowMs: Millis;
  /** In the order of the line. */
  readonly shares: readonly Share[];
  readonly spent: readonly SpentPart[];
}

/** The largest limit. */
export const MAX_LIMIT = 1_000_000_000;

/** The longest window, a day, and the shortest. */
export const MAX_WINDOW_MS: Millis = 86_400_000;
export const MIN_WINDOW_MS: Millis = 10;

/**
 * How many processes have a share or stand in line at the same time, and how many spent parts are kept: with the longest
 * numbers 100 x 55 and 24 x 16 characters, and the ids of writes, of the 8 KiB that custom metadata has room for.
 */
export const MAX_SHARES = 100;
export const MAX_SPENT_PARTS = 24;

/** Smaller times count from the creation of the object: 2^40 ms, in the year 2004. */
export const EARLIEST_MS: Millis = 2 ** 40;

const LATEST_MS = 253_402_300_799_999;

/** The largest of each number of a share, and of a spent part, in the order in which they are kept. */
const MOST_OF_SHARE = [MAX_LIMIT, MAX_LIMIT, MAX_LIMIT, LATEST_MS, MAX_TTL_MS];
const MOST_OF_SPENT = [MAX_LIMIT, LATEST_MS];

/** The form in which it is kept. */
export const RATE_LIMITER: DocumentKind<RateValue> = {
  schema: 'gcs-mutex-rate/1',
  kind: 'rate limiter',
  encode: ({ limit, windowMs, shares, spent }) => ({
    limit: String(limit),
    'window-ms': String(windowMs),
    shares: shares.map(encodeShare).join(' '),
    spent: spent.map(({ count, untilMs }) => numbers(count, untilMs)).join(' '),
  }),
  decode(key) {
    const limit = boundedInteger(key('limit'), 1, MAX_LIMIT);
    const windowMs = boundedInteger(key('window-ms'), MIN_WINDOW_MS, MAX_WINDOW_MS);
    const shares = allOf(key('shares'), MAX_SHARES, decodeShare);
    const spent = allOf(key('spent'), MAX_SPENT_PARTS, decodeSpent);
    if (limit === undefined || windowMs === undefined) return 'its limit does not parse';
    if (shares === undefined || spent === undefined) return 'its shares do not parse';
    if (new Set(shares.map(({ id }) => id)).size < shares.length) return 'two of its shares have one id';
    return { limit, windowMs, shares, spent };
  },
};

/** Base 36 is shorter by a third, and room is what bounds the number of processes. */
function numbers(...values: readonly number[]): string {
  return values.map((value) => value.toString(36)).join(':');
}

function encodeShare({ id, count, wanted, needed, stampMs, ttlMs }: Share): string {
  return `${id}:${numbers(count, wanted, needed, stampMs, ttlMs)}`;
}

function decodeShare(text: string): Share | undefined {
  const [id = '', ...rest] = text.split(':');
  if (!/^[0-9a-f]{16}$/.test(id)) return undefined;
  const [count, wanted, needed, stampMs, ttlMs] = decodeNumbers(rest, MOST_OF_SHARE);
  if (count === undefined || wanted === undefined || needed === undefined) return undefined;
  return stampMs === undefined || ttlMs === undefined
    ? undefined
    : { id, count, wanted, needed, stampMs, ttlMs };
}

function decodeSpent(text: string): SpentPart | undefined {
  const [count, untilMs] = decodeNumbers(text.split(':'), MOST_OF_SPENT);
  return count === undefined || untilMs === undefined ? undefined : { count, untilMs };
}

/** As many as there have to be, each up to its own maximum: none of them where there are more or fewer. */
function decodeNumbers(parts: readonly string[], most: readonly number[]): readonly (number | undefined)[] {
  return parts.map((part, index) =>
    parts.length === most.length ? decodeNumber(part, most[index] ?? 0) : undefined,
  );
}

function decodeNumber(text: string, max: number): number | undefined {
  if (!/^(0|[1-9a-z][0-9a-z]{0,9})$/.test(text)) return undefined;
  const value = Number.parseInt(text, 36);
  return value <= max ? value : undefined;
}

function allOf<T>(
  text: string,
  max: number,
  decode: (part: string) => T | undefined,
): readonly T[] | undefined {
  if (text === '') return [];
  const parts = text.split(' ');
  if (parts.length > max) return undefined;
  const decoded = parts.map(decode).filter((part) => part !== undefined);
  return decoded.length === parts.length ? decoded : undefined;
}
