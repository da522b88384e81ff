import { GcsMutexError } from '../../src/errors.ts';
import { AcquisitionWatch } from './acquisition-watch.ts';
import type { LockEvent } from '../../src/events.ts';
import type { Lease } from '../../src/lease.ts';
import { GcsMutex } from '../../src/mutex.ts';
import type { Settings } from '../../src/settings.ts';
import { Dice } from './dice.ts';
import type { Network } from './network.ts';
import type { Process } from './process.ts';
import { Watch, type WatchSettings } from './watch.ts';
import { BUCKET, type Call, NAME, ORIGIN } from './wire.ts';
import type { World } from './world.ts';

/** The options that a client's lock is made with, all of them given. */
export type LockOptions = Pick<
  Settings,
  | 'ttlMs'
  | 'marginMs'
  | 'refreshIntervalMs'
  | 'requestTimeoutMs'
  | 'mutationIntervalMs'
  | 'clockSkewMs'
  | 'takeover'
  | 'backoff'
> & { readonly maxHoldMs?: number };

/** A program with one handle of the lock: the shipped mutex, used in every way, until its process dies. */
export class Client {
  readonly #world: World;
  readonly #process: Process;
  readonly #network: Network;
  readonly #dice: Dice;
  readonly #handle: number;
  readonly #mutex: GcsMutex;
  readonly #settings: WatchSettings;
  readonly #promptMs: number;
  readonly #requestTimeoutMs: number;
  #watch: Watch | undefined;
  #acquisition: AcquisitionWatch | undefined;
  #isRetiring = false;
  #isIdle = false;

  constructor(world: World, process: Process, network: Network, handle: number, options: LockOptions) {
    this.#world = world;
    this.#process = process;
    this.#network = network;
    this.#handle = handle;
    this.#dice = new Dice(world.seed, process.number, 5, handle);
    const { ttlMs, marginMs, refreshIntervalMs, maxHoldMs = Infinity } = options;
    this.#settings = { timing: { ttlMs, marginMs }, maxHoldMs, refreshIntervalMs };
    this.#requestTimeoutMs = options.requestTimeoutMs;
    this.#promptMs = promptMs(options);
    this.#mutex = new GcsMutex(
      BUCKET,
      NAME,
      { ...options, apiEndpoint: ORIGIN, holder: 'a client' },
      {
        clock: process,
        random: this.#dice,
        transport: network.transportOf(process, (call) => this.#onSent(call)),
        memory: process.memory,
        logger: (event) => this.#onEvent(event),
      },
    );
    process.onClockChange(() => this.#watch?.recompute());
    void this.#live();
  }

  /** Whether it has come to its end and does nothing any more. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Lets it come to its end: what it has under way, it ends, and starts nothing new. */
  retire(): void {
    this.#isRetiring = true;
  }

  /** Its process has died. */
  kill(): void {
    this.#watch?.end();
  }

  async #live(): Promise<void> {
    const dice = this.#dice;
    while (!this.#isRetiring) {
      await this.#process.sleep(dice.between(0, dice.pick(...this.#world.shape.idleMs)));
      if (this.#isRetiring) break;
      await this.#turn().catch((error: unknown) => this.#expect(error));
    }
    this.#isIdle = true;
  }

  async #turn(): Promise<void> {
    const dice = this.#dice;
    const timeoutMs = dice.between(...this.#world.shape.patienceMs);
    const signal = dice.chance(0.2) ? this.#abortLater(timeoutMs) : undefined;
    const given = signal === undefined ? {} : { signal };
    const way = dice.draw();
    const mutex = this.#mutex;
    const work = (lease: Lease): Promise<void> => this.#workOnly(lease);
    if (way < 0.5)
      return this.#hold(await this.#watched(timeoutMs, () => mutex.acquire({ timeoutMs, ...given })));
    if (way < 0.7) return this.#watched(timeoutMs, () => mutex.run(work, { timeoutMs, ...given }));
    const tryMs = this.#requestTimeoutMs;
    if (way < 0.85) return this.#hold(await this.#watched(tryMs, () => mutex.tryAcquire(given)));
    if (way < 0.95) return void (await this.#watched(tryMs, () => mutex.tryRun(work, given)));
    // An operator at work: what looks stale is removed, in the version that was looked at.
    const status = await mutex.status(given);
    if (status?.isStale === true) await mutex.breakLock({ ifVersion: status.version, ...given });
  }

  /** Acquires in some way; what is done once it is granted is not looked at. */
  async #watched<T>(patienceMs: number, act: () => Promise<T>): Promise<T> {
    const limits = { patienceMs, promptMs: this.#promptMs };
    const watch = new AcquisitionWatch(this.#process, this.#world.checker, this.#handle, limits);
    this.#acquisition = watch;
    try {
      const acquired = await act();
      watch.onHeld();
      return acquired;
    } catch (error) {
      watch.onError(error);
      throw error;
    }
  }

  #onSent(call: Call): void {
    this.#world.checker.onSent(call, this.#process.nowMs);
    this.#acquisition?.onSent(call);
  }

  /** What a caller does that releases by itself. */
  async #hold(lease: Lease | undefined): Promise<void> {
    if (lease === undefined) return;
    const dice = this.#dice;
    await this.#work(lease);
    if (dice.chance(0.05)) return this.#forget(lease);
    const options = dice.chance(0.5) ? {} : { timeoutMs: dice.between(100, 3_000) };
    const wasHeld = lease.isHeld;
    const fromMs = this.#process.nowMs;
    const released = lease.release(options);
    if (wasHeld && this.#process.nowMs === fromMs) this.#watch?.onRelease();
    this.#end();
    this.#look(lease);
    if (dice.chance(0.2)) {
      void this.#process.sleep(dice.between(0, 100)).then(() => this.#look(lease));
      // A second call while the first is under way.
      void lease.release().catch((error: unknown) => this.#expect(error));
    }
    await released;
    this.#look(lease);
  }

  /** A program that goes on without releasing what it has not lost: only its loss ends the lease. */
  async #forget(lease: Lease): Promise<void> {
    this.#world.tell(this.#process, 11, () => 'lets the lease run');
    await this.#process.sleep(this.#dice.between(0, 2_000));
    const released = lease.release();
    this.#end();
    await released;
  }

  /** What a callback does: the release follows at once. */
  async #workOnly(lease: Lease): Promise<void> {
    await this.#work(lease);
    this.#watch?.leave();
  }

  /** What is done under the lock. */
  async #work(lease: Lease): Promise<void> {
    const dice = this.#dice;
    const { ttlMs } = this.#settings.timing;
    // A holder who is cut off believes to the last moment that it may.
    if (dice.chance(0.3)) this.#network.worsen(this.#process.nowMs + dice.between(0, ttlMs), dice);
    this.#watch?.onLease(lease);
    const { signal } = lease;
    const longestMs = dice.chance(0.3) ? 150 : this.#world.shape.workTtls * ttlMs;
    let leftMs = dice.between(0, longestMs);
    while (leftMs > 0 && !signal.aborted && !this.#isRetiring) {
      const stepMs = Math.min(leftMs, dice.between(0, ttlMs));
      leftMs -= stepMs;
      await this.#process.sleep(stepMs);
      if (dice.chance(0.7)) this.#look(lease);
      if (dice.chance(0.15)) await lease.refresh().catch((error: unknown) => this.#expect(error));
    }
    if (signal.aborted && dice.chance(0.5)) await this.#process.sleep(dice.between(0, 500));
    if (lease.lossError === undefined) return;
    if (lease.isHeld) this.#wrong('a lost lease is held');
    if (!signal.aborted) this.#wrong('the signal of a lost lease has not aborted');
  }

  #look(lease: Lease): void {
    if (!lease.isHeld) return;
    if (this.#watch === undefined) this.#wrong('a lease that is over is held');
    else this.#watch.onClaim();
  }

  #end(): void {
    this.#watch?.end();
  }

