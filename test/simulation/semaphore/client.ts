import { GcsMutexError } from '../../../src/errors.ts';
import type { LockEvent } from '../../../src/events.ts';
import { slotIndex } from '../../../src/protocol/semaphore.ts';
import { GcsSemaphore } from '../../../src/semaphore.ts';
import type { SemaphoreLease } from '../../../src/semaphore-lease.ts';
import type { LockOptions } from '../client.ts';
import { Dice } from '../dice.ts';
import type { Network } from '../network.ts';
import type { Process } from '../process.ts';
import type { Actor } from '../stage.ts';
import type { WatchSettings } from '../watch.ts';
import { BUCKET, ORIGIN } from '../wire.ts';
import type { SemaphoreWorld } from './world.ts';
import { givenPermits, NAME, type Setting } from './setting.ts';
import { SlotWatch } from './slot-watch.ts';

/** A program with one handle of the semaphore: the shipped one, used in every way, until its process dies. */
export class SemaphoreClient implements Actor {
  readonly #world: SemaphoreWorld;
  readonly #setting: Setting;
  readonly #process: Process;
  readonly #network: Network;
  readonly #dice: Dice;
  readonly #semaphore: GcsSemaphore;
  readonly #watchSettings: WatchSettings;
  readonly #handle: number;
  /** The slots that it got, by lease id: handed over, and not yet. */
  readonly #watches = new Map<string, SlotWatch>();
  #slotCount = 0;
  #sinceMs = 0;
  #isRetiring = false;
  #isIdle = false;

