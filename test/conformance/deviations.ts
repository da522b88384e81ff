import type { Call, Guards } from './calls.ts';
import {
  changed,
  guard,
  has,
  hasZerosOnly,
  INSERTS,
  isMissing,
  isRead,
  isRefusedWrite,
  nulledKeys,
  type Played,
} from './played.ts';
import type { Answer } from './server-side.ts';

/** One thing that gcsemulator does otherwise than the service. */
export interface Deviation {
  /** Which call, and what gcsemulator does. */
  readonly does: string;
  /** Why the embedded emulator is right. "README" is emulator/README.md, "Where each behaviour comes from". */
  readonly why: string;
  readonly applies: (played: Played) => boolean;
  /** What gcsemulator answers where the row applies. Anything else fails the test, the right answer too. */
  readonly answers: (played: Played) => Answer;
  /** The least that shows it. Played in every run, so that no row is met by luck alone. */
  readonly example: readonly Call[];
  /** Whether the servers hold different objects afterwards. */
  readonly parts?: true;
}

const insert = (guards: Guards = {}, body = 'text'): Call => ({
  kind: 'insert-media',
  name: 'job',
  guards,
  body,
  contentType: 'text/plain',
});

const get = (guards: Guards): Call => ({ kind: 'get', name: 'job', guards });

const remove = (guards: Guards): Call => ({ kind: 'delete', name: 'job', guards });

const patch = (guards: Guards, metadata: Readonly<Record<string, string | null>>): Call => ({
  kind: 'patch',
  name: 'job',
  guards,
  change: { metadata },
});

/**
 * All that is known to differ. Rows are asked in this order, each with the answer as the rows before it left it.
 * Where one server refuses what the other carries out, there is only a status to compare.
 */
export const DEVIATIONS: readonly Deviation[] = [
  {
    does: 'get, with alt=media too: ignores every precondition and answers 200',
    why: 'API definition of objects.get, which takes all four; README: 304, for reads and writes alike',
    example: [insert(), get({ ifGenerationNotMatch: 'matching' })],
    applies: ({ call, answer }) => isRead(call) && [304, 412].includes(answer.status),
    answers: () => ({ status: 200, shown: undefined }),
  },
  {
    does: 'delete: answers 200',
    why: "204: README, 'Which server for which test': the service and this emulator with 204",
    example: [insert(), remove({})],
    applies: ({ call, answer }) => call.kind === 'delete' && answer.status === 204,
    answers: () => ({ status: 200, shown: [] }),
  },
  {
    does: 'delete of a missing object with any precondition but a zero: answers 412',
    why: 'either may be: README, guarded patch or delete of a missing object is undocumented, hence an option',
    example: [remove({ ifGenerationMatch: 'stale' })],
    applies: (played) => isMissing(played, ['delete'], 404) && has(played.call, ['matching', 'stale']),
    answers: () => ({ status: 412, shown: [] }),
  },
  {
    does: 'insert without a live object: takes a failed ifGenerationNotMatch for a failed match, and answers 412',
    why: 'API definition of objects.insert: it fails without a live object; README: a failed not-match is 304',
    example: [insert({ ifGenerationNotMatch: 'stale' })],
    applies: (played) => isMissing(played, INSERTS, 304) && has(played.call, ['matching', 'stale']),
    answers: () => ({ status: 412, shown: [] }),
  },
  {
    does: 'insert without a live object: takes ifGenerationNotMatch=0 for no precondition',
    why: 'API definition of objects.insert: setting to 0 makes it succeed only if there is a live version',
    example: [insert({ ifGenerationNotMatch: 'zero' })],
    applies: (played) =>
      isMissing(played, INSERTS, 304) &&
      guard(played, 'ifGenerationNotMatch') === 'zero' &&
      hasZerosOnly(played),
    answers: () => ({ status: 200, shown: undefined }),
    parts: true,
  },
  {
    does: 'insert without a live object: takes ifMetagenerationNotMatch=0 for no precondition',
    why: "README: it means a live object, as in Google's storage-testbench; not documented",
    example: [insert({ ifMetagenerationNotMatch: 'zero' })],
    applies: (played) =>
      isMissing(played, INSERTS, 304) &&
      guard(played, 'ifMetagenerationNotMatch') === 'zero' &&
      hasZerosOnly(played),
    answers: () => ({ status: 200, shown: undefined }),
    parts: true,
  },
  {
    does: 'insert without a live object: refuses ifMetagenerationNotMatch of any number but zero',
    why: 'not documented; API definition of objects.insert: a missing object fails ifGenerationNotMatch, no more',
    example: [insert({ ifMetagenerationNotMatch: 'stale' })],
    applies: (played) =>
      isMissing(played, INSERTS, 200) &&
      ['matching', 'stale'].includes(guard(played, 'ifMetagenerationNotMatch') ?? ''),
    answers: () => ({ status: 412, shown: [] }),
    parts: true,
  },
  {
    does: 'insert, patch, delete of a live object: takes ifMetagenerationMatch=0 for no precondition',
    why: "README: it means no live object, as in Google's storage-testbench; not documented",
    example: [insert(), patch({ ifMetagenerationMatch: 'zero' }, {})],
    applies: (played) =>
      isRefusedWrite(played) && guard(played, 'ifMetagenerationMatch') === 'zero' && hasZerosOnly(played),
    answers: () => ({ status: 200, shown: undefined }),
    parts: true,
  },
  {
    does: 'insert, patch, delete: tells a failed ifGenerationNotMatch before a failed ifMetagenerationMatch',
    why: 'README: a match is checked before a not-match, as HTTP orders them (RFC 9110, 13.2.2)',
    example: [insert(), patch({ ifGenerationNotMatch: 'matching', ifMetagenerationMatch: 'stale' }, {})],
    applies: (played) =>
      isRefusedWrite(played) &&
      ['matching', undefined].includes(guard(played, 'ifGenerationMatch')) &&
      guard(played, 'ifGenerationNotMatch') === 'matching' &&
      guard(played, 'ifMetagenerationMatch') === 'stale',
    answers: () => ({ status: 304, shown: [] }),
  },
  {
    does: 'patch: sets a metadata key to an empty text where null should take it away',
    why: 'README: null removes a key, measured on the service',
    example: [insert(), patch({}, { a: null })],
    applies: ({ call, answer }) => answer.shown?.length === 1 && nulledKeys(call).length > 0,
    answers: ({ call, answer }) => {
      const emptied = Object.fromEntries(nulledKeys(call).map((key) => [key, '']));
      return changed(answer, (one) => ({ ...one, metadata: { ...one.metadata, ...emptied } }));
    },
    parts: true,
  },
  {
    does: 'insert, multipart, whose metadata have no contentType: stores none',
    why: "Google's guide to multipart uploads: the second part says the content type of the object",
    example: [{ kind: 'insert-multipart', name: 'job', guards: {}, body: 'text' }],
    applies: ({ call, answer }) =>
      call.kind === 'insert-multipart' && call.contentType === undefined && answer.shown?.length === 1,
    answers: ({ answer }) => changed(answer, (one) => ({ ...one, contentType: undefined })),
    parts: true,
  },
  {
    does: 'insert, get, patch, list: leaves the size of an empty object out',
    why: 'API definition of an object: size is the Content-Length of the data, and 0 is one',
    example: [insert({}, '')],
    applies: ({ call, answer }) =>
      call.kind !== 'get-media' && answer.shown?.some(({ size }) => size === '0') === true,
    answers: ({ answer }) =>
      changed(answer, (one) => ({ ...one, size: one.size === '0' ? undefined : one.size })),
  },
];
