import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../src/cli/demo/clock.ts';
import { freshBucket } from '../servers/servers.ts';
import { Dice } from '../simulation/dice.ts';
import { nextStrike } from './faults.ts';
import type { ChaosEvent, Direction, RunFacts, StoreName } from './history.ts';
import { Lane } from './lane.ts';
import type { CounterOrder, CounterReport } from './messages.ts';
import { Network } from './network.ts';
import type { StoreReady } from './store.ts';
import { WallClock } from './wall-clock.ts';

export interface ArenaOptions {
  readonly store: StoreName;
  /** Of a server that runs already; undefined to start one. */
  readonly storeUrl: string | undefined;
  /** The program of gcsemulator, to start it. */
  readonly storeBinary: string | undefined;
  readonly workerCount: number;
  readonly ttlMs: number;
  readonly seed: number;
  /** The library for wall clocks that jump. */
  readonly faketime: string | undefined;
  /** For files that are gone afterwards. */
  readonly scratch: string;
  readonly onEvent: (event: ChaosEvent) => void;
}

/** The facts that an arena knows of itself. */
export type ArenaFacts = Omit<RunFacts, 'durationMs' | 'startedAt' | 'commit' | 'command'>;

const LOCK_NAME = 'locks/counter';
/** How often on average, in ttls, the driver tries to strike. */
const PAUSE_SHARE = 0.12;
/** How many of the strikes cut everybody off. */
const OUTAGE_SHARE = 0.01;