  constructor(
    world: SemaphoreWorld,
    setting: Setting,
    process: Process,
    network: Network,
    handle: number,
    options: LockOptions,
  ) {
    this.#world = world;
    this.#setting = setting;
    this.#process = process;
    this.#network = network;
    this.#handle = handle;
    this.#dice = new Dice(world.seed, process.number, 5, handle);
    const { ttlMs, marginMs, refreshIntervalMs, maxHoldMs = Infinity } = options;
    this.#watchSettings = { timing: { ttlMs, marginMs }, maxHoldMs, refreshIntervalMs };
    this.#semaphore = new GcsSemaphore(
      BUCKET,
      NAME,
      { ...options, ...givenPermits(this.#dice, setting), apiEndpoint: ORIGIN, holder: 'a client' },
      {
        clock: process,
        random: this.#dice,
        transport: network.transportOf(process, () => undefined),
        memory: process.memory,
        logger: (event) => this.#onEvent(event),
      },
    );
    process.onClockChange(() => {
      for (const watch of this.#watches.values()) watch.recompute();
    });
    void this.#live();
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  retire(): void {
    this.#isRetiring = true;
  }

  kill(): void {
    for (const watch of this.#watches.values()) watch.end();
  }

  async #live(): Promise<void> {
    const dice = this.#dice;
    while (!this.#isRetiring) {
      await this.#process.sleep(dice.between(0, dice.pick(...this.#world.shape.idleMs)));
      if (this.#isRetiring) break;
      this.#sinceMs = this.#process.nowMs;
      await this.#turn().catch((error: unknown) => this.#expect(error));
    }
    this.#isIdle = true;
  }

  async #turn(): Promise<void> {
    const dice = this.#dice;
    const timeoutMs = dice.between(...this.#world.shape.patienceMs);
    const signal = dice.chance(0.2) ? this.#abortLater(timeoutMs) : undefined;
    const given = signal === undefined ? {} : { signal };
    const permits = 1 + Math.floor(dice.draw() * dice.pick(1, this.#setting.permits));
    const way = dice.draw();
    const semaphore = this.#semaphore;
    const work = (lease: SemaphoreLease): Promise<void> => this.#workOnly(permits, lease);
    if (way < 0.5) return this.#hold(permits, await semaphore.acquire({ timeoutMs, permits, ...given }));
    if (way < 0.65) return semaphore.run(work, { timeoutMs, permits, ...given });
    if (way < 0.8) return this.#hold(permits, await semaphore.tryAcquire({ permits, ...given }));
    if (way < 0.9) return void (await semaphore.tryRun(work, { permits, ...given }));
    if (this.#setting.mayChange && way < 0.97) return this.#change();
    const { held, free, stale, unusable, available } = await semaphore.status(given);
    const counts = [held, free, stale, unusable, available];
    if (counts.some((count) => count < 0)) this.#wrong(`a status that does not add up: ${counts.join()}`);
  }

  /** Somebody changes the number of permits, for everybody. */
  async #change(): Promise<void> {
    const permits = 1 + Math.floor(this.#dice.between(0, 4));
    await this.#semaphore.setPermits(
      permits,
      this.#dice.chance(0.5) ? { ifPermits: this.#setting.judge.permits } : {},
    );
  }

  /** What a caller does that releases by itself. */
  async #hold(wanted: number, lease: SemaphoreLease | undefined): Promise<void> {
    if (lease === undefined) return;
    const dice = this.#dice;
    await this.#work(wanted, lease);
    const options = dice.chance(0.5) ? {} : { timeoutMs: dice.between(100, 3_000) };
    const wasHeld = lease.isHeld;
    const fromMs = this.#process.nowMs;
    const released = lease.release(options);
    const isAtOnce = this.#process.nowMs === fromMs;
    for (const watch of this.#watchesOf(lease)) {
      if (wasHeld && isAtOnce) watch.onRelease();
      watch.end();
    }
    this.#look(lease);
    await released;
    this.#look(lease);
  }

  /** What a callback does: the release follows at once. */
  async #workOnly(wanted: number, lease: SemaphoreLease): Promise<void> {
    await this.#work(wanted, lease);
    for (const watch of this.#watchesOf(lease)) watch.leave();
  }

  /** What is done with the permits. */
  async #work(wanted: number, lease: SemaphoreLease): Promise<void> {
    const dice = this.#dice;
    const { ttlMs } = this.#watchSettings.timing;
    this.#setting.judge.onLease(wanted, lease.slots, this.#process.nowMs);
    if (dice.chance(0.3)) this.#network.worsen(this.#process.nowMs + dice.between(0, ttlMs), dice);
    const watches = this.#watchesOf(lease);
    for (const watch of watches) watch.onHandedOver(watches);
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
    if (lease.lossError === undefined) return;
    if (lease.isHeld) this.#wrong('a lost lease is held');
    if (!signal.aborted) this.#wrong('the signal of a lost lease has not aborted');
  }

  /** Whoever says that it holds must believe so of every slot. */
  #look(lease: SemaphoreLease): void {
    if (!lease.isHeld) return;
    for (const watch of this.#watchesOf(lease)) watch.onClaim();
  }

  #watchesOf({ leaseIds }: SemaphoreLease): readonly SlotWatch[] {
    return leaseIds.flatMap((leaseId) => this.#watches.get(leaseId) ?? []);
  }

  #onEvent(event: LockEvent): void {
    const { kind, leaseId, lock } = event;
    this.#world.tell(this.#process, kind.length, () => {
      const detail = 'reason' in event ? ` (${event.reason})` : '';
      return `${kind} ${leaseId.slice(0, 4)} on ${lock.slice(-9)}${detail}`;
    });
    if (kind === 'acquired') return this.#onAcquired(event);
    const watch = this.#watches.get(leaseId);
    if (watch === undefined && kind === 'refreshed') this.#wrong('a lease of the past is refreshed');
    watch?.onEvent(event);
    // With the first permit that is lost all of that lease are, and are given back.
    if (kind === 'lost') for (const other of watch?.together ?? []) if (other !== watch) other.giveBack();
    if (kind === 'released') this.#watches.delete(leaseId);
  }

  #onAcquired(event: Extract<LockEvent, { kind: 'acquired' }>): void {
    const { lock, leaseId, remainingMs } = event;
    const { nowMs } = this.#process;
    this.#setting.judge.onSlot(slotIndex(lock.slice(-9)) ?? Infinity, this.#sinceMs, nowMs);
    this.#slotCount += 1;
    const handle = this.#handle * 1_000_000 + this.#slotCount;
    const watch = new SlotWatch(
      this.#process,
      this.#setting.checkerOf(lock),
      handle,
      this.#watchSettings,
      leaseId,
      remainingMs,
    );
    this.#watches.set(leaseId, watch);
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
    // More permits than there are, since somebody lowered the number.
    if (error instanceof RangeError && this.#setting.mayChange) return;
    this.#wrong(`an unexpected error: ${error instanceof Error ? error.stack : String(error)}`);
  }

  #wrong(what: string): void {
    this.#setting.judge.add(this.#process.nowMs, `handle ${this.#handle}: ${what}`);
  }
}

class GivenUp extends Error {}
