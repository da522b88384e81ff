/** One row of the table "What each guard is for" in docs/protocol.md, as the specification knows it. */
export interface Guard {
  /** The constant of spec/Basics.tla that is FALSE where the guard is left out. */
  readonly constant: string;
  /** The first cell of the row. */
  readonly row: string;
  /** The configuration that leaves it out. */
  readonly configuration: string;
  /** What is broken then, by its name in spec/GcsMutex.tla. */
  readonly breaks: string;
  /** What else it takes to show it. */
  readonly needs?: Readonly<Record<string, string | number>>;
}

const SLEEPING = { Sleepers: '{c1, c2}' };

/** In the order of the table. */
export const GUARDS: readonly Guard[] = [
  {
    constant: 'CreateIfAbsent',
    row: 'create only if there is no object',
    configuration: 'no-guard-on-create',
    breaks: 'Mutex',
  },
  {
    constant: 'TakeoverByGeneration',
    row: 'takeover guarded by G',
    configuration: 'no-generation-on-takeover',
    breaks: 'Mutex',
  },
  {
    constant: 'TakeoverByMetageneration',
    row: 'takeover guarded by M',
    configuration: 'no-metageneration-on-takeover',
    breaks: 'Mutex',
  },
  {
    constant: 'RefreshByGeneration',
    row: 'refresh guarded by G',
    configuration: 'no-generation-on-refresh',
    breaks: 'NoForeignRefresh',
  },
  {
    constant: 'RefreshByMetageneration',
    row: 'refresh guarded by M',
    configuration: 'no-metageneration-on-refresh',
    breaks: 'NoFreedRecordHeldAgain',
    needs: { Counters: 'TRUE' },
  },
  {
    constant: 'DeleteByGeneration',
    row: 'delete guarded by G',
    configuration: 'no-generation-on-delete',
    breaks: 'NoForeignRelease',
  },
  {
    constant: 'DeleteNotByMetageneration',
    row: 'delete *not* guarded by M',
    configuration: 'metageneration-on-delete',
    breaks: 'NoOwnReleaseRefused',
  },
  {
    constant: 'OursByLeaseId',
    row: 'lease id, not holder label or host',
    configuration: 'ours-by-label',
    breaks: 'Mutex',
  },
  {
    constant: 'NewLeaseId',
    row: 'a new lease id for each acquisition',
    configuration: 'old-lease-id',
    breaks: 'Mutex',
  },
  {
    constant: 'DeadlineFromSend',
    row: 'deadline from the send, not the answer',
    configuration: 'deadline-from-answer',
    breaks: 'Mutex',
  },
  {
    constant: 'BaseFromFirstSend',
    row: 'base of a recognised record from the first send',
    configuration: 'base-from-read',
    breaks: 'Mutex',
  },
  {
    constant: 'CreditByCount',
    row: 'an unknown refresh credited by its count, not by the lease id',
    configuration: 'credit-by-lease-id',
    breaks: 'Mutex',
  },
  {
    constant: 'TtlOfRecord',
    row: "the record's ttl, not the reader's",
    configuration: 'ttl-of-reader',
    breaks: 'Mutex',
    needs: { ShortTtl: '{c2}' },
  },
  {
    constant: 'NotHeldBeforeDelete',
    row: '`isHeld` false before the delete is sent',
    configuration: 'held-until-deleted',
    breaks: 'Mutex',
  },
  {
    constant: 'MarginAboveDrift',
    row: 'a margin of more than 5 %',
    configuration: 'no-margin',
    breaks: 'Mutex',
  },
  {
    constant: 'SleepChecked',
    row: 'the check for sleep, also before the first grant',
    configuration: 'sleep-unchecked',
    breaks: 'Mutex',
    needs: SLEEPING,
  },
  {
    constant: 'NewCountAfterDoubt',
    row: 'a new count for the refresh that settles a doubt',
    configuration: 'old-count-after-doubt',
    breaks: 'Mutex',
    needs: SLEEPING,
  },
  {
    constant: 'TokenPerRequest',
    row: 'one idempotency token for one request only',
    configuration: 'one-token-for-all',
    breaks: 'Mutex',
  },
  {
    constant: 'ObservedFromArrival',
    row: 'observation from the arrival of the answer, not the send of the read',
    configuration: 'observed-from-send',
    breaks: 'Mutex',
    needs: { Observing: 'TRUE' },
  },
  {
    constant: 'ReadAfterRefusal',
    row: 'a read after a refused refresh, before "lost"',
    configuration: 'lost-when-refused',
    breaks: 'NoLossWhileOurs',
    needs: { MaxRefresh: 2 },
  },
];
