import type { Dice } from '../dice.ts';
import type { Process } from '../process.ts';

/** What a program makes of a resource. */
export interface LiveObject {
  readonly resource: string;
  isUsed: boolean;
  isOver: boolean;
}

/** An error of the program's own, when it makes a live object or ends one. */
export class OwnError extends Error {}

/** Who is told of what happens to live objects. */
interface Told {
  wrong(what: string): void;
  /** A resource is used from now on, to make a live object of it. */
  onCreate(resource: string): void;
  /** None was made, and the resource is used no more. */
  onFailure(resource: string): void;
}

/** Makes and ends the live objects of one program, and sees to it that each is used as is promised. */
export class LiveWatch {
  readonly #process: Process;
  readonly #dice: Dice;
  readonly #told: Told;
  /** Those that are not over. */
  readonly #objects = new Set<LiveObject>();
  /** The resources on which something is being made or ended. */
  readonly #busy = new Map<string, number>();

  constructor(process: Process, dice: Dice, told: Told) {
    this.#process = process;
    this.#dice = dice;
    this.#told = told;
  }

  get count(): number {
    return this.#objects.size;
  }

  /** Whether something is under way on a resource, which must not be given back meanwhile. */
  isBusy(resource: string): boolean {
    return (this.#busy.get(resource) ?? 0) > 0;
  }

  readonly create = async (
    resource: string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<LiveObject> => {
    if ([...this.#objects].some((each) => each.resource === resource))
      this.#told.wrong(`a second live object is made of ${resource}`);
    this.#told.onCreate(resource);
    try {
      await this.#work(resource);
      if (this.#dice.chance(0.5)) signal.throwIfAborted();
    } catch (error) {
      this.#told.onFailure(resource);
      throw error;
    }
    const object = { resource, isUsed: false, isOver: false };
    this.#objects.add(object);
    return object;
  };

  readonly destroy = async (object: LiveObject, resource: string): Promise<void> => {
    if (object.resource !== resource)
      this.#told.wrong(`a live object of ${object.resource} ends as of ${resource}`);
    if (object.isOver) this.#told.wrong(`a live object of ${resource} is ended twice`);
    if (object.isUsed) this.#told.wrong(`a live object of ${resource} is ended while it is used`);
    object.isOver = true;
    this.#objects.delete(object);
    await this.#work(resource);
  };

  /** A program begins to use what it was given. */
  onUse(object: LiveObject | undefined, resource: string): void {
    if (object === undefined) return this.#told.wrong(`there is no live object of ${resource}`);
    if (object.resource !== resource)
      this.#told.wrong(`a live object of ${object.resource} is given for ${resource}`);
    if (object.isOver || object.isUsed)
      this.#told.wrong(`a live object of ${resource} is given that is not free`);
    object.isUsed = true;
  }

  /** Something that takes its time, and fails now and then. */
  async #work(resource: string): Promise<void> {
    this.#busy.set(resource, (this.#busy.get(resource) ?? 0) + 1);
    await this.#process.sleep(this.#dice.pick(0, this.#dice.between(0, 100)));
    this.#busy.set(resource, (this.#busy.get(resource) ?? 0) - 1);
    if (this.#dice.chance(0.1)) throw new OwnError(`${resource} does not work`);
  }
}
