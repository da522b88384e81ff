import { fingerprint } from './canon.ts';
import { judge } from './checks.ts';
import { Moves } from './moves.ts';
import { stuck } from './probe.ts';
import { Seen } from './seen.ts';
import { type Config, type Reducers, type Setup, setUp } from './setup.ts';
import { startWorld } from './start.ts';
import type { World } from './world.ts';

/** What an exploration came to. */
export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** The longest of the shortest histories. */
  readonly depth: number;
  /** How many faults were explored to the end. */
  readonly closedFaults: number;
  /** Whether there was nothing left to explore within the bounds. */
  readonly isClosed: boolean;
  /** How many states were asked whether somebody can acquire from there. */
  readonly probes: number;
  readonly grants: number;
  readonly violation: Violation | undefined;
}

export interface Violation {
  readonly what: string;
  readonly faults: number;
  /** Each move as its place among the moves of its world (see `story.ts`). */
  readonly path: readonly number[];
}

export interface Limits {
  readonly maxStates: number;
  readonly reducers?: Reducers;
  /** Whether a request without its guard is wrong in itself; otherwise only what follows from it is. */
  readonly judgesGuards?: boolean;
}

/** One state in so many is asked whether somebody can acquire from there, besides those in which a history ends. */
const PROBE_EVERY = 256;

/** Explores everything that can happen, with few faults before many, and short histories before long ones. */
export function explore(config: Config, limits: Limits): Explored {
  return new Search(setUp(config, limits.reducers), limits).run();
}

/** States that wait to be expanded. */
class Queue {
  #worlds: (World | undefined)[] = [];
  #ids: number[] = [];
  #first = 0;

  push(world: World, id: number): void {
    this.#worlds.push(world);
    this.#ids.push(id);
  }

  shift(): { readonly world: World; readonly id: number } | undefined {
    const world = this.#worlds[this.#first];
    const id = this.#ids[this.#first];
    if (world === undefined || id === undefined) return undefined;
    this.#worlds[this.#first] = undefined;
    this.#first += 1;
    return { world, id };
  }
}

class Search {
  readonly #setup: Setup;
  readonly #limits: Limits;
  readonly #seen = new Seen();
  /** By the number of faults. */
  readonly #queues: readonly Queue[];
  #transitions = 0;
  #depth = 0;
  #probes = 0;
  #grants = 0;
  #violation: Violation | undefined;

  constructor(setup: Setup, limits: Limits) {
    this.#setup = setup;
    this.#limits = limits;
    this.#queues = Array.from({ length: setup.config.maxFaults + 1 }, () => new Queue());
  }

  run(): Explored {
    const start = startWorld(this.#setup);
    this.#seen.note(fingerprint(start), 0, 0, 0);
    this.#queues[0]?.push(start, 0);
    let closedFaults = -1;
    let isFull = false;
    for (const [faults, queue] of this.#queues.entries()) {
      isFull = !this.#drain(queue, faults);
      if (isFull || this.#violation !== undefined) break;
      closedFaults = faults;
    }
    return {
      states: this.#seen.size,
      transitions: this.#transitions,
      depth: this.#depth,
      closedFaults,
      isClosed: closedFaults === this.#setup.config.maxFaults,
      probes: this.#probes,
      grants: this.#grants,
      violation: this.#violation,
    };
  }

  /** Expands what is reached with this many faults; false where the bound of states was reached. */
  #drain(queue: Queue, faults: number): boolean {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      // Reached with fewer faults in the meantime, and expanded then.
      if (this.#seen.faultsOf(next.id) !== faults) continue;
      this.#expand(next.world, next.id, faults);
      if (this.#violation !== undefined) return true;
      if (this.#seen.size >= this.#limits.maxStates) return false;
    }
    return true;
  }

  #expand(world: World, id: number, faults: number): void {
    const canFail = faults < this.#setup.config.maxFaults;
    let count = 0;
    new Moves(this.#setup, world, canFail, (move, next, cost, noted, applied) => {
      const ordinal = count;
      count += 1;
      this.#transitions += 1;
      for (const { kind } of noted) if (kind === 'granted') this.#grants += 1;
      const wrong = judge(this.#setup, world, next, move.client, noted, applied);
      if (wrong !== undefined && !this.#isIgnored(wrong)) this.#report(wrong, faults + cost, id, ordinal);
      const met = this.#seen.note(fingerprint(next), id, ordinal, faults + cost);
      if (met < 0) return;
      this.#depth = Math.max(this.#depth, this.#seen.depthOf(met));
      this.#queues[faults + cost]?.push(next, met);
    }).all();
    if (count > 0 && id % PROBE_EVERY !== 0) return;
    this.#probes += 1;
    const wrong = stuck(this.#setup, world);
    if (wrong !== undefined) this.#report(wrong, faults, id, undefined);
  }

  #isIgnored(wrong: string): boolean {
    return this.#limits.judgesGuards === false && wrong.endsWith('is sent');
  }

  #report(what: string, faults: number, id: number, lastMove: number | undefined): void {
    if (this.#violation !== undefined) return;
    const path = this.#seen.pathTo(id);
    this.#violation = { what, faults, path: lastMove === undefined ? path : [...path, lastMove] };
  }
}
