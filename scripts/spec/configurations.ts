import { GUARDS } from './guards.ts';

type Constants = Readonly<Record<string, string | number>>;

/** One run of TLC: a module, its bounds, and what is expected to come of it. */
export interface Configuration {
  readonly name: string;
  /** What it is there for, in a few words. */
  readonly shows: string;
  readonly module: 'GcsMutex' | 'RubyReference';
  readonly constants: Constants;
  readonly specification: 'Spec' | 'FairSpec';
  /** Whether clients may stand for each other, which saves states. */
  readonly isSymmetric: boolean;
  readonly invariants: readonly string[];
  readonly properties: readonly string[];
  /** `holds`, or `breaks NAME`. */
  readonly expected: string;
}

/** All guards on; two clients, and no more than it takes. */
const LOCK: Constants = {
  Clients: '{c1, c2}',
  ShortTtl: '{}',
  Sleepers: '{}',
  Ttl: 2,
  Margin: 1,
  Drift: 1,
  Skew: 0,
  StoreSkew: 0,
  MaxNet: 2,
  MaxRefresh: 1,
  Duplicates: 'TRUE',
  SlowReads: 'FALSE',
  Observing: 'FALSE',
  Counters: 'FALSE',
  Settling: 'TRUE',
  Calm: 'FALSE',
  Faults: 0,
  Crashes: 0,
  ...Object.fromEntries(GUARDS.map(({ constant }) => [constant, 'TRUE'])),
};

const RUBY: Constants = {
  Clients: '{c1, c2}',
  Ttl: 1,
  MaxMeta: 3,
  ResetByGeneration: 'FALSE',
  RefreshByGeneration: 'FALSE',
  ReleaseByGeneration: 'FALSE',
  Ahead: 0,
  Healthy: 'FALSE',
};

const RUBY_MENDED: Constants = {
  ResetByGeneration: 'TRUE',
  RefreshByGeneration: 'TRUE',
  ReleaseByGeneration: 'TRUE',
};

/** What must be true of the lock, whatever happens. */
const SAFETY = [
  'Mutex',
  'HoldersRecord',
  'NoForeignRelease',
  'NoForeignRefresh',
  'NoFreedRecordHeldAgain',
  'NoOwnReleaseRefused',
  'NoLossWhileOurs',
];

function safe(name: string, shows: string, constants: Constants): Configuration {
  return {
    name,
    shows,
    module: 'GcsMutex',
    constants: { ...LOCK, ...constants },
    specification: 'Spec',
    isSymmetric: constants['ShortTtl'] === undefined,
    invariants: SAFETY,
    properties: [],
    expected: 'holds',
  };
}

function progress(name: string, shows: string, constants: Constants): Configuration {
  const calm = { Duplicates: 'FALSE', Settling: 'FALSE', Calm: 'TRUE', Faults: 1, Crashes: 1 };
  return {
    ...safe(name, shows, { ...calm, ...constants }),
    specification: 'FairSpec',
    isSymmetric: false,
    invariants: ['Mutex'],
    properties: ['Progress'],
  };
}

/** The lock with every guard. */
const HOLDING: readonly Configuration[] = [
  safe('three-clients', 'the lock', { Clients: '{c1, c2, c3}' }),
  safe('slow-reads', 'pauses between a read and the write that follows', {
    SlowReads: 'TRUE',
    Settling: 'FALSE',
  }),
  safe('two-refreshes', 'two refreshes of a lease under way', { MaxRefresh: 2, Settling: 'FALSE' }),
  safe('sleeping-machines', 'sleep that the monotonic clock does not count', { Sleepers: '{c1, c2}' }),
  safe('by-observation', "takeover: 'observation'", { Observing: 'TRUE', Settling: 'FALSE' }),
  safe('with-counters', 'a release leaves a free record', { Counters: 'TRUE' }),
  safe('different-ttls', "clients with different ttls; the store's clocks differ", {
    ShortTtl: '{c2}',
    Skew: 1,
    StoreSkew: 1,
  }),
  progress('progress', 'after the last fault somebody holds, again and again', {
    Clients: '{c1, c2, c3}',
    MaxRefresh: 0,
  }),
  progress('progress-with-refresh', 'the same, with refreshes', {}),
];

function breaking(invariant: string, run: Configuration): Configuration {
  return { ...run, invariants: [invariant], expected: `breaks ${invariant}` };
}

/** Each guard of docs/protocol.md left out. */
const WITHOUT_GUARD: readonly Configuration[] = GUARDS.map((guard) => {
  const constants = { Settling: 'FALSE', ...guard.needs, [guard.constant]: 'FALSE' };
  return breaking(guard.breaks, safe(guard.configuration, `without: ${guard.row}`, constants));
});

function reached(what: string, shows: string, constants: Constants = {}): Configuration {
  const name = `reached-${what.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}`;
  return breaking(`Never${what}`, safe(name, shows, constants));
}

/** What the runs that hold do reach: without it they would say nothing. */
const REACHED: readonly Configuration[] = [
  reached('Recognised', 'a record is recognised, its answer lost'),
  reached('Confirmed', 'a record that was too old is confirmed by a refresh'),
  reached('OrphanTaken', 'a client takes over what it left behind'),
  reached('DoubtSettled', 'a refresh settles a doubt', { Sleepers: '{c1, c2}' }),
  reached('Observed', 'a record is taken over for having been watched', { Observing: 'TRUE' }),
];

function ruby(name: string, shows: string, constants: Constants, breaks?: string): Configuration {
  return {
    name: `ruby-${name}`,
    shows,
    module: 'RubyReference',
    constants: { ...RUBY, ...constants },
    specification: 'Spec',
    isSymmetric: true,
    invariants: breaks === undefined ? ['Mutex', 'NoLiveLockDeleted'] : [breaks],
    properties: [],
    expected: breaks === undefined ? 'holds' : `breaks ${breaks}`,
  };
}

/** The gem that this library's task came from. */
const REFERENCE: readonly Configuration[] = [
  ruby('as-written', 'the gem', {}, 'Mutex'),
  ruby('late-delete', 'a late delete removes a live lock', {}, 'NoLiveLockDeleted'),
  ruby('refresh-alone', 'M alone on refresh', { ...RUBY_MENDED, RefreshByGeneration: 'FALSE' }, 'Mutex'),
  ruby('reset-alone', 'M alone on the reset', { ...RUBY_MENDED, ResetByGeneration: 'FALSE' }, 'Mutex'),
  ruby('release-alone', 'M alone on release', { ...RUBY_MENDED, ReleaseByGeneration: 'FALSE' }, 'Mutex'),
  ruby('mended', 'G everywhere, equal clocks', { ...RUBY_MENDED, Clients: '{c1, c2, c3}' }),
  ruby('clocks', "G everywhere, a reader's clock ahead", { ...RUBY_MENDED, Ttl: 2, Ahead: 1 }, 'Mutex'),
  ruby('healthy', 'G everywhere, belief by healthy?', { ...RUBY_MENDED, Healthy: 'TRUE' }, 'Mutex'),
];

/** All configurations, in the order of the table. */
export const CONFIGURATIONS: readonly Configuration[] = [
  ...HOLDING,
  ...WITHOUT_GUARD,
  ...REACHED,
  ...REFERENCE,
];
