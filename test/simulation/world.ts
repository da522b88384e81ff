import { Bucket, type BucketNature } from './bucket.ts';
import { Checker } from './checker.ts';
import { Client, type LockOptions } from './client.ts';
import { Dice } from './dice.ts';
import type { Machine } from './machine.ts';
import { Network } from './network.ts';
import { AT_ONCE_MS, Process } from './process.ts';
import { Story } from './story.ts';
import { Timeline } from './timeline.ts';
import { rest } from './rest.ts';
import { drawMachine, drawNature, drawOptions, freeRecord } from './draws.ts';
import { drawShape, type Shape } from './shapes.ts';

/** How long after the faults have stopped somebody has acquired: every old record has gone stale by then, and been seen to be. */
const PATIENCE_MS = 20_000;

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

/** Plays one run: everything that happens in it follows from the seed, and from the faults that are left out. */
export function play(seed: number, options: RunOptions = {}): Promise<Run> {
  return new World(seed, options).play();
}

/** One machine of the world, with its network and the program that runs there. */
interface Place {
  readonly number: number;
  readonly machine: Machine;
  readonly network: Network;
  readonly options: LockOptions;
  process: Process;
  clients: readonly Client[];
}

/** A bucket, and some machines whose programs contend for its one lock. */
export class World {
  readonly seed: number;
  readonly shape: Shape;
  /** When the faults stop. */
  readonly calmMs: number;
  readonly timeline = new Timeline();
  readonly checker: Checker;
  /** The probability that a process is stopped between two readings of its clock. */
  readonly pauseRate: number;
  readonly #story: Story;
  readonly #without: ReadonlySet<string>;
  readonly #dice: Dice;
  readonly #bucket: Bucket;
  readonly #places: Place[] = [];
  readonly #faults: string[] = [];
  readonly #gapRate: number;
  #processCount = 0;
  #handleCount = 0;
  #sendCount = 0;
  #requestCount = 0;
  #isStirred = true;

  constructor(seed: number, { keepsHistory = false, judgesGuards = true, without = new Set() }: RunOptions) {
    this.seed = seed;
    this.checker = new Checker(judgesGuards);
    this.#without = without;
    this.#story = new Story(keepsHistory);
    const dice = new Dice(seed, 1);
    this.#dice = dice;
    this.shape = drawShape(dice);
    const { calmMs, gapRate, pauseRate, placeCount } = this.shape;
    this.calmMs = dice.between(...calmMs);
    this.#gapRate = dice.pick(...gapRate);
    this.pauseRate = dice.pick(...pauseRate);
    const clockSkewMs = dice.pick(...this.shape.clockSkewMs);
    const nature: BucketNature = drawNature(dice, clockSkewMs);
    this.#bucket = new Bucket(this.checker, nature);
    if (dice.chance(0.3)) this.#bucket.begin(freeRecord(dice));
    for (let number = 0, count = dice.pick(...placeCount); number < count; number++) {
      if (this.happens(`place ${number}`)) this.#settle(number, clockSkewMs, nature.isRationed);
    }
    this.#meddle(dice);
  }

