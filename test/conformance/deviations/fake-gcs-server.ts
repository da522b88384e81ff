import { ANY_NAME } from './any-name.ts';
import type { Deviation } from './row.ts';

/** What fake-gcs-server does otherwise. */
export const FAKE_GCS_SERVER: readonly Deviation[] = [
  {
    does: 'patch, delete: ignores every precondition',
    google: '412: "Request preconditions"',
    shows: {
      'ifGenerationMatch=0 is refused on a patch and a delete of an object that is there': {
        patch: 200,
        delete: 200,
        isThere: 404,
      },
      'patch with both guards is carried out only if both match': {
        otherGeneration: 200,
        otherMetageneration: 200,
        earlierMetageneration: 200,
        isUntouched: false,
      },
      'delete with both guards is carried out only if both match': {
        otherGeneration: 200,
        otherMetageneration: 404,
        earlierMetageneration: 404,
        isUntouched: false,
        matches: false,
      },
      'each write is guarded by a generation alone, whatever the metageneration': {
        patch: [200, true],
        delete: [200, false],
      },
      'each write is guarded by a metageneration alone, which matches another generation too': {
        patch: [200, true],
        delete: [200, false],
      },
      'a version that was deleted and created again is another one to every guarded write': {
        patch: 200,
        delete: 200,
        deleteByGeneration: 404,
        isThere: false,
      },
      'a guard whose value is no int64 is 400, and nothing is done': {
        patch: [200, 200],
        delete: [200, 200],
        isUntouched: false,
      },
      'of a refresh and a takeover of one version at once one wins': { winners: 2 },
      'a refused write moves neither version number nor updated': {
        statuses: [412, 200, 200],
        isSameVersion: false,
        isSameTime: false,
      },
      'a precondition that does not hold is 412 with the reason conditionNotMet': {
        patch: [200, undefined, undefined, 'undefined'],
        delete: [200, undefined, undefined, 'undefined'],
      },
      'a guarded write that arrives twice is refused by its own first attempt': { patch: [200, 200] },
    },
    means: 'ignores guards',
  },
  {
    does: 'insert: ignores ifMetagenerationMatch',
    google: '412: "Request preconditions"',
    shows: {
      'insert with both guards is carried out only if both match': {
        otherMetageneration: 200,
        isUntouched: false,
        matches: false,
      },
      'each write is guarded by a metageneration alone, which matches another generation too': {
        insert: [200, true],
      },
    },
  },
  {
    does: 'get: ignores every precondition',
    google: '412 and 304: "Request preconditions"',
    shows: {
      'a read with a guard that does not match is 412': { otherGeneration: 200, otherMetageneration: 200 },
      'a read of a version that one knows already is 304': { sameGeneration: 200, sameMetageneration: 200 },
    },
  },
  {
    does: 'metageneration is always 1, and missing in the answer to a patch',
    google: 'it rises with every patch, and every answer shows it: API definition of an object',
    shows: {
      'every answer that shows an object says both version numbers, as text': {
        patch: ['int64 as text', 'undefined'],
      },
      'a patch keeps the generation and raises the metageneration': { isRaised: false, isReadAgain: false },
      'a patch that changes nothing raises the metageneration all the same': { empty: false, same: false },
      'a read shows the write before it: create, refresh, takeover, delete': {
        stale: { create: 0, refresh: 3, takeover: 0, delete: 0 },
      },
      'a list shows the write before it, and what is behind its prefix alone': { isPatched: false },
      'with the token of its first attempt it is refused too, or answered as that was': {
        happenedOnce: false,
      },
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
    does: 'patch: sets a metadata key to an empty text where null should take it away',
    google: 'README: null removes a key, measured on the service',
    shows: { 'a patch takes a key away by null': { metadata: { a: '', b: '1' } } },
  },
  {
    does: 'insert, patch: takes metadata of any size',
    google: 'at most 8 KiB in all: "Quotas and limits"',
    shows: {
      'metadata may weigh up to 8 KiB in all; more is 400, and nothing is done': {
        insert: 200,
        isMade: 200,
        patch: 200,
      },
    },
  },
  {
    does: 'times have microseconds',
    google: 'milliseconds: every answer of the service that is quoted in public',
    shows: { 'times are RFC 3339 in UTC with milliseconds': { updated: false, timeCreated: false } },
  },
  {
    does: 'delete: answers 200 and null',
    google: '204: README, "Which server for which test"',
    shows: { 'a delete is answered with 204 and without a body': { status: 200, text: 'null\n' } },
  },
  {
    does: 'a missing bucket is "Not Found", like a missing object',
    google: '"The specified bucket does not exist.": README',
    shows: {
      'a missing bucket is 404, in words that tell it from a missing object': {
        get: [404, false],
        insert: [404, false],
      },
    },
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
    does: 'insert, patch: shows ACLs to projection=noAcl',
    google: 'noAcl leaves them out: API definition of objects.insert and objects.patch',
    shows: {
      'alt=json and projection=noAcl are taken by every call that a lock sends them with': {
        insert: [200, true],
        patch: [200, true],
      },
    },
  },
  {
    does: 'insert: takes any name',
    google: '400 for a line break, for more than 1024 bytes, for dots alone: "Object naming requirements"',
    shows: ANY_NAME,
  },
];
