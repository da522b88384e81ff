import { invalid, invalidParameter, notImitated } from '../errors.ts';
import type { Preconditions } from '../preconditions.ts';

/** Parameters that every call takes and that change nothing here ("Standard query parameters"). */
const HARMLESS: ReadonlySet<string> = new Set([
  'alt',
  'fields',
  'prettyPrint',
  'key',
  'quotaUser',
  'userProject',
]);

const PRECONDITIONS = [
  'ifGenerationMatch',
  'ifGenerationNotMatch',
  'ifMetagenerationMatch',
  'ifMetagenerationNotMatch',
] as const;

/** The names of all four preconditions, for a route's list of parameters. */
export const OBJECT_PRECONDITIONS: readonly string[] = PRECONDITIONS;

/** The names of the two preconditions that buckets have. */
export const BUCKET_PRECONDITIONS: readonly string[] = ['ifMetagenerationMatch', 'ifMetagenerationNotMatch'];

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * Refuses a query that has a parameter which a route does not know: ignoring one that means something to the
 * service would be a silent lie. A parameter given twice is refused too.
 *
 * @param known - the names that the route itself reads, beside the standard ones.
 */
export function checkQuery(query: URLSearchParams, known: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    if (!HARMLESS.has(name) && !known.includes(name)) throw notImitated(`query parameter ${name}`);
    if (seen.has(name)) throw invalid(`Query parameter ${name} is given more than once.`);
    seen.add(name);
  }
  const projection = query.get('projection');
  if (projection !== null && projection !== 'full' && projection !== 'noAcl') {
    throw invalidParameter(`Invalid value '${projection}'.`, 'projection');
  }
}

/** Reads an int64 parameter, or `undefined` when it is absent. */
export function int64Parameter(query: URLSearchParams, name: string): bigint | undefined {
  return readInt64(query.get(name), name);
}

/** Reads an int64 in JSON, where it is text or a number; `undefined` when it is absent. */
export function int64Value(value: unknown, name: string): bigint | undefined {
  if (value === undefined) return undefined;
  return readInt64(typeof value === 'string' ? value : JSON.stringify(value), name);
}

/**
 * Reads an int64, or `undefined` for `null`.
 *
 * @param location - its name, for the refusal.
 */
export function readInt64(
  text: string | null,
  location: string,
  locationType = 'parameter',
): bigint | undefined {
  if (text === null) return undefined;
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > INT64_MAX || value < INT64_MIN) {
    throw invalidParameter(`Invalid long value: '${text}'.`, location, locationType);
  }
  return value;
}

/** Reads the preconditions of a request. */
export function preconditionsOf(query: URLSearchParams): Preconditions {
  return Object.fromEntries(PRECONDITIONS.map((name) => [name, int64Parameter(query, name)]));
}

/** The names of the four preconditions on what is copied. */
export const SOURCE_PRECONDITIONS: readonly string[] = PRECONDITIONS.map((name) => ofSource(name));

/** Reads the preconditions on what is copied, by the names that they have for any other object. */
export function sourcePreconditionsOf(query: URLSearchParams): Preconditions {
  return Object.fromEntries(PRECONDITIONS.map((name) => [name, int64Parameter(query, ofSource(name))]));
}

/** `ifGenerationMatch` as `ifSourceGenerationMatch`. */
function ofSource(name: string): string {
  return name.replace('if', 'ifSource');
}

/** Reads a page size: 1 to `most`, and `most` when it is absent or larger. */
export function maxResultsOf(query: URLSearchParams, most: number): number {
  const text = query.get('maxResults');
  if (text === null) return most;
  if (!/^\d{1,10}$/.test(text))
    throw invalidParameter(`Invalid unsigned integer value: '${text}'.`, 'maxResults');
  const wanted = Number(text);
  return wanted === 0 ? most : Math.min(wanted, most);
}

/** Refuses a parameter whose value asks for something that is not imitated, such as `versions=true`. */
export function refuseTrue(query: URLSearchParams, name: string): void {
  if (query.get(name) === 'true') throw notImitated(`query parameter ${name}=true`);
}
