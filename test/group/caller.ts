import { GcsMutexError } from '../../src/errors.ts';
import { GcsLocks } from '../../src/factory/factory.ts';
import type { ImaginedProcess, ManualMachine } from '../../src/testing/index.ts';
import { Dice } from '../simulation/dice.ts';
import type { Held, Ledger } from './ledger.ts';

/** What the callers of one sequence have in common. */
export interface Story {
  readonly seed: number;
  readonly ledger: Ledger;
  readonly ttlMs: number;
  readonly requestTimeoutMs: number;
  /** How many permits or resources there are at first. */
  readonly count: number;
  /** Whether anybody changes that: then it is stored, and given by nobody. */
  readonly mayChange: boolean;
}

/** How the memory's bucket is reached. */
export const ENDPOINT = 'http://127.0.0.1:4443';

/** How many calls each makes. */
const TURNS = 5;

/** The default of `backoff.minMs`. */
const SHORTEST_PAUSE_MS = 100;

const ENOUGH = new Error('the caller has had enough');

/** One that makes calls at random, one after the other, in a process of its own. */
export abstract class Caller {
  /** It has made its last call. */
  isDone = false;
  /** It was stopped for good, or forgot to release something: what it holds is left to the ttl. */
  isAbandoned = false;
  /** It did not always run. */
  wasStopped = false;
  protected readonly story: Story;
  protected readonly process: ImaginedProcess;
  protected readonly dice: Dice;
  /** When the call under way began. */
  protected sinceMs = 0;

  constructor(story: Story, number: number) {
    this.story = story;
    this.process = story.ledger.memory.process();
    this.dice = new Dice(story.seed, 2, number);
  }

  get machine(): ManualMachine {
    return this.process.machine;
  }

  async live(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await this.#sleep(this.dice.between(0, this.dice.pick(10, 500, 2_000)));
      this.sinceMs = this.story.ledger.nowMs;
      this.story.ledger.noteStored();
      if (this.dice.chance(0.1)) await this.#clean();
      else await this.turn();
    }
    this.isDone = true;
  }

  /** One use of the semaphore or the pool. */
  protected abstract turn(): Promise<void>;

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.machine.setTimer(ms, 'foreground', resolve));
  }

  /** Somebody removes what dead holders left, and would remove what is stored if nobody kept it. */
  async #clean(): Promise<void> {
    const { bucket } = this.story.ledger.memory;
    const locks = new GcsLocks(`gs://${bucket}`, { apiEndpoint: ENDPOINT }, this.process.components);
    await this.attempt('clean', ['ERR_STORE_UNAVAILABLE'], () => locks.clean({ staleForMs: 0 }));
  }

  /** Makes a call, which may reject with errors of some codes; undefined where it did. */
  protected async attempt<T>(
    what: string,
    codes: readonly string[],
    call: () => Promise<T>,
  ): Promise<T | undefined> {
    const { ledger } = this.story;
    try {
      const value = await call();
      ledger.count(`${what}: done`);
      return value;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      ledger.count(`${what}: ${code}`);
      if (error !== ENOUGH && !codes.includes(code)) ledger.add(`${what} rejected with ${String(error)}`);
      return undefined;
    }
  }

  /** What acquisitions reject with: whatever the weather, a wait that runs out is one. */
  protected get acquiring(): readonly string[] {
    return ['ERR_ACQUIRE_TIMEOUT', ...this.#changing];
  }

  /** The same of those that do not wait. */
  protected get trying(): readonly string[] {
    return ['ERR_STORE_UNAVAILABLE', ...this.#changing];
  }

  /** Where the number changes, there may be fewer than are wanted. */
  get #changing(): readonly string[] {
    return this.story.mayChange ? ['ERR_INVALID_ARGUMENT'] : [];
  }

  /** How long it waits, and sometimes a signal that ends that before. */
  protected patience(): { readonly timeoutMs: number; readonly signal?: AbortSignal } {
    return { timeoutMs: this.dice.between(200, 6_000), ...this.impatience() };
  }

  protected impatience(): { readonly signal?: AbortSignal } {
    if (!this.dice.chance(0.1)) return {};
    const controller = new AbortController();
    this.machine.setTimer(this.dice.between(0, 1_500), 'foreground', () => controller.abort(ENOUGH));
    return { signal: controller.signal };
  }

  /** Works with what was got, if anything was, and gives it back. */
  protected async hold(held: Held | undefined): Promise<void> {
    if (held === undefined) return;
    await this.work(held);
    if (this.dice.chance(0.03)) {
      this.isAbandoned = true;
      return;
    }
    const timeoutMs = this.dice.pick(undefined, undefined, this.dice.between(50, 3_000));
    await this.#release(held, timeoutMs);
    if (this.dice.chance(0.2)) await this.#release(held, undefined);
  }

  protected async work(held: Held): Promise<void> {
    const { dice } = this;
    this.story.ledger.onGot(held, this.sinceMs);
    await this.#sleep(dice.between(0, dice.pick(0, 200, 1.5 * this.story.ttlMs)));
    if (dice.chance(0.2)) await this.attempt('refresh', ['ERR_LEASE_LOST'], () => held.refresh());
  }

  async #release(held: Held, timeoutMs: number | undefined): Promise<void> {
    const { ledger, ttlMs } = this.story;
    const startedMs = ledger.nowMs;
    const impatience = this.impatience();
    const options = { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...impatience };
    const { wasStopped } = this;
    // Where a permit was lost, a release of the others may be under way, in a rhythm of its own.
    const isFirst = held.isHeld;
    await this.attempt('release', ['ERR_STORE_UNAVAILABLE'], async () => {
      try {
        await held.release(options);
      } catch (error) {
        const runs = wasStopped === this.wasStopped && impatience.signal === undefined;
        if (error === ENOUGH) ledger.onLetBe(held);
        if (runs && isFirst) this.#onFailed(held, startedMs, timeoutMs ?? Math.min(ttlMs, 8_000), error);
        throw error;
      }
      const left = ledger.stillThere(held);
      if (left.length > 0) ledger.add(`${left.join()} was released, and is there`);
    });
    if (held.isHeld) ledger.add(`${held.locks.join()} was released, and is held`);
  }

  /** A release gives up when its time is over, not before, and not after it has slept through a time to try again. */
  #onFailed(held: Held, startedMs: number, timeoutMs: number, error: unknown): void {
    const { ledger, ttlMs } = this.story;
    const tookMs = ledger.nowMs - startedMs;
    if (Math.abs(tookMs - timeoutMs) > 1) ledger.add(`a release gave up after ${tookMs} of ${timeoutMs} ms`);
    const lock = error instanceof GcsMutexError ? error.lock : '';
    if (!held.locks.includes(lock)) ledger.add(`a release of ${held.locks.join()} names ${lock}`);
    const rationMs = Math.min(1_000, ttlMs / 3);
    const idleMs = ledger.nowMs - ledger.lastDeleteMs(lock, startedMs);
    if (idleMs > rationMs + SHORTEST_PAUSE_MS + 2)
      ledger.add(`the last attempt to release ${lock} was ${idleMs} ms before the end`);
  }
}
