import { once } from 'node:events';
import { createServer } from 'node:https';
import { startEmulator } from '../../emulator/index.ts';
import type { LockEvent } from '../../src/events.ts';
import type { AuthLike } from '../../src/gcs/types.ts';
import { ProcessMemory } from '../../src/memory.ts';
import { GcsMutex } from '../../src/mutex.ts';
import type { GcsMutexOptions } from '../../src/options.ts';
import { selfSigned } from '../gcs/self-signed.ts';
import { knownAuth, SecretWatch } from '../hostile/secret-watch.ts';
import { type Access, accessTo } from '../through/access.ts';
import { transportOf } from '../through/bucket.ts';
import { TOKENS } from '../through/tokens.ts';
import { traffic } from '../through/traffic.ts';
import { through } from '../through/way.ts';
import { BeliefWatch } from './belief.ts';
import { CountingClock } from './counting-clock.ts';
import { History } from './history.ts';
import { type Detour, Line } from './line.ts';
import { UnhurriedClock } from './unhurried-clock.ts';
import {
  expectSound,
  FORGETFUL,
  NAME,
  type Player,
  sendsPer401,
  type StoreOptions,
  type World,
} from './world.ts';

/** A world with a real server. */
export interface HttpWorld extends World, AsyncDisposable {
  /** Where the server listens. */
  readonly url: string;
}

/** Who is known by no name server: a name that is too long to be asked for, so that the answer takes no time. */
const NOBODY = `https://${'gcs-mutex-'.repeat(7)}.invalid`;

/** A real server and the real transport, with times as short as an emulator allows, on a clock that hurries nobody. */
export async function httpWorld(store: StoreOptions = {}): Promise<HttpWorld> {
  const bucket = 'real';
  const tokens = through().way === 'memory' ? {} : { tokens: TOKENS };
  const time = new UnhurriedClock();
  const startedAt = Date.now();
  const server = await startEmulator({
    buckets: [bucket],
    clock: () => startedAt + time.passedMs,
    sleep: (ms) => new Promise((resolve) => void time.setTimer(ms, 'foreground', resolve)),
    ...tokens,
    ...FORGETFUL,
    ...store,
  });
  await (loaded ??= loadHttpClient(server.url));
  const nowhere: Readonly<Record<Detour, string>> = {
    refused: 'http://127.0.0.1:9',
    'no-name': NOBODY,
    'no-tls': server.url.replace('http:', 'https:'),
    'bad-certificate': await (distrusted ??= startDistrusted()),
  };
  server.requests.clear();
  const players: Player[] = [];
  const until: World['until'] = (what, condition) => untilTrue(time, what, condition);
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
      const clock = new CountingClock(time);
      const events: LockEvent[] = [];
      const access = credentialed(server.url, bucket, players.length, auth);
      const transport = traffic.watching(transportOf(access));
      const line = new Line(`process ${players.length + 1}`, transport, {
        lead: (request, to) => ({ ...request, url: request.url.replace(server.url, nowhere[to]) }),
        nowMs: () => time.passedMs,
      });
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
    nowMs: () => time.passedMs,
    settle: (work) => work,
    until,
    some: (variants) => variants.filter((_, index) => index === 0 || index === variants.length - 1),
    outlast: (ttlMs) => {
      server.clock.skewMs += ttlMs + 1_000;
      return Promise.resolve();
    },
    object: (name = NAME) => server.object(bucket, name),
    end: () => expectSound(server, { history, beliefs, secrets }, players, until),
    async [Symbol.asyncDispose]() {
      await server.close();
      time[Symbol.dispose]();
    },
  };
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
async function untilTrue(time: UnhurriedClock, what: string, condition: () => boolean): Promise<void> {
  const givingUpMs = time.passedMs + 8_000;
  while (!condition()) {
    if (time.passedMs > givingUpMs) throw new Error(`not within 8 s: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
