import type { GcsEventOptions } from '../../../src/event/event.ts';
import { Bucket } from '../bucket.ts';
import { Dice } from '../dice.ts';
import { drawMachine, drawNature } from '../draws.ts';
import { Network } from '../network.ts';
import { Process } from '../process.ts';
import { type Run, type RunOptions, Stage, type Trouble } from '../stage.ts';
import { Ledger } from './ledger.ts';
import { Program } from './program.ts';

/** How long after the faults have stopped everybody has set or cleared the event. */
const PATIENCE_MS = 30_000;

/** How much goes wrong. No process is stopped between two readings of its clock: when a call began and ended is such a reading. */
const TROUBLE: Trouble = {
  calmMs: [500, 3_000],
  weatherCount: [0, 0, 1, 2],
  gapCount: [0, 0, 1],
  killCount: [0, 0, 0, 1],
  jumpCount: [0, 1],
  faultRate: [0.05, 0.2, 0.5],
  gapRate: [0, 0.02],
  pauseRate: [0],
};

/** Plays one run of an event: everything that happens in it follows from the seed. */
export function playEvent(seed: number, options: RunOptions = {}): Promise<Run> {
  return new EventWorld(seed, options).play();
}

/** A bucket, and some machines whose programs set, clear and wait for one event. */
class EventWorld extends Stage {
  readonly #ledger: Ledger;
  readonly #bucket: Bucket;
  #processCount = 0;

  constructor(seed: number, options: RunOptions) {
    const dice = new Dice(seed, 17);
    super(seed, dice, TROUBLE, options);
    const nature = drawNature(dice, 0);
    this.#ledger = new Ledger(options.judgesGuards ?? true);
    this.#bucket = new Bucket(this.#ledger, nature);
    for (let number = 0, count = dice.pick(2, 2, 3); number < count; number++) {
      if (this.happens(`place ${number}`)) this.#settle(number, nature.isRationed);
    }
  }

  async play(): Promise<Run> {
    let endMs = this.calmMs;
    await this.runUntil(endMs);
    const isOver = (): boolean =>
      this.places.every(({ process }) => this.#ledger.lastMs(process.number) > this.calmMs);
    while (!isOver() && endMs < this.calmMs + PATIENCE_MS) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    if (!isOver()) this.#ledger.add(endMs, 'somebody gets nothing done any more');
    const left = this.dice.chance(0.3) ? await this.retire(endMs) : [];
    return this.runOf([...this.#ledger.verdict(), ...left], this.#ledger.writeCount);
  }

  #settle(number: number, isRationed: boolean): void {
    const dice = new Dice(this.seed, 18, number);
    const machine = drawMachine(dice);
    const options: GcsEventOptions = {
      requestTimeoutMs: dice.pick(200, 1_000),
      mutationIntervalMs: isRationed ? 500 : dice.pick(50, 300),
      backoff: { minMs: dice.pick(10, 50), maxMs: dice.pick(100, 600), factor: 2 },
    };
    const idleMs = dice.pick(20, 100, 500);
    const network = new Network(this, this.#bucket, number, 1_500);
    this.settle(number, machine, dice, () => {
      const process = new Process(this, machine, (this.#processCount += 1));
      return { process, clients: [new Program(this, process, network, this.#ledger, options, idleMs)] };
    });
  }
}
