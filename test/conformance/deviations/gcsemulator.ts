import type { Call, Guards } from '../differential/calls.ts';
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
} from '../differential/played.ts';
import { ANY_NAME } from './any-name.ts';
import type { Deviation } from './row.ts';

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
 * What gcsemulator does otherwise. In random runs the rows are asked in this order, each with the answer as the
 * rows before it left it. Where one server refuses what the other carries out, there is only a status to compare.
 */
export const GCSEMULATOR: readonly Deviation[] = [
  {
    does: 'get, with alt=media too: ignores every precondition and answers 200',
    google: 'API definition of objects.get, which takes all four; README: 304, for reads and writes alike',
    shows: {
      'a read with a guard that does not match is 412': { otherGeneration: 200, otherMetageneration: 200 },
      'a read of a version that one knows already is 304': { sameGeneration: 200, sameMetageneration: 200 },
    },
    differential: {
      example: [insert(), get({ ifGenerationNotMatch: 'matching' })],
      applies: ({ call, answer }) => isRead(call) && [304, 412].includes(answer.status),
      answers: () => ({ status: 200, shown: undefined }),
    },
  },
  {
    does: 'delete: answers 200',
    google: "204: README, 'Which server for which test': the service and this emulator with 204",
    shows: { 'a delete is answered with 204 and without a body': { status: 200 } },
    differential: {
      example: [insert(), remove({})],
      applies: ({ call, answer }) => call.kind === 'delete' && answer.status === 204,
      answers: () => ({ status: 200, shown: [] }),
    },
  },
  {
    does: 'delete of a missing object with any precondition but a zero: answers 412',
    google:
      'either may be: README, guarded patch or delete of a missing object is undocumented, hence an option',
    differential: {
      example: [remove({ ifGenerationMatch: 'stale' })],
      applies: (played) => isMissing(played, ['delete'], 404) && has(played.call, ['matching', 'stale']),
      answers: () => ({ status: 412, shown: [] }),
    },
  },
  {
    does: 'insert without a live object: takes a failed ifGenerationNotMatch for a failed match, and answers 412',
    google:
      'API definition of objects.insert: it fails without a live object; README: a failed not-match is 304',
    differential: {
      example: [insert({ ifGenerationNotMatch: 'stale' })],
      applies: (played) => isMissing(played, INSERTS, 304) && has(played.call, ['matching', 'stale']),
      answers: () => ({ status: 412, shown: [] }),
    },
  },
  {
    does: 'insert without a live object: takes ifGenerationNotMatch=0 for no precondition',
    google: 'API definition of objects.insert: setting to 0 makes it succeed only if there is a live version',
    differential: {
      example: [insert({ ifGenerationNotMatch: 'zero' })],
      applies: (played) =>
        isMissing(played, INSERTS, 304) &&
        guard(played, 'ifGenerationNotMatch') === 'zero' &&
        hasZerosOnly(played),
      answers: () => ({ status: 200, shown: undefined }),
      parts: true,
    },
  },
  {
    does: 'insert without a live object: takes ifMetagenerationNotMatch=0 for no precondition',
    google: "README: it means a live object, as in Google's storage-testbench; not documented",
    differential: {
      example: [insert({ ifMetagenerationNotMatch: 'zero' })],
      applies: (played) =>
        isMissing(played, INSERTS, 304) &&
        guard(played, 'ifMetagenerationNotMatch') === 'zero' &&
        hasZerosOnly(played),
      answers: () => ({ status: 200, shown: undefined }),
      parts: true,
    },
  },
  {
    does: 'insert without a live object: refuses ifMetagenerationNotMatch of any number but zero',
    google:
      'not documented; API definition of objects.insert: a missing object fails ifGenerationNotMatch, no more',
    differential: {
      example: [insert({ ifMetagenerationNotMatch: 'stale' })],
      applies: (played) =>
        isMissing(played, INSERTS, 200) &&
        ['matching', 'stale'].includes(guard(played, 'ifMetagenerationNotMatch') ?? ''),
      answers: () => ({ status: 412, shown: [] }),
      parts: true,
    },
  },
  {
    does: 'insert, patch, delete of a live object: takes ifMetagenerationMatch=0 for no precondition',
    google: "README: it means no live object, as in Google's storage-testbench; not documented",
    differential: {
      example: [insert(), patch({ ifMetagenerationMatch: 'zero' }, {})],
      applies: (played) =>
        isRefusedWrite(played) && guard(played, 'ifMetagenerationMatch') === 'zero' && hasZerosOnly(played),
      answers: () => ({ status: 200, shown: undefined }),
      parts: true,
    },
  },
  {
    does: 'insert, patch, delete: tells a failed ifGenerationNotMatch before a failed ifMetagenerationMatch',
    google: 'README: a match is checked before a not-match, as HTTP orders them (RFC 9110, 13.2.2)',
    differential: {
      example: [insert(), patch({ ifGenerationNotMatch: 'matching', ifMetagenerationMatch: 'stale' }, {})],
      applies: (played) =>
        isRefusedWrite(played) &&
        ['matching', undefined].includes(guard(played, 'ifGenerationMatch')) &&
        guard(played, 'ifGenerationNotMatch') === 'matching' &&
        guard(played, 'ifMetagenerationMatch') === 'stale',
      answers: () => ({ status: 304, shown: [] }),
    },
  },
  {
    does: 'patch: sets a metadata key to an empty text where null should take it away',
    google: 'README: null removes a key, measured on the service',
    shows: { 'a patch takes a key away by null': { metadata: { a: '', b: '1' } } },
    differential: {
      example: [insert(), patch({}, { a: null })],
      applies: ({ call, answer }) => answer.shown?.length === 1 && nulledKeys(call).length > 0,
      answers: ({ call, answer }) => {
        const emptied = Object.fromEntries(nulledKeys(call).map((key) => [key, '']));
        return changed(answer, (one) => ({ ...one, metadata: { ...one.metadata, ...emptied } }));
      },
      parts: true,
    },
  },
  {
    does: 'insert, multipart, whose metadata have no contentType: stores none',
    google: "Google's guide to multipart uploads: the second part says the content type of the object",
    differential: {
      example: [{ kind: 'insert-multipart', name: 'job', guards: {}, body: 'text' }],
      applies: ({ call, answer }) =>
        call.kind === 'insert-multipart' && call.contentType === undefined && answer.shown?.length === 1,
      answers: ({ answer }) => changed(answer, (one) => ({ ...one, contentType: undefined })),
      parts: true,
    },
  },
  {
    does: 'insert, get, patch, list: leaves the size of an empty object out',
    google: 'API definition of an object: size is the Content-Length of the data, and 0 is one',
    differential: {
      example: [insert({}, '')],
      applies: ({ call, answer }) =>
        call.kind !== 'get-media' && answer.shown?.some(({ size }) => size === '0') === true,
      answers: ({ answer }) =>
        changed(answer, (one) => ({ ...one, size: one.size === '0' ? undefined : one.size })),
    },
  },
  {
    does: 'patch: leaves updated as it was',
    google: 'updated moves whenever any metadata changes: API definition of an object',
    shows: {
      'updated is the time of the last patch, an empty one too, and timeCreated stays': { moves: false },
    },
  },
  {
    does: 'insert over a live object: keeps its timeCreated',
    google: 'timeCreated is the creation time of the object, which is a new one: API definition of an object',
    shows: {
      'an overwrite makes a new object: other generation, other timeCreated, nothing of the metadata before':
        {
          timeCreatedMoves: false,
        },
    },
  },
  {
    does: 'insert, patch: takes metadata of any size',
    google: 'at most 8 KiB in all: "Quotas and limits"',
    shows: {
      'metadata may weigh up to 8 KiB in all; more is 400, and nothing is done': {
        insert: 200,
        isMade: 200,
        patch: 200,
        isUntouched: false,
      },
    },
  },
  {
    does: 'times have nanoseconds',
    google: 'milliseconds: every answer of the service that is quoted in public',
    shows: { 'times are RFC 3339 in UTC with milliseconds': { updated: false, timeCreated: false } },
  },
  {
    does: 'error bodies name no reason',
    google: 'conditionNotMet, notFound: "HTTP status and error codes for JSON"',
    shows: {
      'a precondition that does not hold is 412 with the reason conditionNotMet': {
        insert: [412, 412, undefined, 'string'],
        patch: [412, 412, undefined, 'string'],
        delete: [412, 412, undefined, 'string'],
      },
      'a missing object is 404 with the reason notFound': {
        get: [404, 404, undefined, 'string'],
        patch: [404, 404, undefined, 'string'],
        delete: [404, 404, undefined, 'string'],
      },
    },
  },
  {
    does: 'a missing bucket is made by the first insert, and before that is a missing object',
    google: '404, "The specified bucket does not exist.": README',
    shows: {
      'a missing bucket is 404, in words that tell it from a missing object': {
        get: [404, false],
        insert: [200, false],
      },
    },
    means: 'makes buckets',
  },
  {
    does: 'fields is ignored',
    google: 'the answer has the fields that were asked for: "Partial response"',
    shows: {
      'fields cuts an answer down to what was asked for': {
        insert: false,
        patch: false,
        get: false,
        list: false,
      },
    },
  },
  {
    does: 'get, patch, delete: redirects a name that is no clean path, though the slashes are encoded, to another name',
    google: 'names are not paths: "Object naming requirements"; an encoded slash is a part of the name',
    shows: {
      'a name with a slash in front is one object': {
        isRead: false,
        patched: 301,
        isRemoved: false,
        left: ['/locks/report'],
      },
      'a name with two slashes in a row is one object': {
        isRead: false,
        patched: 301,
        isRemoved: false,
        left: ['locks//report'],
      },
      'a name with dots as in a path is one object': {
        isRead: false,
        patched: 301,
        isRemoved: false,
        left: ['a/../b/./c/..'],
      },
      'names that look alike are different objects': { mixedUp: ['a//b', '/a/b', 'x/../a/b'] },
    },
  },
  {
    does: 'insert: takes any name',
    google: '400 for a line break, for more than 1024 bytes, for dots alone: "Object naming requirements"',
    shows: ANY_NAME,
  },
];
