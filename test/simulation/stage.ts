import type { Dice } from './dice.ts';
import type { Machine } from './machine.ts';
import { AT_ONCE_MS, type Process } from './process.ts';
import { rest } from './rest.ts';
import type { Shape } from './shapes.ts';
import { Story } from './story.ts';
import { Timeline } from './timeline.ts';

/** How long a client may need to end what it has under way. */
const RETIREMENT_MS = 30_000;

export interface RunOptions {
  /** Whether what happens is written down. */
  readonly keepsHistory?: boolean;
  /** Whether a write without its guard is wrong in itself, or only what follows from it. Default true. */
  readonly judgesGuards?: boolean;
  /** The faults that are left out, by their keys. */
  readonly without?: ReadonlySet<string>;
}

export interface Run {
  readonly violations: readonly string[];
  readonly grantCount: number;
  readonly requestCount: number;
  /** Of everything that happened, in order. */
  readonly hash: number;
  /** The keys of the faults that happened, in order. */
  readonly faults: readonly string[];
  /** What happened, where it was asked for. */
  readonly history: readonly string[];
}

/** A program in some process, whatever it does. */
export interface Actor {
  /** Whether it has come to its end and does nothing any more. */
  readonly isIdle: boolean;
  /** Lets it come to its end. */
  retire(): void;
  /** Its process has died. */
  kill(): void;
}

/** One machine of a world, and what runs there at the moment. */
export interface Place {
  readonly number: number;
  readonly machine: Machine;
  process: Process;
  clients: readonly Actor[];
}

/** How much goes wrong in a world. */
export type Trouble = Pick<
  Shape,
  'calmMs' | 'weatherCount' | 'gapCount' | 'killCount' | 'jumpCount' | 'faultRate' | 'gapRate' | 'pauseRate'
>;

/** What every world has, whatever is played there: real time, the faults, and the history. */
export abstract class Stage {
  readonly seed: number;
  readonly trouble: Trouble;
  /** When the faults stop. */
  readonly calmMs: number;
  readonly timeline = new Timeline();
  /** The probability that a process is stopped between two readings of its clock. */
  readonly pauseRate: number;
  protected readonly dice: Dice;
  protected readonly places: Place[] = [];
  readonly #story: Story;
  readonly #without: ReadonlySet<string>;
  readonly #faults: string[] = [];
  readonly #gapRate: number;
  #sendCount = 0;
  #requestCount = 0;
  #isStirred = true;

  constructor(seed: number, dice: Dice, trouble: Trouble, options: RunOptions) {
    const { keepsHistory = false, without = new Set() } = options;
    this.seed = seed;
    this.dice = dice;
    this.trouble = trouble;
    this.#without = without;
    this.#story = new Story(keepsHistory);
    this.calmMs = dice.between(...trouble.calmMs);
    this.#gapRate = dice.pick(...trouble.gapRate);
    this.pauseRate = dice.pick(...trouble.pauseRate);
  }

  /** Writes down what happens. `code` stands for it in the hash. */
  tell(process: Process | undefined, code: number, text: () => string): void {
    this.#story.tell(process, process?.nowMs ?? this.timeline.nowMs, code, text);
  }

  /** Code of the library may have run: it must come to rest before the world goes on. */
  stir(): void {
    this.#isStirred = true;
  }

  /** Whether a fault takes place: it does unless it is left out. */
  happens(key: string): boolean {
    if (this.#without.has(key)) return false;
    this.#faults.push(key);
    return true;
  }

  /** Told of each request as it leaves. */
  onSend(process: Process): void {
    this.#requestCount += 1;
    if (!this.dice.chance(this.#gapRate) || this.timeline.nowMs >= this.calmMs) return;
    this.#sendCount += 1;
    if (!this.happens(`gap ${this.#sendCount}`)) return;
    const inMs = this.dice.chance(0.3) ? AT_ONCE_MS : this.dice.between(AT_ONCE_MS, 30);
    this.#interrupt(process, process.nowMs + inMs);
  }

  gapLength(dice: Dice): number {
    return dice.pick(dice.between(1, 300), dice.between(1, 2_500));
  }

  protected async runUntil(endMs: number): Promise<void> {
    while (this.timeline.step(endMs)) {
      if (!this.#isStirred) continue;
      this.#isStirred = false;
      await rest();
    }
  }

  protected runOf(violations: readonly string[], grantCount: number): Run {
    return {
      violations,
      grantCount,
      requestCount: this.#requestCount,
      hash: this.#story.hash,
      faults: this.#faults,
      history: this.#story.lines,
    };
  }

  /** Everybody comes to an end: nothing may be left behind in any process. */
  protected async retire(fromMs: number): Promise<readonly string[]> {
    const clients = this.places.flatMap((place) => place.clients);
    for (const client of clients) client.retire();
    let endMs = fromMs;
    const isOver = (): boolean =>
      clients.every((client) => client.isIdle) &&
      this.places.every(({ process }) => process.timerCount === 0 && process.openRequestCount === 0);
    while (!isOver() && endMs < fromMs + RETIREMENT_MS) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    return this.places.flatMap(({ process }) => {
      const left = [process.timerCount, process.openRequestCount, process.resumeListenerCount];
      if (left.every((count) => count === 0)) return [];
      return [`process ${process.number} leaves timers, requests, listeners behind: ${left.join(', ')}`];
    });
  }

  /** Puts a machine with its program into the world, to be stopped, killed and started again a few times. */
  protected settle(
    number: number,
    machine: Machine,
    dice: Dice,
    start: () => Pick<Place, 'process' | 'clients'>,
  ): void {
    const place: Place = { number, machine, ...start() };
    this.places.push(place);
    const { gapCount, killCount, jumpCount } = this.trouble;
    for (let count = dice.pick(...gapCount); count > 0; count--) {
      this.plan(dice, `gap ${number}:${count}`, () => this.#interrupt(place.process, this.timeline.nowMs));
    }
    for (let count = dice.pick(...killCount); count > 0; count--) {
      this.plan(dice, `kill ${number}:${count}`, () => {
        // One that is stopped does nothing until it goes on, so that it may as well die then.
        place.process.at(this.timeline.nowMs, () => {
          if (this.timeline.nowMs >= this.calmMs) return;
          place.process.kill();
          for (const client of place.clients) client.kill();
          Object.assign(place, start());
        });
      });
    }
    if (machine.kind !== 'is-set') return;
    for (let count = dice.pick(...jumpCount); count > 0; count--) {
      const byMs = dice.pick(-1, 1) * dice.pick(3_600_000, 86_400_000, dice.between(0, 3_000));
      this.plan(dice, `jump ${number}:${count}`, () => place.process.jump(byMs));
    }
  }

  protected plan(dice: Dice, key: string, act: () => void): void {
    const atMs = dice.between(0, this.calmMs);
    if (this.happens(key)) this.timeline.at(atMs, act);
  }

  #interrupt(process: Process, fromMs: number): void {
    const toMs = fromMs + this.gapLength(process.dice);
    process.interrupt({ fromMs, toMs, kind: process.gapKind(fromMs) });
  }
}
