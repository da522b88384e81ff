import { documentCodec } from '../../../src/protocol/document-record.ts';
import { PERMITS, PERMITS_NAME, slotIndex, slotName } from '../../../src/protocol/semaphore.ts';
import type { Checker } from '../checker.ts';
import { Dice } from '../dice.ts';
import { drawMachine, drawNature, drawOptions } from '../draws.ts';
import { Network } from '../network.ts';
import { Process } from '../process.ts';
import { drawShape, type Shape } from '../shapes.ts';
import { type Run, type RunOptions, Stage } from '../stage.ts';
import { BUCKET } from '../wire.ts';
import { SemaphoreClient } from './client.ts';
import { Judge } from './judge.ts';
import { LastClient } from './last-client.ts';
import { NAME, type Setting } from './setting.ts';
import { Shelf } from './shelf.ts';

/** How long after the faults have stopped somebody has acquired, and how long the last one may wait. */
const PATIENCE_MS = 20_000;

const PERMITS_CODEC = documentCodec(PERMITS);

/** Plays one run about a semaphore: all of it follows from the seed, and from the faults that are left out. */
export function playSemaphore(seed: number, options: RunOptions = {}): Promise<Run> {
  return new SemaphoreWorld(seed, options).play();
}

/** A bucket, and some machines whose programs contend for the permits of its one semaphore. */
export class SemaphoreWorld extends Stage {
  readonly shape: Shape;
  readonly #judge: Judge;
  readonly #shelf: Shelf;
  readonly #setting: Setting;
  #processCount = 0;
  #handleCount = 0;

  constructor(seed: number, options: RunOptions) {
    const dice = new Dice(seed, 1);
    const shape = drawShape(dice);
    super(seed, dice, shape, options);
    this.shape = shape;
    const clockSkewMs = dice.pick(...shape.clockSkewMs);
    const nature = drawNature(dice, clockSkewMs);
    const permits = dice.pick(1, 2, 2, 3, 4);
    const judge = new Judge(permits, () => this.timeline.nowMs);
    this.#judge = judge;
    this.#shelf = new Shelf(nature, options.judgesGuards ?? true, (name, metadata) => {
      if (name !== `${NAME}/${PERMITS_NAME}`) return;
      const content = PERMITS_CODEC.decode(metadata);
      if (content.kind === 'record') judge.onStored(content.record.value.permits);
    });
    const mayChange = dice.chance(0.3);
    const isStored = dice.chance(0.5) || mayChange;
    if (isStored) {
      const record = { value: { permits }, writeIds: [dice.leaseId()] };
      this.#shelf.begin(`${NAME}/${PERMITS_NAME}`, PERMITS_CODEC.encode(record));
    }
    this.#setting = { permits, isStored, mayChange, judge, checkerOf: (url) => this.#checkerOf(url) };
    for (let number = 0, count = dice.pick(...shape.placeCount); number < count; number++) {
      if (this.happens(`place ${number}`)) this.#settle(number, clockSkewMs, nature.isRationed);
    }
    this.#meddle(dice);
  }

  /** Plays it to its end: when everybody has gone, one who comes then gets all permits. */
  async play(): Promise<Run> {
    const judge = this.#judge;
    let endMs = this.calmMs;
    await this.runUntil(endMs);
    while (judge.lastGrantMs <= this.calmMs && endMs < this.calmMs + PATIENCE_MS) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    const violations = [...judge.verdict(this.#shelf.checkers, endMs, this.calmMs)];
    violations.push(...(await this.retire(endMs)), ...(await this.#last()));
    return this.runOf(violations, judge.grantCount);
  }

  async #last(): Promise<readonly string[]> {
    const process = new Process(this, drawMachine(new Dice(this.seed, 7)), (this.#processCount += 1));
    const network = new Network(this, this.#shelf, this.places.length, 0);
    const last = new LastClient(this, this.#setting, process, network);
    const untilMs = this.timeline.nowMs + PATIENCE_MS;
    for (let endMs = this.timeline.nowMs; !last.isIdle && endMs < untilMs;) {
      endMs += 250;
      await this.runUntil(endMs);
    }
    return last.wrong();
  }

  /** Puts a machine with its programs into the world. */
  #settle(number: number, clockSkewMs: number, isRationed: boolean): void {
    const dice = new Dice(this.seed, 6, number);
    const machine = drawMachine(dice);
    const options = drawOptions(dice, this.shape, clockSkewMs, isRationed, machine);
    const network = new Network(this, this.#shelf, number, 3 * options.ttlMs);
    const handleCount = dice.pick(...this.shape.handleCount);
    this.settle(number, machine, dice, () => {
      const process = new Process(this, machine, (this.#processCount += 1));
      const clients = Array.from({ length: handleCount }, () => {
        return new SemaphoreClient(this, this.#setting, process, network, (this.#handleCount += 1), options);
      });
      return { process, clients };
    });
  }

  #checkerOf(url: string): Checker {
    const name = url.slice(`gs://${BUCKET}/`.length);
    if (slotIndex(name.slice(NAME.length + 1)) === undefined) throw new Error(`a lease on ${url}`);
    return this.#shelf.checkerOf(name);
  }

  /** Strangers edit the objects, and in some worlds take a slot away. */
  #meddle(dice: Dice): void {
    const change =
      (name: string, method: 'patch' | 'delete', metadata: Readonly<Record<string, string>>) => (): void => {
        const guards = { ifGenerationMatch: undefined, ifMetagenerationMatch: undefined };
        const call = { method, name: `${NAME}/${name}`, ...guards, metadata };
        const { status } = this.#shelf.execute(call, 'admin', this.timeline.nowMs);
        const what = `${method} of ${name} ${JSON.stringify(metadata)}`;
        this.tell(undefined, 13, () => `a stranger's ${what}: ${status}`);
      };
    for (let count = dice.pick(...this.shape.editCount); count > 0; count--) {
      const name = dice.pick(PERMITS_NAME, slotName(0), slotName(1));
      this.plan(dice, `edit ${count}`, change(name, 'patch', { color: 'blue' }));
    }
    if (!dice.chance(0.15)) return;
    const edited = { 'lease-id': dice.leaseId() };
    const name = slotName(dice.pick(0, 1));
    this.plan(dice, 'meddling', dice.pick(change(name, 'delete', {}), change(name, 'patch', edited)));
  }
}
