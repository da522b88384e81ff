import { expect } from 'vitest';
import type { Emulator, StoredObject } from '../../emulator/index.ts';
import type { Components } from '../../src/components.ts';
import type { LockEvent } from '../../src/events.ts';
import type { AuthLike, BucketLike } from '../../src/gcs/types.ts';
import type { GcsMutex } from '../../src/mutex.ts';
import type { GcsMutexOptions } from '../../src/options.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { ManualMachine } from '../../src/testing/index.ts';
import type { Access } from '../through/access.ts';
import { createTestBucket } from '../through/bucket.ts';
import { rest } from '../through/traffic.ts';
import { through } from '../through/way.ts';
import { KNOWN_TOKEN, SecretWatch } from '../hostile/secret-watch.ts';
import { BeliefWatch } from './belief.ts';
import { expectGuards, History } from './history.ts';
import { detourError, Line } from './line.ts';

/** The lock that the rows contend for. */
export const NAME = 'locks/one';

/** One process of a test's world. */
export interface Player {
  /** Its way to the store. */
  readonly line: Line;
  /** What its locks and leases said, in order. */
  readonly events: readonly LockEvent[];
  /** A mutex as this process would make it, for the lock {@link NAME} unless another is named. */
  mutex(options?: GcsMutexOptions, name?: string): GcsMutex;
  /** What anything else on the same bucket is made with, as this process would make it. */
  readonly parts: Parts;
  /** How many timers and listeners it has set, and requests under way. */
  pendingCount(): number;
}

/** The arguments of a constructor but for the name, and the options that say where the store is. */
export interface Parts {
  readonly bucket: string | BucketLike;
  readonly options: Access['options'];
  readonly components: Components;
}

/** A process whose clocks a test drives. */
export interface ManualPlayer extends Player {
  /** Takes the place of the machine's clocks in what is made from then on. */
  clock: Clock;
  readonly machine: ManualMachine;
  /** Ends the process for good, as SIGKILL does. */
  kill(): void;
}

/** A bucket, several processes, and a way to let time pass. */
export interface World<P extends Player = Player> {
  readonly emulator: Emulator;
  readonly bucket: string;
  /** Options with which this world's locks are quick enough to test. */
  readonly options: GcsMutexOptions & { readonly ttlMs: number };
  process(auth?: AuthLike): P;
  /** How often a request is sent that is always answered 401: once more where there is a token to be renewed. */
  readonly sendsPer401: number;
  /** Of variants of one fault those to play: all where that costs next to nothing, else the first and the last. */
  some<T>(variants: readonly T[]): readonly T[];
  /** How much time has passed, milliseconds. */
  nowMs(): number;
  /** Waits for an outcome, while whatever time it needs passes. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** Waits until a condition holds, while whatever time it needs passes. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Makes a record of this age stale for everybody: nobody who holds it may be at work. */
  outlast(ttlMs: number): Promise<void>;
  /** Whether two were ever granted the lock at once. */
  readonly beliefs: BeliefWatch;
  /** The live object of the lock. */
  object(name?: string): StoredObject | undefined;
  /** Waits until every process has come to rest, and checks what must hold after every row. */
  end(): Promise<void>;
}

/** A world in which time passes only as a test wants, with more than one world has in common. */
export interface ManualWorld extends World<ManualPlayer> {
  advance(ms: number): Promise<void>;
}

/** How the store of a world behaves where it may choose. */
export interface StoreOptions {
  /** The answer to a guarded patch or delete of a missing object. Default 404. */
  readonly missingObjectStatus?: 404 | 412;
  /** How often an object may be changed, in times a second, and how often at once. Default: as often as one likes. */
  readonly mutationsPerSecond?: number;
  readonly mutationBurst?: number;
  /**
   * How long a request is known again by its idempotency token, and given its first answer. Default 0: that is
   * a help which a lock must not need.
   */
  readonly idempotencyReplayMs?: number;
}

/** No answer is given twice. */
export const FORGETFUL = { idempotencyReplayMs: 0 };

