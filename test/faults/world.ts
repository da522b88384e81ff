import { once } from 'node:events';
import { createServer } from 'node:https';
import { expect } from 'vitest';
import { type Emulator, startEmulator, type StoredObject } from '../../emulator/index.ts';
import type { Components } from '../../src/components.ts';
import type { LockEvent } from '../../src/events.ts';
import type { AuthLike, BucketLike } from '../../src/gcs/types.ts';
import { ProcessMemory } from '../../src/memory.ts';
import { GcsMutex } from '../../src/mutex.ts';
import type { GcsMutexOptions } from '../../src/options.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { ManualMachine } from '../../src/testing/index.ts';
import { type Access, accessTo } from '../through/access.ts';
import { createTestBucket, transportOf } from '../through/bucket.ts';
import { TOKENS } from '../through/tokens.ts';
import { rest, traffic } from '../through/traffic.ts';
import { through } from '../through/way.ts';
import { KNOWN_TOKEN, knownAuth, SecretWatch } from '../hostile/secret-watch.ts';
import { BeliefWatch } from './belief.ts';
import { CountingClock } from './counting-clock.ts';
import { selfSigned } from '../gcs/self-signed.ts';
import { expectGuards, History } from './history.ts';
import { type Detour, detourError, Line } from './line.ts';

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

/** A world with a real server. */
export interface HttpWorld extends World, AsyncDisposable {
  /** Where the server listens. */
  readonly url: string;
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

const FORGETFUL = { idempotencyReplayMs: 0 };

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
      const line = new Line(`process ${players.length + 1}`, components.transport, (_request, to) => {
        throw detourError(to);
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

/** A real server and the real transport, with times as short as an emulator allows. */
export async function httpWorld(store: StoreOptions = {}): Promise<HttpWorld> {
  const bucket = 'real';
  const tokens = through().way === 'memory' ? {} : { tokens: TOKENS };
  const server = await startEmulator({ buckets: [bucket], ...tokens, ...FORGETFUL, ...store });
  await (loaded ??= loadHttpClient(server.url));
  const nowhere: Readonly<Record<Detour, string>> = {
    refused: 'http://127.0.0.1:9',
    'no-name': 'https://gcs-mutex.invalid',
    'no-tls': server.url.replace('http:', 'https:'),
    'bad-certificate': await (distrusted ??= startDistrusted()),
  };
  server.requests.clear();
  const players: Player[] = [];
  const history = new History(server, bucket);
  const beliefs = new BeliefWatch();
  const secrets = new SecretWatch();
  const options = {
    ttlMs: 5_000,
    clockSkewMs: 0,
    mutationIntervalMs: 0,
    requestTimeoutMs: 1_000,
    backoff: { minMs: 20, maxMs: 200 },
  };
  return {
    url: server.url,
    emulator: server,
    bucket,
    beliefs,
    options,
    sendsPer401: sendsPer401(),
    process(auth) {
      const clock = new CountingClock();
      const events: LockEvent[] = [];
      const access = credentialed(server.url, bucket, players.length, auth);
      const transport = traffic.watching(transportOf(access));
      const line = new Line(`process ${players.length + 1}`, transport, (request, to) => ({
        ...request,
        url: request.url.replace(server.url, nowhere[to]),
      }));
      const own = {
        transport: line.transport,
        logger: (event: LockEvent) => {
          events.push(event);
          beliefs.see(event);
        },
        memory: new ProcessMemory(),
        clock,
      };
      const player = {
        line,
        events,
        parts: { bucket: access.bucket, options: access.options, components: own },
        mutex(more: GcsMutexOptions = {}, name = NAME) {
          const mutex = new GcsMutex(access.bucket, name, { ...access.options, ...options, ...more }, own);
          return secrets.watched(beliefs.over(mutex, () => true));
        },
        pendingCount: () => clock.pendingCount + line.underWayCount,
      };
      players.push(player);
      return player;
    },
    nowMs: () => performance.now(),
    settle: (work) => work,
    until: untilTrue,
    some: (variants) => variants.filter((_, index) => index === 0 || index === variants.length - 1),
    outlast: (ttlMs) => {
      server.clock.skewMs += ttlMs + 1_000;
      return Promise.resolve();
    },
    object: (name = NAME) => server.object(bucket, name),
    end: () => expectSound(server, { history, beliefs, secrets }, players, untilTrue),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function sendsPer401(): number {
  return through().way === 'memory' ? 1 : 2;
}

/** How a process reaches a server: as the test says, else in the project's way, else with secrets that are known. */
function credentialed(url: string, bucket: string, count: number, auth: AuthLike | undefined): Access {
  if (auth === undefined && through().way !== 'memory') return accessTo(url, bucket);
  const known = auth ?? knownAuth(count % 2 === 0 ? 'token' : 'service-account');
  return { bucket, options: { apiEndpoint: url, auth: known } };
}

let loaded: Promise<unknown> | undefined;

/** The first request of a process loads google-auth-library, which a short time limit has no room for. */
function loadHttpClient(url: string): Promise<unknown> {
  const transport = transportOf(accessTo(url, 'any'));
  const request = { method: 'GET', url: `${url}/storage/v1/b`, headers: {} } as const;
  return transport(request, new AbortController().signal);
}

let distrusted: Promise<string> | undefined;

/** A server whose certificate nobody vouches for, for the length of the test process. */
async function startDistrusted(): Promise<string> {
  const server = createServer(selfSigned(['localhost']))
    .listen(0, '127.0.0.1')
    .unref();
  await once(server, 'listening');
  const address = server.address();
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** Looks again and again, since nothing tells of every change, but for no guessed time. */
async function untilTrue(what: string, condition: () => boolean): Promise<void> {
  const givingUpAt = performance.now() + 8_000;
  while (!condition()) {
    if (performance.now() > givingUpAt) throw new Error(`not within 8 s: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** What watches a world from its beginning. */
interface Checks {
  readonly history: History;
  readonly beliefs: BeliefWatch;
  readonly secrets: SecretWatch;
}

async function expectSound(
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
