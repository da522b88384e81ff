import { acquire } from '../../../src/protocol/acquire.ts';
import type { AcquireSettings } from '../../../src/protocol/acquire-state.ts';
import { hold } from '../../../src/protocol/hold.ts';
import { release } from '../../../src/protocol/release.ts';
import { settle } from '../../../src/protocol/settle.ts';
import type { StaleRules } from '../../../src/protocol/stale.ts';
import { MAX_DRIFT, type Millis } from '../../../src/protocol/timing.ts';

/** Real time passes in steps of this. `Date` shows whole seconds, so that every tick shows. */
export const TICK_MS: Millis = 1000;

/** What may go wrong; each costs one fault, however long it lasts. */
export type FaultKind =
  /** A request, or its answer, takes longer than the tick: it comes at any later time, or never. */
  | 'late'
  /** The sender hears of no answer at once, whether or not the request has arrived or will. */
  | 'reset'
  /** A write arrives a second time, at any later time. */
  | 'duplicate'
  /** 429: the request did nothing. */
  | 'busy'
  /** A process dies; another takes its place, with nothing remembered. */
  | 'crash'
  /** A process does nothing for some ticks while its clocks go on. */
  | 'stop'
  /** A machine sleeps for some ticks: its monotonic clock stands still. */
  | 'sleep'
  /** For one tick a monotonic clock falls behind by just as much as the margin has room for. */
  | 'nap'
  /** For one tick a monotonic clock falls behind by the whole margin, which has to be noticed. */
  | 'doze'
  /** A process is frozen for some ticks, which none of its clocks counts; it is told when it goes on. */
  | 'freeze'
  /** A process is told that it was stopped, whether or not it was. */
  | 'resumed'
  /** A caller loses its patience. */
  | 'abort'
  /** A stranger edits keys of their own, which moves the metageneration and `updated`. */
  | 'edit';

/** What is explored: who there is, what may happen, and the bounds. */
export interface Config {
  readonly name: string;
  /** The rates of the clients' clocks, local per real second; as many clients as rates. */
  readonly rates: readonly number[];
  /** Each client's ttl, in ticks; just above a whole number where an observer with a fast clock may come too early. */
  readonly ttlTicks: readonly number[];
  /** How often each client acquires. */
  readonly acquisitions: number;
  /** After how many ticks a holder releases at the latest, unless a refresh is in trouble. */
  readonly holdTicks: number;
  /** How many ticks a stop or a sleep lasts at most. */
  readonly gapTicks: number;
  readonly faults: readonly FaultKind[];
  /** How many faults there are in all, of any of these kinds. */
  readonly maxFaults: number;
  readonly takeover: StaleRules['takeover'];
  readonly clockSkewMs: Millis;
  /** How far the clock behind `Date` is ahead of the one behind `updated`. */
  readonly dateSkewMs: Millis;
  readonly mutationIntervalMs: Millis;
  /** The lock keeps a fencing counter: there is a free record at the start, and release leaves one. */
  readonly hasCounter: boolean;
}

/** The reducers that are explored: the shipped ones, unless a test of the explorer plants a mistake. */
export interface Reducers {
  readonly acquire: typeof acquire;
  readonly hold: typeof hold;
  readonly release: typeof release;
  readonly settle: typeof settle;
}

export const SHIPPED: Reducers = { acquire, hold, release, settle };

/** One exploration's constants. */
export interface Setup {
  readonly config: Config;
  readonly reducers: Reducers;
  readonly clients: readonly ClientSetup[];
  readonly allowed: ReadonlySet<FaultKind>;
  /** Past this age a record is stale for everybody, and no older age makes a difference. */
  readonly oldAgeMs: Millis;
}

export interface ClientSetup {
  readonly settings: AcquireSettings;
  /** How far its clocks move in a tick. */
  readonly tickMs: Millis;
  readonly marginMs: Millis;
  /** What of the margin is left for time that the monotonic clock did not count. */
  readonly roomMs: Millis;
  /** The same in every way as the client before it, so that either may be the first to start. */
  readonly isLikeBefore: boolean;
}

export function setUp(config: Config, reducers: Reducers = SHIPPED): Setup {
  const clients = config.rates.map((rate, index) => clientSetup(config, rate, index));
  const longestMs = Math.max(...config.ttlTicks) * TICK_MS;
  const oldAgeMs = longestMs + config.clockSkewMs + Math.abs(config.dateSkewMs) + TICK_MS;
  return { config, reducers, clients, allowed: new Set(config.faults), oldAgeMs };
}

function clientSetup(config: Config, rate: number, index: number): ClientSetup {
  const { rates, ttlTicks, clockSkewMs, takeover, mutationIntervalMs } = config;
  const ttlMs = Math.round((ttlTicks[index] ?? 0) * TICK_MS);
  const marginMs = ttlMs / 10;
  // Just below a tick of the slowest clock: every pause lasts one tick.
  const pauseMs = 900;
  const backoff = { minMs: pauseMs, maxMs: pauseMs, factor: 1 };
  const holdSettings = {
    timing: { ttlMs, marginMs },
    refreshIntervalMs: pauseMs,
    requestTimeoutMs: 2 * pauseMs,
    mutationIntervalMs,
    backoff,
    maxHoldMs: Infinity,
  };
  // One label for all: nothing may depend on it.
  const record = { ttlMs, holder: 'a client', metadata: {} };
  const isLikeBefore = index > 0 && rates[index - 1] === rate && ttlTicks[index - 1] === ttlTicks[index];
  return {
    settings: { mode: 'wait', record, rules: { clockSkewMs, takeover }, backoff, hold: holdSettings },
    tickMs: Math.round(TICK_MS * rate),
    marginMs,
    roomMs: marginMs - MAX_DRIFT * ttlMs,
    isLikeBefore,
  };
}