/** What a transport without credentials sends in their place, so that something secret is under way. */
const CREDENTIALS = { authorization: `Bearer ${KNOWN_TOKEN}` };

/** Rejections that nobody handled, since the test process began. */
const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

/** A store and machines whose clocks the test drives. */
export function manualWorld(store: StoreOptions = {}): ManualWorld {
  const memory = createTestBucket({ ...FORGETFUL, ...store });
  const { clock, emulator, bucket } = memory;
  const players: ManualPlayer[] = [];
  const history = new History(emulator, bucket);
  const beliefs = new BeliefWatch();
  const secrets = new SecretWatch();
  const until = async (what: string, condition: () => boolean): Promise<void> => {
    if (!condition()) await rest();
    // Each step ends at rest, so that the next timer is known.
    for (let step = 0; !condition(); step += 1) {
      if (step > 20_000) throw new Error(`never: ${what}`);
      await clock.advance(Math.ceil(clock.untilNextTimerMs ?? 50));
    }
  };
  return {
    emulator,
    bucket,
    beliefs,
    options: { ttlMs: 60_000 },
    sendsPer401: sendsPer401(),
    process() {
      const imagined = memory.process();
      const { machine, components } = imagined;
      const events: LockEvent[] = [];
      const line = new Line(`process ${players.length + 1}`, components.transport, {
        lead: (_request, to) => {
          throw detourError(to);
        },
        nowMs: () => clock.passedMs,
      });
      const own = {
        transport: through().way === 'memory' ? line.with(CREDENTIALS) : line.transport,
        logger: (event: LockEvent) => {
          events.push(event);
          beliefs.see(event);
        },
      };
      let isDead = false;
      const player: ManualPlayer = {
        line,
        machine,
        clock: machine,
        events,
        parts: {
          bucket,
          options: { apiEndpoint: memory.url },
          components: { ...components, ...own },
        },
        kill: () => {
          isDead = true;
          machine.stop();
        },
        mutex(options = {}, name = NAME) {
          const mutex = imagined.mutex(name, options, { ...own, clock: this.clock });
          return secrets.watched(beliefs.over(mutex, () => machine.isRunning));
        },
        pendingCount: () =>
          isDead ? 0 : machine.timerCount + machine.resumeListenerCount + line.underWayCount,
      };
      players.push(player);
      return player;
    },
    async settle(work) {
      let isSettled = false;
      const note = (): void => {
        isSettled = true;
      };
      work.then(note, note);
      await until('an outcome', () => isSettled);
      return work;
    },
    until,
    some: (variants) => variants,
    outlast: (ttlMs) => clock.advance(ttlMs + 4_000),
    object: (name = NAME) => emulator.object(bucket, name),
    end: () => expectSound(emulator, { history, beliefs, secrets }, players, until),
    nowMs: () => clock.passedMs,
    advance: (ms) => clock.advance(ms),
  };
}

/** How often a request is sent that is always answered 401. */
export function sendsPer401(): number {
  return through().way === 'memory' ? 1 : 2;
}

/** What watches a world from its beginning. */
interface Checks {
  readonly history: History;
  readonly beliefs: BeliefWatch;
  readonly secrets: SecretWatch;
}

/** Waits until every process has come to rest, and checks what must hold after every row. */
export async function expectSound(
  emulator: Emulator,
  { history, beliefs, secrets }: Checks,
  players: readonly Player[],
  until: World['until'],
): Promise<void> {
  await until('no process has anything pending', () =>
    players.every((player) => player.pendingCount() === 0),
  );
  expectGuards(emulator);
  history.expectLiveLocksLeftAlone();
  beliefs.expectNoOverlap();
  for (const { events } of players) {
    const lost = events.filter(({ kind }) => kind === 'lost').map(({ leaseId }) => leaseId);
    expect(lost, 'each lease is lost once at most').toEqual([...new Set(lost)]);
  }
  expect(unhandled, 'no rejection was left unhandled').toEqual([]);
  const events = players.map((player) => player.events);
  secrets.expectNoSecrets(emulator, [events, unhandled]);
}
