import * as fc from 'fast-check';

/**
 * What a precondition is held against: what the server shows now, something it showed before or never, or zero.
 * Not a number, since each server counts generations its own way.
 */
export type Guard = 'matching' | 'stale' | 'zero';

export const GUARD_NAMES = [
  'ifGenerationMatch',
  'ifGenerationNotMatch',
  'ifMetagenerationMatch',
  'ifMetagenerationNotMatch',
] as const;

export type Guards = { readonly [name in (typeof GUARD_NAMES)[number]]?: Guard };

interface OnObject {
  readonly name: string;
  readonly guards: Guards;
}

/** A change of custom metadata: `null` takes a key, or all of it, away. */
type MetadataChange = Readonly<Record<string, string | null>> | null;

export type Call =
  | (OnObject & {
      readonly kind: 'insert-multipart';
      readonly body: string;
      readonly contentType?: string;
      readonly metadata?: Readonly<Record<string, string>>;
    })
  | (OnObject & { readonly kind: 'insert-media'; readonly body: string; readonly contentType: string })
  | (OnObject & { readonly kind: 'get' | 'get-media' | 'delete' })
  | (OnObject & {
      readonly kind: 'patch';
      readonly change: { readonly contentType?: string; readonly metadata?: MetadataChange };
    })
  | { readonly kind: 'list'; readonly prefix: string };

/** Only two names, so that calls meet; one has everything that a path must encode. */
const names = fc.constantFrom('job', 'locks/Ω b?#%');

const bodies = fc.constantFrom('text', 'more text', 'Ω', '');

const contentTypes = fc.constantFrom('text/plain', 'application/json');

const keys = fc.constantFrom('a', 'b', 'C');

const values = fc.constantFrom('1', 'two', '');

const generations = fc.constantFrom<Guard>('matching', 'matching', 'stale', 'zero');

const metagenerations = fc.constantFrom<Guard>('matching', 'matching', 'stale');

/** One precondition more often than several: of several, one that fails hides the others. */
const guards: fc.Arbitrary<Guards> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: fc.record({ ifGenerationMatch: generations }) },
  { weight: 2, arbitrary: fc.record({ ifGenerationNotMatch: generations }) },
  { weight: 2, arbitrary: fc.record({ ifMetagenerationMatch: metagenerations }) },
  { weight: 2, arbitrary: fc.record({ ifMetagenerationNotMatch: metagenerations }) },
  // What a lock sends, and the pair that shows in which order a server checks.
  {
    weight: 3,
    arbitrary: fc.record({ ifGenerationMatch: generations, ifMetagenerationMatch: metagenerations }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ ifGenerationNotMatch: generations, ifMetagenerationMatch: metagenerations }),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        ifGenerationMatch: generations,
        ifGenerationNotMatch: generations,
        ifMetagenerationMatch: metagenerations,
        ifMetagenerationNotMatch: metagenerations,
      },
      { requiredKeys: [] },
    ),
  },
  // Nothing documents a metageneration of zero and no client should send one: alone is enough.
  {
    weight: 1,
    arbitrary: fc.constantFrom<Guards>(
      { ifMetagenerationMatch: 'zero' },
      { ifMetagenerationNotMatch: 'zero' },
    ),
  },
);

/** Any guard, but more often one that lets an object come into being: without one all calls are dull. */
const insertGuards: fc.Arbitrary<Guards> = fc.oneof(
  { weight: 2, arbitrary: guards },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant<Guards>({ ifGenerationMatch: 'zero' }) },
);

const inserts: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        kind: fc.constant('insert-multipart' as const),
        name: names,
        guards: insertGuards,
        body: bodies,
        contentType: contentTypes,
        metadata: fc.dictionary(keys, values, { maxKeys: 3, noNullPrototype: true }),
      },
      { requiredKeys: ['kind', 'name', 'guards', 'body', 'contentType'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('insert-multipart' as const),
      name: names,
      guards: insertGuards,
      body: bodies,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('insert-media' as const),
      name: names,
      guards: insertGuards,
      body: bodies,
      contentType: contentTypes,
    }),
  },
);

/** Without any key it is the empty patch, which counts as well. */
const changes = fc.record(
  {
    contentType: contentTypes,
    metadata: fc.oneof(
      { weight: 3, arbitrary: fc.dictionary(keys, values, { maxKeys: 3, noNullPrototype: true }) },
      {
        weight: 2,
        arbitrary: fc.dictionary(keys, fc.option(values), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  },
  { requiredKeys: [] },
);

/** Any sequence of calls on a bucket that is empty at first. */
export const sequences: fc.Arbitrary<readonly Call[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: inserts },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('patch' as const), name: names, guards, change: changes }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), name: names, guards }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('get' as const, 'get-media' as const),
        name: names,
        guards,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('list' as const),
        prefix: fc.constantFrom('', 'job', 'locks/', 'locks/Ω', 'nothing'),
      }),
    },
  ),
  { minLength: 1, maxLength: 24, size: 'max' },
);
