import type { Case, Cell, MatrixRow, Seen } from '../cell.ts';
import { failed, held, released } from '../cell.ts';
import {
  answers,
  detours,
  ERRORS,
  forbidden,
  HALF,
  NONSENSE,
  REDIRECTS,
  RESET,
  STALL,
  TOO_MANY,
  TWICE,
  WRONG_TOKEN,
} from '../faults.ts';
import { type SideOf, sidesOf } from '../sides.ts';
import { COLUMNS, type Key, KEYS } from './columns.ts';

type Side<Each = Cell> = SideOf<Key, Each>;

const { faced, outwaited, endedBy, none, both, once, each } = sidesOf(KEYS);

const done = (path: string): Seen => ({ result: 'done', path, left: 'done' });

/** As if there had been no fault. */
const NORMAL: Side<Seen> = {
  look: held('L! C'),
  permit: held('L C!'),
  refresh: held('P!'),
  release: released('D!'),
  setPermits: done('G P!'),
  resource: held('L C! G'),
  names: held('L C G!'),
  add: done('G P!'),
  remove: done('G P! L'),
  set: done('G P!'),
  clear: done('G P!'),
  wait: done('G!'),
  take: done('G P!'),
  reset: done('G P!'),
};

/** The store did nothing, and nobody can know: read, then send anew; a release is sent again. */
const UNKNOWN: Side<Seen> = {
  ...NORMAL,
  permit: held('L C! G C'),
  refresh: held('P! G P'),
  release: released('D! D'),
  setPermits: done('G P! G P'),
  resource: held('L C! G C G'),
  add: done('G P! G P'),
  remove: done('G P! G P L'),
  set: done('G P! G P'),
  clear: done('G P! G P'),
  take: done('G P! G P'),
  reset: done('G P! G P'),
};

/** The store did its work, and nobody can know: a read shows it. */
const LOST: Side<Seen> = {
  ...NORMAL,
  permit: held('L C! G'),
  refresh: held('P! G'),
  release: released('D! D'),
  setPermits: done('G P! G'),
  resource: held('L C! G'),
  add: done('G P! G'),
  remove: done('G P! G L'),
  set: done('G P! G'),
  clear: done('G P! G'),
  take: done('G P! G'),
  reset: done('G P! G'),
};

/** The store did nothing, and that is known. */
const NOT_APPLIED: Side<Seen> = { ...UNKNOWN, refresh: held('P! P') };

/** The same by an answer of a store that is busy: another slot, or resource, may be had instead. */
const BUSY: Side<Seen> = { ...NOT_APPLIED, permit: held('L C! C'), resource: held('L C! C G') };

/** The refusal of a second copy: of a create, it looks like that of a rival's; of a change, a read shows the first one. */
const DOUBLED: Side<Seen> = {
  ...LOST,
  permit: held('L C! C'),
  resource: held('L C! C G'),
  release: failed('false', 'D!', 'none'),
};

/** An error at once; but a lease that is held tries again, and whoever waits for a limit waits. */
function refusing(code: string): Side<Seen> {
  return {
    look: failed(code, 'L!', 'none'),
    permit: failed(code, 'L C!', 'none'),
    refresh: held('P! P'),
    release: failed(code, 'D!', 'own'),
    setPermits: failed(code, 'G P!', 'not done'),
    resource: failed(code, 'L C!', 'none'),
    names: failed(code, 'L C G! D', 'none'),
    add: failed(code, 'G P!', 'not done'),
    remove: failed(code, 'G P!', 'not done'),
    set: failed(code, 'G P!', 'not done'),
    clear: failed(code, 'G P!', 'not done'),
    wait: failed(code, 'G!', 'done'),
    take: failed(code, 'G P!', 'not done'),
    reset: failed(code, 'G P!', 'not done'),
  };
}

const UNAVAILABLE: Side<Seen> = { ...refusing('ERR_STORE_UNAVAILABLE'), take: done('G P! G P') };

/** Again and again: until the time of the call is over. */
const ALWAYS_BUSY: Side<Seen> = {
  look: failed('ERR_ACQUIRE_TIMEOUT', 'L! …', 'none'),
  names: failed('ERR_ACQUIRE_TIMEOUT', 'L C G! … D', 'none'),
  wait: failed('ERR_WAIT_TIMEOUT', 'G! …', 'done'),
  permit: failed('ERR_ACQUIRE_TIMEOUT', 'L C! …', 'none'),
  refresh: failed('ERR_LEASE_LOST (expired)', 'P! …', 'own'),
  release: failed('ERR_STORE_UNAVAILABLE', 'D! …', 'own'),
  setPermits: failed('ERR_STORE_UNAVAILABLE', 'G P! …', 'not done'),
  resource: failed('ERR_ACQUIRE_TIMEOUT', 'L C! …', 'none'),
  add: failed('ERR_STORE_UNAVAILABLE', 'G P! …', 'not done'),
  remove: failed('ERR_STORE_UNAVAILABLE', 'G P! …', 'not done'),
  set: failed('ERR_STORE_UNAVAILABLE', 'G P! …', 'not done'),
  clear: failed('ERR_STORE_UNAVAILABLE', 'G P! …', 'not done'),
  take: failed('ERR_TAKE_TIMEOUT', 'G P! …', 'not done'),
  reset: failed('ERR_STORE_UNAVAILABLE', 'G P! …', 'not done'),
};

/** What a 401 or a 403 comes to where it is always answered. */
function rejected(code: string): Side<Seen> {
  return { ...refusing(code), refresh: failed('ERR_LEASE_LOST (expired)', 'P! …', 'own') };
}