  /** Plays it to its end. */
  async play(): Promise<Run> {
    let endMs = this.calmMs;
    await this.#runUntil(endMs);
    while (this.checker.lastGrantMs <= this.calmMs && endMs < this.calmMs + PATIENCE_MS) {
      endMs += 250;
      await this.#runUntil(endMs);
    }
    const violations = [...this.checker.verdict(endMs, this.calmMs)];
    if (this.#dice.chance(0.3)) violations.push(...(await this.#retire(endMs)));
    return {
      violations,
      grantCount: this.checker.grantCount,
      requestCount: this.#requestCount,
      hash: this.#story.hash,
      faults: this.#faults,
      history: this.#story.lines,
    };
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
    if (!this.#dice.chance(this.#gapRate) || this.timeline.nowMs >= this.calmMs) return;
    this.#sendCount += 1;
    if (!this.happens(`gap ${this.#sendCount}`)) return;
    const inMs = this.#dice.chance(0.3) ? AT_ONCE_MS : this.#dice.between(AT_ONCE_MS, 30);
    this.#interrupt(process, process.nowMs + inMs);
  }

  gapLength(dice: Dice): number {
    return dice.pick(dice.between(1, 300), dice.between(1, 2_500));
  }

  async #runUntil(endMs: number): Promise<void> {
    while (this.timeline.step(endMs)) {
      if (!this.#isStirred) continue;
      this.#isStirred = false;
      await rest();
    }
  }

  /** Everybody comes to an end: nothing may be left behind in any process. */
  async #retire(fromMs: number): Promise<readonly string[]> {
    const clients = this.#places.flatMap((place) => place.clients);
    for (const client of clients) client.retire();
    let endMs = fromMs;
    const isOver = (): boolean =>
      clients.every((client) => client.isIdle) &&
      this.#places.every(({ process }) => process.timerCount === 0 && process.openRequestCount === 0);
    while (!isOver() && endMs < fromMs + RETIREMENT_MS) {
      endMs += 250;
      await this.#runUntil(endMs);
    }
    return this.#places.flatMap(({ process }) => {
      const left = [process.timerCount, process.openRequestCount, process.resumeListenerCount];
      if (left.every((count) => count === 0)) return [];
      return [`process ${process.number} leaves timers, requests, listeners behind: ${left.join(', ')}`];
    });
  }

  /** Puts a machine with its program into the world, to be stopped, killed and started again a few times. */
  #settle(number: number, clockSkewMs: number, isRationed: boolean): void {
    const dice = new Dice(this.seed, 6, number);
    const machine = drawMachine(dice);
    const { shape } = this;
    const options = drawOptions(dice, shape, clockSkewMs, isRationed, machine);
    const network = new Network(this, this.#bucket, number, 3 * options.ttlMs);
    const handleCount = dice.pick(...shape.handleCount);
    const start = (): Pick<Place, 'process' | 'clients'> => {
      const process = new Process(this, machine, (this.#processCount += 1));
      const clients = Array.from({ length: handleCount }, () => {
        return new Client(this, process, network, (this.#handleCount += 1), options);
      });
      return { process, clients };
    };
    const place: Place = { number, machine, network, options, ...start() };
    this.#places.push(place);
    for (let count = dice.pick(...shape.gapCount); count > 0; count--) {
      this.#plan(dice, `gap ${number}:${count}`, () => this.#interrupt(place.process, this.timeline.nowMs));
    }
    for (let count = dice.pick(...shape.killCount); count > 0; count--) {
      this.#plan(dice, `kill ${number}:${count}`, () => {
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
    for (let count = dice.pick(...shape.jumpCount); count > 0; count--) {
      const byMs = dice.pick(-1, 1) * dice.pick(3_600_000, 86_400_000, dice.between(0, 3_000));
      this.#plan(dice, `jump ${number}:${count}`, () => place.process.jump(byMs));
    }
  }

  /** Somebody who knows nothing of the lock's rules edits the object; and in some worlds takes it away. */
  #meddle(dice: Dice): void {
    const change = (method: 'patch' | 'delete', metadata: Readonly<Record<string, string>>) => (): void => {
      const guards = { ifGenerationMatch: undefined, ifMetagenerationMatch: undefined };
      const { status } = this.#bucket.execute({ method, ...guards, metadata }, 'admin', this.timeline.nowMs);
      this.tell(undefined, 13, () => `a stranger's ${method} ${JSON.stringify(metadata)}: ${status}`);
    };
    for (let count = dice.pick(...this.shape.editCount); count > 0; count--) {
      this.#plan(dice, `edit ${count}`, change('patch', { color: 'blue' }));
    }
    if (!dice.chance(0.15)) return;
    const edited = { 'lease-id': dice.leaseId() };
    this.#plan(dice, 'meddling', dice.pick(change('delete', {}), change('patch', edited)));
  }

  #plan(dice: Dice, key: string, act: () => void): void {
    const atMs = dice.between(0, this.calmMs);
    if (this.happens(key)) this.timeline.at(atMs, act);
  }

  #interrupt(process: Process, fromMs: number): void {
    const toMs = fromMs + this.gapLength(process.dice);
    process.interrupt({ fromMs, toMs, kind: process.gapKind(fromMs) });
  }
}
