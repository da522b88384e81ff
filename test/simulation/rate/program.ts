import { GcsMutexError } from '../../../src/errors.ts';
import { GcsRateLimiter, type GcsRateLimiterOptions } from '../../../src/rate/rate-limiter.ts';
import { Dice } from '../dice.ts';
import type { Network } from '../network.ts';
import type { Process } from '../process.ts';
import type { Actor, Stage } from '../stage.ts';
import { BUCKET, NAME, ORIGIN } from '../wire.ts';
import type { Ledger } from './ledger.ts';

/** How a program uses its limiter. */
export interface Habits {
  /** The longest pause between two calls. */
  readonly idleMs: number;
  /** How many it takes at once at the most. */
  readonly mostCount: number;
}

/** A program that takes permits of the shipped limiter in every way, until its process dies. */
export class Program implements Actor {
  readonly #stage: Stage;
  readonly #process: Process;
  readonly #ledger: Ledger;
  readonly #dice: Dice;
  readonly #habits: Habits;
  readonly #limiter: GcsRateLimiter;
  #isRetiring = false;
  #isIdle = false;

  constructor(
    stage: Stage,
    process: Process,
    network: Network,
    ledger: Ledger,
    options: GcsRateLimiterOptions,
    habits: Habits,
  ) {
    this.#stage = stage;
    this.#process = process;
    this.#ledger = ledger;
    this.#habits = habits;
    this.#dice = new Dice(stage.seed, process.number, 5);
    this.#limiter = new GcsRateLimiter(
      BUCKET,
      NAME,
      { ...options, apiEndpoint: ORIGIN },
      { clock: process, random: this.#dice, transport: network.transportOf(process, () => undefined) },
    );
    void this.#live();
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  retire(): void {
    this.#isRetiring = true;
  }

  kill(): void {}

  async #live(): Promise<void> {
    while (!this.#isRetiring) {
      await this.#process.sleep(this.#dice.between(0, this.#habits.idleMs));
      if (this.#isRetiring) break;
      await this.#turn().catch((error: unknown) => this.#expect(error));
    }
    await this.#limiter.release({ timeoutMs: 5_000 }).catch((error: unknown) => this.#expect(error));
    this.#isIdle = true;
  }

  async #turn(): Promise<void> {
    const dice = this.#dice;
    const isCalm = this.#process.nowMs >= this.#stage.calmMs;
    const count = isCalm ? 1 : 1 + Math.floor(dice.draw() * this.#habits.mostCount);
    const way = dice.draw();
    // Whoever waits long enough in the end has something.
    if (isCalm || way < 0.5) return this.#take(count, isCalm ? 60_000 : dice.between(50, 4_000));
    if (way < 0.6) {
      // Many at once.
      const takes = Array.from({ length: 4 }, () => this.#take(count, dice.between(50, 4_000)));
      for (const taken of await Promise.allSettled(takes)) {
        if (taken.status === 'rejected') this.#expect(taken.reason);
      }
      return;
    }
    if (way < 0.93) {
      const { ok } = await this.#limiter.tryTake(count);
      if (ok) this.#onTaken(count);
      return;
    }
    if (way < 0.97) return this.#limiter.release({ timeoutMs: dice.between(50, 3_000) });
    await this.#limiter.status();
  }

  async #take(count: number, timeoutMs: number): Promise<void> {
    const controller = new AbortController();
    if (this.#dice.chance(0.1) && this.#process.nowMs < this.#stage.calmMs) {
      void this.#process
        .sleep(this.#dice.between(0, timeoutMs))
        .then(() => controller.abort(new GivenUp('the caller gave up')));
    }
    await this.#limiter.take(count, { timeoutMs, signal: controller.signal });
    this.#onTaken(count);
  }

  #onTaken(count: number): void {
    this.#ledger.onTaken(this.#process.number, count, this.#process.nowMs);
    this.#stage.tell(this.#process, 21, () => `takes ${count}`);
  }

  /** An error of the library's own, or the caller's: nothing else may ever come out. */
  #expect(error: unknown): void {
    if (error instanceof GcsMutexError || error instanceof GivenUp) return;
    const what = error instanceof Error ? error.stack : String(error);
    this.#ledger.add(this.#process.nowMs, `an unexpected error: ${what}`);
  }
}

class GivenUp extends Error {}