/** Times that end within a test. */
const optionsOf = (key: Key): NonNullable<Case['options']> =>
  key === 'refresh' ? { ttlMs: 4_000, refreshIntervalMs: 200 } : { acquireTimeoutMs: 3_000 };

/** What is answered always, with options with which it ends soon; a refresh takes as long as its lease. */
function soon(cases: Side<readonly Case[]>, isLong: (key: Key) => boolean): Side<readonly Case[]> {
  return each((key) =>
    cases[key].map((played) => ({ ...played, options: optionsOf(key), isLong: isLong(key) })),
  );
}

const PERMISSIONS = { L: 'list', G: 'get', C: 'create', P: 'update', D: 'delete' } as const;

const DENIED: Side<readonly Case[]> = each((key) => {
  const permission = `storage.objects.${PERMISSIONS[COLUMNS[key].letter]}`;
  const code = 'ERR_PERMISSION_DENIED';
  // Without the permission to list, a read of what is absent is forbidden too: a create is tried.
  const seen = key === 'wait' ? failed(code, 'G! G! C', 'done') : rejected(code)[key];
  // What is lost without an answer says nothing of permissions.
  const list = COLUMNS[key].letter === 'L' ? ` To list takes the permission ${permission}.` : '';
  const advice = `${list} The role roles/storage.objectUser on the bucket is enough`;
  const says = key === 'refresh' ? {} : { says: `${permission} access to the object.${advice}` };
  return [{ what: 'always', fault: forbidden(permission), times: Infinity, seen, ...says }];
});

const NO_BUCKET = {
  kind: 'status',
  status: 404,
  reason: 'notFound',
  message: 'The specified bucket does not exist.',
} as const;

/** An answer without items is a list of nothing: what is there is found out by the guard of the first create. */
const nonsense = (seen: Side<Seen>): Side<readonly Case[]> =>
  each((key) =>
    NONSENSE.map((fault, index) => ({
      what: index === 0 ? 'HTML' : 'JSON',
      fault,
      seen: key === 'look' && index > 0 ? held('L! C G C') : seen[key],
    })),
  );

const NOT_YET = 'before it is carried out: rows 1 and 6';
const ALREADY = 'after it was carried out: row 2';
const IN_PLACE = 'such an answer is given in place of carrying it out';
const READS = {
  look: 'it changes nothing: row 1',
  names: 'it changes nothing: row 1',
  wait: 'it changes nothing: row 1',
};

const isRefresh = (key: Key): boolean => key === 'refresh';

/** Every row that is about HTTP and not about a lock's own history, before the store carries a request out and after. */
export const KIN_MATRIX: readonly MatrixRow<Key>[] = [
  { row: 1, fault: '500, 502, 503, 504, 408', before: faced(ERRORS, UNKNOWN), after: none(ALREADY) },
  {
    row: 2,
    fault: 'the answer is an error, or lost (rows 2 to 5)',
    before: none(NOT_YET),
    after: { ...faced([...ERRORS, RESET], LOST), ...READS },
  },
  { row: 6, fault: 'the connection is reset', before: faced([RESET], UNKNOWN), after: none(ALREADY) },
  {
    row: 7,
    fault: 'half a body under 200',
    before: faced([HALF], UNKNOWN),
    after: { ...faced([{ kind: 'truncate' }, HALF], LOST), release: faced([HALF], LOST).release },
  },
  { row: 8, fault: 'no bytes', before: outwaited([STALL], UNKNOWN), after: outwaited([STALL], LOST) },
  {
    row: 16,
    fault: 'the network doubles it; the answer is that of the second (before) or of the first (after)',
    before: faced([TWICE], DOUBLED),
    after: faced([TWICE], NORMAL),
  },
  {
    row: 17,
    fault: '429',
    before: both(
      once(faced([TOO_MANY], BUSY)),
      soon(endedBy(TOO_MANY, ALWAYS_BUSY), () => true),
    ),
    after: none(IN_PLACE),
  },
  {
    row: 18,
    fault: '401',
    before: soon(endedBy(WRONG_TOKEN, rejected('ERR_UNAUTHENTICATED')), isRefresh),
    after: none(IN_PLACE),
  },
  { row: 19, fault: '403 (rows 19 to 21)', before: soon(DENIED, isRefresh), after: none(IN_PLACE) },
  {
    row: 22,
    fault: 'there is no such bucket',
    before: {
      ...none('a bucket with an object in it is there'),
      look: endedBy(NO_BUCKET, refusing('ERR_BUCKET_NOT_FOUND')).look,
    },
    after: none(IN_PLACE),
  },
  { row: 24, fault: '409', before: faced(answers([409]), BUSY), after: none(IN_PLACE) },
  {
    row: 25,
    fault: '301, 302, 307, 308, to the same host and to another',
    before: faced(REDIRECTS, UNAVAILABLE),
    after: none(IN_PLACE),
  },
  {
    row: 26,
    fault: '200 with HTML, `{}`, or missing, numeric or zero generations',
    before: nonsense(UNKNOWN),
    after: nonsense(LOST),
  },
  {
    row: 28,
    fault: 'no such host, refused, no TLS, a bad certificate',
    before: both(
      both(faced(detours('refused', 'no-name'), NOT_APPLIED), faced(detours('no-tls'), UNKNOWN)),
      faced(detours('bad-certificate'), UNAVAILABLE),
    ),
    after: none('without a connection nothing is carried out'),
  },
];
