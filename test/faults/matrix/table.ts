import type { Call } from '../calls.ts';
import {
  always,
  both,
  endedBy,
  EXPIRED,
  type Case,
  faced,
  failed,
  held,
  LOST,
  type MatrixRow,
  none,
  NORMAL,
  NOT_APPLIED,
  once,
  outwaited,
  refusing,
  story,
  UNKNOWN,
} from './cell.ts';
import {
  answers,
  detours,
  DRIP,
  ERRORS,
  forbidden,
  HALF,
  NO_BUCKET,
  NONSENSE,
  OVERSIZED,
  PROTECTIONS,
  REDIRECTS,
  RESET,
  STALL,
  TOO_MANY,
  TWICE,
  WRONG_TOKEN,
} from './faults.ts';
import { STORIES } from './stories.ts';

/** Longer than a test may take: what ends is not ended by the time limit of a request. */
const UNBOUNDED = { requestTimeoutMs: 60_000 };

const lostAnswers = faced([...ERRORS, RESET], LOST);
const NOT_YET = 'before it is carried out: rows 1 and 6';
const ALREADY = 'after it was carried out: rows 2 to 5';
const IN_PLACE = 'such an answer is given in place of carrying it out';

const CREATES = 'the row is about creates';
const REFRESHES = 'the row is about refreshes';
const TAKEOVERS = 'the row is about takeovers';
const RELEASES = 'the row is about releases';

const REJECTED = refusing('ERR_UNAUTHENTICATED');
const DENIED = refusing('ERR_PERMISSION_DENIED');
const mayNot = (call: Call, verb: string): Case => ({
  fault: forbidden(`storage.objects.${verb}`),
  times: Infinity,
  seen: DENIED[call],
  says: `storage.objects.${verb}`,
});

const RETAINED = faced(PROTECTIONS, refusing('ERR_RETENTION'));