/** One store, the counter and the workers, each a process of its own, and the faults that strike them. */
export class Arena {
  readonly facts: ArenaFacts;
  readonly #options: ArenaOptions;
  readonly #dice: Dice;
  readonly #originMs = nowMs();
  readonly #events: ChaosEvent[] = [];
  readonly #servers: ChildProcess[] = [];
  readonly #networks: Network[] = [];
  #lanes: readonly Lane[] = [];
  #counter: ChildProcess | undefined;
  #hasBroken = false;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: ArenaOptions) {
    const { store, ttlMs, seed, workerCount } = options;
    this.#options = options;
    this.#dice = new Dice(seed, store.length);
    this.facts = {
      store,
      lock: '',
      ttlMs,
      marginMs: ttlMs / 10,
      clockSkewMs: 0,
      // Decision 5: gcsemulator moves `updated` at a takeover and not at a refresh.
      takeover: store === 'gcsemulator' ? 'observation' : 'server-clock',
      pollMs: ttlMs / 2,
      seed,
      workers: Array.from({ length: workerCount }, (_, index) => `worker-${index + 1}`),
      hasClockJumps: options.faketime !== undefined,
    };
    // Even a driver that breaks down leaves no process behind, not to speak of a stopped one.
    process.once('exit', () => {
      for (const lane of this.#lanes) lane.killNow();
      for (const server of this.#servers) server.kill('SIGKILL');
    });
  }

  get elapsedMs(): number {
    return nowMs() - this.#originMs;
  }

  /** Starts everything; @returns the lock's URL. */
  async open(): Promise<string> {
    const url = this.#options.storeUrl ?? (await this.#openStore());
    const bucket = await freshBucket(url);
    const counterPort = await this.#openCounter();
    this.#lanes = await Promise.all(
      this.facts.workers.map((worker, index) => this.#openLane(worker, index, url, bucket, counterPort)),
    );
    await Promise.all(this.#lanes.map((lane) => lane.start()));
    return `gs://${bucket}/${LOCK_NAME}`;
  }

  /** Strikes at random until it is enough, or a worker has ended by itself: what follows would prove nothing. */
  async play(isEnough: () => boolean, interruption: AbortSignal): Promise<void> {
    const { ttlMs } = this.#options;
    while (!isEnough() && !interruption.aborted && !this.#hasBroken) {
      await sleep(this.#dice.between(0, 2 * PAUSE_SHARE) * ttlMs);
      const fault = this.#dice.chance(OUTAGE_SHARE)
        ? this.#outage(this.#dice.pick('both', 'to-store', 'from-store'), this.#dice.between(0.1, 3) * ttlMs)
        : nextStrike(this.#lanes, ttlMs, this.#dice)?.();
      if (fault === undefined) continue;
      this.#underWay.add(fault);
      void fault.finally(() => this.#underWay.delete(fault));
    }
  }

  /** Lets every fault come to its end, and everybody end; @returns the record, in order of time. */
  async close(): Promise<readonly ChaosEvent[]> {
    await Promise.all(this.#underWay);
    await Promise.all(this.#lanes.map((lane) => lane.close()));
    const counter = this.#counter;
    if (counter !== undefined) {
      if (!counter.connected) throw new Error('the server of the counter has ended');
      const concluded = this.#reported(counter, 'concluded');
      counter.send({ kind: 'conclude' } satisfies CounterOrder);
      await concluded;
    }
    for (const network of this.#networks) await network[Symbol.asyncDispose]();
    await Promise.all(
      this.#servers.map(async (server) => {
        const gone = once(server, 'exit');
        server.disconnect();
        await gone;
      }),
    );
    return this.#events.toSorted((one, other) => one.atMs - other.atMs);
  }

  async #outage(direction: Direction, forMs: number): Promise<void> {
    this.#record({ atMs: this.elapsedMs, kind: 'outage-begins', direction });
    const heals = this.#networks.map((network) => network.cut(direction));
    await sleep(forMs);
    for (const heal of heals) heal();
    this.#record({ atMs: this.elapsedMs, kind: 'outage-ends' });
  }

  async #openStore(): Promise<string> {
    const { storeBinary } = this.#options;
    const store = this.#fork('store.js', storeBinary === undefined ? [] : [storeBinary]);
    const [ready]: StoreReady[] = await once(store, 'message');
    if (ready === undefined) throw new Error('the store did not say where it is');
    return ready.url;
  }

  async #openCounter(): Promise<number> {
    const counter = this.#fork('counter.js', [String(this.#originMs)]);
    this.#counter = counter;
    counter.on('message', (report: CounterReport) => {
      if (report.kind === 'event') this.#record(report.event);
    });
    return (await this.#reported(counter, 'listening')).port;
  }

  async #openLane(
    worker: string,
    index: number,
    url: string,
    bucket: string,
    counterPort: number,
  ): Promise<Lane> {
    const { ttlMs, seed, faketime, scratch, store } = this.#options;
    const { clockSkewMs, takeover, pollMs, marginMs } = this.facts;
    const network = await Network.to(url);
    this.#networks.push(network);
    const options = {
      apiEndpoint: network.url,
      ttlMs,
      marginMs,
      clockSkewMs,
      takeover,
      requestTimeoutMs: ttlMs,
      backoff: { minMs: 50, maxMs: pollMs },
    };
    const part = { worker, bucket, lockName: LOCK_NAME, options, counterPort, originMs: this.#originMs };
    return new Lane({
      part: { ...part, seed: seed + 1_000 * (index + 1) + store.length },
      network,
      wallClock:
        faketime === undefined ? undefined : new WallClock(faketime, join(scratch, `${store}-${worker}`)),
      record: (event) => this.#record(event),
      tellCounter: (order) => {
        if (this.#counter?.connected === true) this.#counter.send(order, () => undefined);
      },
      now: () => this.elapsedMs,
    });
  }

  #record(event: ChaosEvent): void {
    this.#events.push(event);
    if (event.kind === 'exited' && event.code !== 0) this.#hasBroken = true;
    if ('worker' in event) this.#lanes.find(({ worker }) => worker === event.worker)?.hear(event);
    this.#options.onEvent(event);
  }

  #fork(program: string, args: readonly string[]): ChildProcess {
    const child = fork(new URL(program, import.meta.url), args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.#servers.push(child);
    return child;
  }

  /** Waits for a word of the counter's server. */
  #reported<Kind extends CounterReport['kind']>(
    counter: ChildProcess,
    kind: Kind,
  ): Promise<Extract<CounterReport, { readonly kind: Kind }>> {
    return new Promise((resolve, reject) => {
      counter.once('exit', () => reject(new Error('the server of the counter has ended')));
      counter.on('message', (report: CounterReport) => {
        if (report.kind === kind) resolve(report as Extract<CounterReport, { readonly kind: Kind }>);
      });
    });
  }
}
