/** What an object turned out to be when its metadata was decoded. */
export type Content<Body> =
  | { readonly kind: 'record'; readonly record: Body }
  /** Written by a later version of this library: no more can be said of it, and it is left alone. */
  | { readonly kind: 'newer'; readonly schema: string }
  /** Something else: never overwritten, patched or deleted. `why` is for people. */
  | { readonly kind: 'foreign'; readonly why: string };

/** What is not of the kind that was asked for. */
export type OtherContent = Exclude<Content<never>, { kind: 'record' }>;

/** How one kind of object is kept in custom metadata. */
export interface Codec<Body> {
  /** Always every key, so that a patch never leaves half of an older state behind. */
  encode(record: Body): Record<string, string>;
  /** Reads custom metadata that came from the server and may be anything. */
  decode(metadata: unknown): Content<Body>;
  /** Whether what an answer shows is what this very write wrote. */
  isEcho(sent: Body, shown: Body): boolean;
  /** One line for whoever prints the object's body. */
  describe(record: Body): string;
}

/** The forms of everything that this library keeps. */
const OUR_FORMS = /^gcs-mutex(-[a-z]+)?\/[1-9][0-9]{0,5}$/;

/**
 * Finds out whose metadata it is. Every kind of object names its form under `schema`, as `name/number`: another name
 * is another's object, and a higher number is of a later version of this library.
 *
 * @param expected - the form that can be read.
 */
export function schemaOf(metadata: unknown, expected: string): { readonly metadata: object } | OtherContent {
  if (typeof metadata !== 'object' || metadata === null) return foreign('it has no custom metadata');
  const schema = ownText(metadata, 'schema');
  if (schema === '') return foreign('its custom metadata has no schema key');
  if (schema === expected) return { metadata };
  const name = expected.slice(0, expected.indexOf('/') + 1);
  const isNewer = schema.startsWith(name) && /^[1-9][0-9]{0,5}$/.test(schema.slice(name.length));
  if (isNewer) return { kind: 'newer', schema };
  // Nobody is to take what is in use as something else for a stray object.
  return foreign(
    OUR_FORMS.test(schema)
      ? `it is of another kind, ${schema}`
      : `its schema is not one of ${name.slice(0, -1)}`,
  );
}

export function foreign(why: string): OtherContent {
  return { kind: 'foreign', why };
}

/** The value of a key of the object's own, without running what a getter may hold. */
export function ownString(source: object, key: string): string | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(source, key)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** The same, and no text where there is none: what must not be empty need not be told from it. */
export function ownText(source: object, key: string): string {
  return ownString(source, key) ?? '';
}

/** A whole number in decimal, in the one form that is written, or undefined. */
export function boundedInteger(text: string, min: number, max: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