/** The matrix: every row that is about HTTP, each call, before and after the store carries it out. */
export const MATRIX: readonly MatrixRow[] = [
  {
    row: 1,
    fault: '500, 502, 503, 504, 408',
    before: faced(ERRORS, UNKNOWN),
    after: { ...none(ALREADY), G: faced(ERRORS, LOST).G },
  },
  {
    row: 2,
    fault: 'the answer to a create is an error, or lost',
    before: { ...none(CREATES), C: NOT_YET },
    after: { ...none(CREATES), C: lostAnswers.C },
  },
  {
    row: 3,
    fault: 'the answer to a refresh is an error, or lost',
    before: { ...none(REFRESHES), R: NOT_YET },
    after: { ...none(REFRESHES), R: lostAnswers.R },
  },
  {
    row: 4,
    fault: 'the answer to a takeover is an error, or lost',
    before: { ...none(TAKEOVERS), T: NOT_YET },
    after: { ...none(TAKEOVERS), T: lostAnswers.T },
  },
  {
    row: 5,
    fault: 'the answer to a release is an error, or lost',
    before: { ...none(RELEASES), D: NOT_YET },
    after: { ...none(RELEASES), D: lostAnswers.D },
  },
  {
    row: 6,
    fault: 'the connection is reset',
    before: faced([RESET], UNKNOWN),
    after: { ...none(ALREADY), G: faced([RESET], LOST).G },
  },
  {
    row: 7,
    fault: 'half a body under 200',
    before: faced([HALF], UNKNOWN),
    after: {
      ...faced([{ kind: 'truncate' }, HALF], LOST),
      D: faced([HALF], LOST).D,
    },
  },
  {
    row: 8,
    fault: 'no bytes',
    before: outwaited([STALL], UNKNOWN),
    after: outwaited([STALL], LOST),
  },
  {
    row: 9,
    fault: 'a byte at a time',
    before: outwaited([DRIP], UNKNOWN),
    after: both(outwaited([DRIP], LOST), {
      ...outwaited([{ kind: 'drip', everyMs: 100 }], LOST),
      D: [],
    }),
  },
  {
    row: 10,
    fault: 'a create is carried out, or answered, after its acquire gave up',
    before: { ...none(CREATES), C: story(STORIES.lateCreate, failed('aborted', 'C! G D', 'none')) },
    after: { ...none(CREATES), C: story(STORIES.lateCreate, failed('aborted', 'C! G D', 'none')) },
  },
  {
    row: 11,
    fault: 'a refresh is carried out, or answered, after the release and a new acquisition',
    before: { ...none(REFRESHES), R: story(STORIES.lateRefresh, failed('true', 'R! D', "other's")) },
    after: { ...none(REFRESHES), R: story(STORIES.lateRefresh, failed('true', 'R! D', "other's")) },
  },
  {
    row: 12,
    fault: 'a release is carried out after a takeover',
    before: {
      ...none(RELEASES),
      D: story(STORIES.lateRelease, failed('ERR_STORE_UNAVAILABLE', 'D! …', "other's")),
    },
    after: { ...none(RELEASES), D: 'a lock that is released is not taken over' },
  },
  {
    row: 13,
    fault: 'two take over at once',
    before: { ...none(TAKEOVERS), T: story(STORIES.twoTakeovers, held('C G T!')) },
    after: { ...none(TAKEOVERS), T: story(STORIES.twoTakeovers, held('C G T!')) },
  },
  {
    row: 14,
    fault: 'meanwhile another object of the same metageneration takes its place',
    before: {
      C: 'the row is about guards by a version; a create has none',
      G: 'a read has no guard',
      R: story(STORIES.refreshAfterAba, failed('ERR_LEASE_LOST (taken-over)', 'R! G', "other's")),
      T: story(STORIES.takeoverAfterAba, held('C G T! G C')),
      D: story(STORIES.releaseAfterAba, failed('false', 'D!', "other's")),
    },
    after: none('what was carried out in time met the version it was meant for'),
  },
  {
    row: 15,
    fault: 'answers come in another order',
    before: { ...none(REFRESHES), R: 'a request that comes late: rows 10 to 14' },
    after: { ...none(REFRESHES), R: story(STORIES.oldAnswer, held('R! G R')) },
  },
  {
    row: 16,
    fault: 'the network doubles it; the answer is that of the second (before) or of the first (after)',
    before: {
      ...faced([TWICE], NORMAL),
      C: faced([TWICE], LOST).C,
      R: faced([TWICE], LOST).R,
      T: faced([TWICE], LOST).T,
      D: [{ fault: TWICE, seen: failed('false', 'D!', 'none') }],
    },
    after: faced([TWICE], NORMAL),
  },
  {
    row: 17,
    fault: '429',
    before: both(
      once(faced([TOO_MANY], NOT_APPLIED)),
      always(TOO_MANY, {
        C: failed('ERR_ACQUIRE_TIMEOUT', 'C! …', 'none'),
        G: failed('ERR_ACQUIRE_TIMEOUT', 'C G!', "other's"),
        R: EXPIRED,
        T: failed('ERR_ACQUIRE_TIMEOUT', 'C G T! …', "other's"),
        D: failed('ERR_STORE_UNAVAILABLE', 'D! …', 'own'),
      }),
    ),
    after: none(IN_PLACE),
  },
  {
    row: 18,
    fault: '401',
    before: both(once(faced([{ kind: 'old-token' }], NORMAL)), {
      ...endedBy(WRONG_TOKEN, REJECTED),
      R: always(WRONG_TOKEN, { ...REJECTED, R: EXPIRED }).R,
    }),
    after: none(IN_PLACE),
  },
  {
    row: 19,
    fault: '403 on a create or a read',
    before: {
      C: [mayNot('C', 'create')],
      // Without the permission to list, a read of what is absent is forbidden too: a create is tried once more.
      G: [{ ...mayNot('G', 'get'), seen: failed('ERR_PERMISSION_DENIED', 'C G! C G!', "other's") }],
      R: 'row 20',
      T: 'row 21',
      D: 'row 21',
    },
    after: none(IN_PLACE),
  },
  {
    row: 20,
    fault: '403 on a refresh',
    before: {
      ...none(REFRESHES),
      R: [
        ...once(faced([forbidden('storage.objects.update')], NOT_APPLIED)).R,
        ...always(forbidden('storage.objects.update'), { ...DENIED, R: EXPIRED }).R,
      ],
    },
    after: none(IN_PLACE),
  },
  {
    row: 21,
    fault: '403 by a retention policy or a hold',
    before: {
      ...none('it forbids only to replace and to delete'),
      T: RETAINED.T,
      D: RETAINED.D,
    },
    after: none(IN_PLACE),
  },
  {
    row: 22,
    fault: 'there is no such bucket',
    before: {
      ...none('a bucket with an object in it is there'),
      C: faced([NO_BUCKET], refusing('ERR_BUCKET_NOT_FOUND')).C,
    },
    after: none(IN_PLACE),
  },
  {
    row: 23,
    fault: 'a create is refused, and the read after it finds nothing',
    before: {
      ...none('the row is about a create and its read'),
      C: faced([{ kind: 'status', status: 412, reason: 'conditionNotMet' }], UNKNOWN).C,
      G: story(STORIES.goneBetween, held('C G! C')),
    },
    after: none(IN_PLACE),
  },
  {
    row: 24,
    fault: '409',
    before: faced(answers([409]), NOT_APPLIED),
    after: none(IN_PLACE),
  },
  {
    row: 25,
    fault: '301, 302, 307, 308, to the same host and to another',
    before: faced(REDIRECTS, refusing('ERR_STORE_UNAVAILABLE')),
    after: none(IN_PLACE),
  },
  {
    row: 26,
    fault: '200 with HTML, `{}`, or missing, numeric or zero generations',
    before: faced(NONSENSE, UNKNOWN),
    after: faced(NONSENSE, LOST),
  },
  {
    row: 27,
    fault: 'a body of 10 MiB, one that unpacks to that, one without end',
    before: faced(OVERSIZED, UNKNOWN),
    after: both(faced(OVERSIZED, LOST), { ...faced([{ kind: 'endless' }], LOST, UNBOUNDED), D: [] }),
  },
  {
    row: 28,
    fault: 'no such host, refused, no TLS, a bad certificate',
    before: both(
      both(faced(detours('refused', 'no-name'), NOT_APPLIED), faced(detours('no-tls'), UNKNOWN)),
      faced(detours('bad-certificate'), refusing('ERR_STORE_UNAVAILABLE')),
    ),
    after: none('without a connection nothing is carried out'),
  },
  {
    row: 29,
    fault: 'interim answers of 100 and 103; a kept connection ends meanwhile',
    before: both(
      faced([{ kind: 'wire', what: 'hints' }], NORMAL),
      faced([{ kind: 'wire', what: 'close' }], UNKNOWN),
    ),
    after: both(
      faced([{ kind: 'wire', what: 'hints' }], NORMAL),
      faced([{ kind: 'wire', what: 'close' }], LOST),
    ),
  },
];
