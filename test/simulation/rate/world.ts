import type { GcsRateLimiterOptions } from '../../../src/rate/rate-limiter.ts';
import { Bucket } from '../bucket.ts';
import { Dice } from '../dice.ts';
import { drawMachine, drawNature } from '../draws.ts';
import { Network } from '../network.ts';
import { Process } from '../process.ts';
import { type Run, type RunOptions, Stage, type Trouble } from '../stage.ts';
import { Ledger } from './ledger.ts';
import { Program } from './program.ts';

/** How long after the faults have stopped everybody has taken something. */
const PATIENCE_MS = 30_000;

/**
 * How much goes wrong. A share is over a second, a ttl, a window and the skew after it was written: faults go on for long
 * enough that others have it again meanwhile. No process is stopped between two readings of its clock: what is looked at is when a
 * permit is handed out, and that is right after such a reading.
 */
const TROUBLE: Trouble = {
  calmMs: [1_500, 5_000],
  weatherCount: [0, 0, 1, 2],
  gapCount: [0, 0, 1, 2],
  killCount: [0, 0, 0, 1],
  jumpCount: [0, 1, 2],
  faultRate: [0.02, 0.15, 0.4],
  gapRate: [0, 0.02, 0.1],
  pauseRate: [0],
};

/** Plays one run of the rate limiter: everything that happens in it follows from the seed. */
export function playRate(seed: number, options: RunOptions = {}): Promise<Run> {
  return new RateWorld(seed, options).play();
}

/** A bucket, and some machines whose programs share one limit. */
class RateWorld extends Stage {
  readonly #ledger: Ledger;
  readonly #bucket: Bucket;
  readonly #rate: { readonly limit: number; readonly windowMs: number };
  readonly #clockSkewMs: number;
  readonly #isRationed: boolean;
  #processCount = 0;

  constructor(seed: number, options: RunOptions) {
    const dice = new Dice(seed, 7);
    super(seed, dice, TROUBLE, options);
    this.#clockSkewMs = dice.pick(0, 0, 300, 1_000);
    const nature = { ...drawNature(dice, this.#clockSkewMs), otherDateSkewMs: 0 };
    this.#isRationed = nature.isRationed;
    this.#rate = { limit: dice.pick(1, 2, 3, 5, 12), windowMs: dice.pick(200, 500, 2_000) };
    this.#ledger = new Ledger(this.#rate.limit, this.#rate.windowMs, options.judgesGuards ?? true);
    this.#bucket = new Bucket(this.#ledger, nature);
    for (let number = 0, count = dice.pick(1, 2, 2, 3); number < count; number++) {
      if (this.happens(`place ${number}`)) this.#settle(number);
    }
    // Somebody who knows nothing of the limiter edits the object.
    for (let count = dice.pick(0, 0, 1); count > 0; count--)
      this.plan(dice, `edit ${count}`, () => this.#edit());
  }

  async play(): Promise<Run> {
    let endMs = this.calmMs;
    await this.runUntil(endMs);
    const isOver = (): boolean => this.places.every(({ process }) => this.#hasTaken(process));
    while (!isOver() && endMs < this.calmMs + PATIENCE_MS) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    for (const { process } of this.places) {
      if (!this.#hasTaken(process))
        this.#ledger.add(endMs, `process ${process.number} gets nothing any more`);
    }
    const left = this.dice.chance(0.3) ? await this.retire(endMs) : [];
    return this.runOf([...this.#ledger.verdict(), ...left], this.#ledger.takeCount);
  }

  /** Longer than a share lasts, and a window, now and then. */
  override gapLength(dice: Dice): number {
    return dice.pick(dice.between(1, 300), dice.between(1, 2_500), dice.between(1_000, 6_000));
  }

  #hasTaken({ number }: Process): boolean {
    return this.#ledger.lastMs(number) > this.calmMs;
  }

  #settle(number: number): void {
    const dice = new Dice(this.seed, 8, number);
    const machine = drawMachine(dice);
    const ttlMs = Math.floor(dice.pick(900, dice.between(700, 2_000)));
    const isOnce = dice.chance(0.15);
    const options: GcsRateLimiterOptions = {
      ...this.#rate,
      ttlMs,
      once: isOnce,
      clockSkewMs: this.#clockSkewMs,
      requestTimeoutMs: dice.pick(200, 1_000, 3 * ttlMs),
      mutationIntervalMs: Math.min(this.#isRationed ? 500 : dice.pick(100, 300), ttlMs / 3),
      backoff: { minMs: dice.pick(20, 100), maxMs: dice.pick(200, 600), factor: 2 },
    };
    const habits = {
      idleMs: dice.pick(20, 100, 1_000),
      mostCount: Math.ceil(dice.pick(1, 1, this.#rate.limit / 2, this.#rate.limit)),
    };
    const network = new Network(this, this.#bucket, number, 3 * ttlMs);
    this.settle(number, machine, dice, () => {
      const process = new Process(this, machine, (this.#processCount += 1));
      return { process, clients: [new Program(this, process, network, this.#ledger, options, habits)] };
    });
  }

  #edit(): void {
    const guards = { ifGenerationMatch: undefined, ifMetagenerationMatch: undefined };
    const call = { method: 'patch', ...guards, metadata: { color: 'blue' } } as const;
    const { status } = this.#bucket.execute(call, 'admin', this.timeline.nowMs);
    this.tell(undefined, 13, () => `a stranger's edit: ${status}`);
  }
}
