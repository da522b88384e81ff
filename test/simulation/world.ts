import { Bucket, type BucketNature } from './bucket.ts';
import { Checker } from './checker.ts';
import { Client } from './client.ts';
import { Dice } from './dice.ts';
import { Network } from './network.ts';
import { Process } from './process.ts';
import { drawMachine, drawNature, drawOptions, freeRecord } from './draws.ts';
import { drawShape, type Shape } from './shapes.ts';
import { type Run, type RunOptions, Stage } from './stage.ts';

/** How long after the faults have stopped somebody has acquired: every old record has gone stale by then, and been seen to be. */
const PATIENCE_MS = 20_000;

/** Plays one run: everything that happens in it follows from the seed, and from the faults that are left out. */
export function play(seed: number, options: RunOptions = {}): Promise<Run> {
  return new World(seed, options).play();
}

/** A bucket, and some machines whose programs contend for its one lock. */
export class World extends Stage {
  readonly shape: Shape;
  readonly checker: Checker;
  readonly #bucket: Bucket;
  #processCount = 0;
  #handleCount = 0;

  constructor(seed: number, options: RunOptions) {
    const dice = new Dice(seed, 1);
    const shape = drawShape(dice);
    super(seed, dice, shape, options);
    this.shape = shape;
    this.checker = new Checker(options.judgesGuards ?? true);
    const clockSkewMs = dice.pick(...shape.clockSkewMs);
    const nature: BucketNature = drawNature(dice, clockSkewMs);
    this.#bucket = new Bucket(this.checker, nature);
    if (dice.chance(0.3)) this.#bucket.begin(freeRecord(dice));
    for (let number = 0, count = dice.pick(...shape.placeCount); number < count; number++) {
      if (this.happens(`place ${number}`)) this.#settle(number, clockSkewMs, nature.isRationed);
    }
    this.#meddle(dice);
  }

  /** Plays it to its end. */
  async play(): Promise<Run> {
    let endMs = this.calmMs;
    await this.runUntil(endMs);
    while (this.checker.lastGrantMs <= this.calmMs && endMs < this.calmMs + PATIENCE_MS) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    const violations = [...this.checker.verdict(endMs, this.calmMs)];
    if (this.dice.chance(0.3)) violations.push(...(await this.retire(endMs)));
    return this.runOf(violations, this.checker.grantCount);
  }

  /** Puts a machine with its program into the world. */
  #settle(number: number, clockSkewMs: number, isRationed: boolean): void {
    const dice = new Dice(this.seed, 6, number);
    const machine = drawMachine(dice);
    const options = drawOptions(dice, this.shape, clockSkewMs, isRationed, machine);
    const network = new Network(this, this.#bucket, number, 3 * options.ttlMs);
    const handleCount = dice.pick(...this.shape.handleCount);
    this.settle(number, machine, dice, () => {
      const process = new Process(this, machine, (this.#processCount += 1));
      const clients = Array.from({ length: handleCount }, () => {
        return new Client(this, process, network, (this.#handleCount += 1), options);
      });
      return { process, clients };
    });
  }

  /** Somebody who knows nothing of the lock's rules edits the object; and in some worlds takes it away. */
  #meddle(dice: Dice): void {
    const change = (method: 'patch' | 'delete', metadata: Readonly<Record<string, string>>) => (): void => {
      const guards = { ifGenerationMatch: undefined, ifMetagenerationMatch: undefined };
      const { status } = this.#bucket.execute({ method, ...guards, metadata }, 'admin', this.timeline.nowMs);
      this.tell(undefined, 13, () => `a stranger's ${method} ${JSON.stringify(metadata)}: ${status}`);
    };
    for (let count = dice.pick(...this.shape.editCount); count > 0; count--) {
      this.plan(dice, `edit ${count}`, change('patch', { color: 'blue' }));
    }
    if (!dice.chance(0.15)) return;
    const edited = { 'lease-id': dice.leaseId() };
    this.plan(dice, 'meddling', dice.pick(change('delete', {}), change('patch', edited)));
  }
}