  #onEvent(event: LockEvent): void {
    const { kind, leaseId } = event;
    this.#world.tell(this.#process, kind.length, () => {
      const detail = 'reason' in event ? ` (${event.reason})` : '';
      return `${kind} ${leaseId.slice(0, 4)}${detail}`;
    });
    if (kind === 'acquired') {
      this.#acquisition?.onGranted();
      this.#watch = new Watch(this.#process, this.#world.checker, this.#handle, this.#settings, leaseId);
    } else if (leaseId === this.#watch?.leaseId) {
      this.#watch.onEvent(event);
    } else if (kind === 'refreshed') this.#wrong('a lease of the past is refreshed');
  }

  #abortLater(withinMs: number): AbortSignal {
    const controller = new AbortController();
    void this.#process
      .sleep(this.#dice.between(0, withinMs))
      .then(() => controller.abort(new GivenUp('the caller gave up')));
    return controller.signal;
  }

  /** An error of the library's own, or the caller's: nothing else may ever come out. */
  #expect(error: unknown): void {
    if (error instanceof GcsMutexError || error instanceof GivenUp) return;
    this.#wrong(`an unexpected error: ${error instanceof Error ? error.stack : String(error)}`);
  }

  #wrong(what: string): void {
    this.#world.checker.add(this.#process.nowMs, `handle ${this.#handle}: ${what}`);
  }
}

class GivenUp extends Error {}

/** How long an acquisition takes at the most where nothing is in its way: a pause, the ration of writes, some requests. */
function promptMs({ backoff, mutationIntervalMs }: LockOptions): number {
  const rationMs = Math.max(2 * mutationIntervalMs, backoff.maxMs);
  return 1.06 * (backoff.maxMs + backoff.minMs + rationMs) + 5 * 70;
}
