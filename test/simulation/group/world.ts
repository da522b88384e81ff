import type { Components } from '../../../src/components.ts';
import type { BucketNature, Sender } from '../bucket.ts';
import type { Checker } from '../checker.ts';
import type { LockOptions } from '../client.ts';
import { Dice } from '../dice.ts';
import { drawMachine, drawNature, drawOptions } from '../draws.ts';
import { Network } from '../network.ts';
import { Process } from '../process.ts';
import { drawShape, type Shape } from '../shapes.ts';
import { type Actor, type Run, type RunOptions, Stage } from '../stage.ts';
import { BUCKET, type Metadata } from '../wire.ts';
import type { GroupJudge } from './judge.ts';
import { LastProgram } from './last-program.ts';
import { Shelf } from './shelf.ts';

/** How long after the faults have stopped somebody has acquired, and how long the last one may wait. */
const PATIENCE_MS = 20_000;

/** No request is longer under way than this where nothing happens to it. */
const LONGEST_TRIP_MS = 50;

/** Where a program runs, and how it wants its locks. */
export interface Post {
  readonly process: Process;
  readonly network: Network;
  readonly handle: number;
  readonly options: LockOptions;
}

/** Names of objects, at least one. */
export type Names = readonly [string, ...string[]];

/** A bucket, and some machines whose programs contend for the locks of its one group. */
export abstract class GroupWorld extends Stage {
  readonly shape: Shape;
  abstract readonly judge: GroupJudge;
  readonly shelf: Shelf;
  readonly #name: string;
  readonly #clockSkewMs: number;
  readonly #nature: BucketNature;
  /** When the last request has come, however late. */
  #quietMs = 0;
  #processCount = 0;
  #handleCount = 0;

  /** @param name - of the group. */
  constructor(seed: number, options: RunOptions, name: string) {
    const dice = new Dice(seed, 1);
    const shape = drawShape(dice);
    super(seed, dice, shape, options);
    this.shape = shape;
    this.#name = name;
    this.#clockSkewMs = dice.pick(...shape.clockSkewMs);
    this.#nature = drawNature(dice, this.#clockSkewMs);
    this.shelf = new Shelf(this.#nature, options.judgesGuards ?? true, (written, metadata, sender) =>
      this.onWrite(written, metadata, sender),
    );
  }

  /** Plays it to its end: when everybody has gone, one who comes then gets all that there is. */
  async play(): Promise<Run> {
    const { judge } = this;
    let endMs = this.calmMs;
    await this.runUntil(endMs);
    while (judge.lastGrantMs <= this.calmMs && endMs < this.calmMs + PATIENCE_MS) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    if (judge.lastGrantMs <= this.calmMs) judge.add(endMs, 'nobody acquired after the faults stopped');
    const left = await this.retire(endMs);
    const violations = judge.verdict(this.shelf, this.timeline.nowMs);
    return this.runOf([...violations, ...left, ...(await this.#last())], judge.grantCount);
  }

  /** Who watches the lock at a URL. */
  checkerOf(url: string): Checker {
    return this.shelf.checkerOf(url.slice(`gs://${BUCKET}/`.length));
  }

  /** An object was written, and is so now. */
  protected abstract onWrite(name: string, metadata: Metadata, sender: Sender): void;

  /** Takes all that there is, and gives it back. */
  protected abstract takeAll(components: Components): Promise<unknown>;

  /** Puts the machines with their programs into the world. */
  protected populate(start: (post: Post) => Actor): void {
    for (let number = 0, count = this.dice.pick(...this.shape.placeCount); number < count; number++) {
      if (this.happens(`place ${number}`)) this.#settle(number, start);
    }
  }

  /** Strangers edit the objects, and in some worlds take a lock away. */
  protected meddle(edited: Names, taken: Names): void {
    const { dice } = this;
    const change = (below: string, method: 'patch' | 'delete', metadata: Metadata) => (): void => {
      const guards = { ifGenerationMatch: undefined, ifMetagenerationMatch: undefined };
      const call = { method, name: encodeURIComponent(`${this.#name}/${below}`), ...guards, metadata };
      const { status } = this.shelf.execute(call, 'admin', this.timeline.nowMs);
      const what = `${method} of ${below} ${JSON.stringify(metadata)}`;
      this.tell(undefined, 13, () => `a stranger's ${what}: ${status}`);
    };
    for (let count = dice.pick(...this.shape.editCount); count > 0; count--) {
      this.plan(dice, `edit ${count}`, change(dice.pick(...edited), 'patch', { color: 'blue' }));
    }
    if (!dice.chance(0.15)) return;
    const otherId = { 'lease-id': dice.leaseId() };
    const below = dice.pick(...taken);
    this.plan(dice, 'meddling', dice.pick(change(below, 'delete', {}), change(below, 'patch', otherId)));
  }

  #settle(number: number, start: (post: Post) => Actor): void {
    const dice = new Dice(this.seed, 6, number);
    const machine = drawMachine(dice);
    const options = drawOptions(dice, this.shape, this.#clockSkewMs, this.#nature.isRationed, machine);
    const latestMs = 3 * options.ttlMs;
    this.#quietMs = Math.max(this.#quietMs, this.calmMs + latestMs);
    const network = new Network(this, this.shelf, number, latestMs);
    const handleCount = dice.pick(...this.shape.handleCount);
    this.settle(number, machine, dice, () => {
      const process = new Process(this, machine, (this.#processCount += 1));
      const clients = Array.from({ length: handleCount }, () =>
        start({ process, network, handle: (this.#handleCount += 1), options }),
      );
      return { process, clients };
    });
  }

  async #last(): Promise<readonly string[]> {
    // What those who have gone asked for may come to the store after them, and change what there is.
    await this.runUntil(Math.max(this.timeline.nowMs + LONGEST_TRIP_MS, this.#quietMs));
    const process = new Process(this, drawMachine(new Dice(this.seed, 7)), (this.#processCount += 1));
    const network = new Network(this, this.shelf, this.places.length, 0);
    const components = {
      clock: process,
      random: new Dice(this.seed, 8),
      transport: network.transportOf(process, () => undefined),
      memory: process.memory,
    };
    const last = new LastProgram(process, () => this.takeAll(components));
    const untilMs = this.timeline.nowMs + PATIENCE_MS;
    for (let endMs = this.timeline.nowMs; !last.isIdle && endMs < untilMs;) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    return last.wrong();
  }
}
