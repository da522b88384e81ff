import type { Fingerprint } from './canon.ts';

/** How a state was first reached, and what is known of it. States are numbered in the order in which they were met. */
export class Seen {
  #capacity = 1 << 16;
  /** Open addressing; 0 for an empty place, else the number of a state, plus 1. */
  #places = new Uint32Array(2 * this.#capacity);
  #highs = new Uint32Array(this.#capacity);
  #lows = new Uint32Array(this.#capacity);
  #parents = new Uint32Array(this.#capacity);
  #moves = new Uint16Array(this.#capacity);
  #faults = new Uint8Array(this.#capacity);
  #depths = new Uint16Array(this.#capacity);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /**
   * Notes a state. Gives its number where it is new, or was only reached with more faults before; else -1.
   *
   * @param move - which of its parent's moves, in order, led to it.
   */
  note({ high, low }: Fingerprint, parent: number, move: number, faults: number): number {
    const id = this.#find(high, low);
    const isNew = id === this.#size;
    if (!isNew && (this.#faults[id] ?? 0) <= faults) return -1;
    if (isNew) this.#size += 1;
    this.#parents[id] = parent;
    this.#moves[id] = move;
    this.#faults[id] = faults;
    this.#depths[id] = isNew && id === 0 ? 0 : (this.#depths[parent] ?? 0) + 1;
    return id;
  }

  /** With how few faults it is reached. */
  faultsOf(id: number): number {
    return this.#faults[id] ?? 0;
  }

  depthOf(id: number): number {
    return this.#depths[id] ?? 0;
  }

  /** The moves that lead to a state from the start, each as its place among the moves of its world. */
  pathTo(id: number): number[] {
    const path: number[] = [];
    for (let at = id; at !== 0; at = this.#parents[at] ?? 0) path.push(this.#moves[at] ?? 0);
    return path.toReversed();
  }

  /** The number of a state; a new one is put in its place. */
  #find(high: number, low: number): number {
    if (this.#size === this.#capacity) this.#grow();
    const mask = this.#places.length - 1;
    let place = low & mask;
    for (;;) {
      const id = (this.#places[place] ?? 0) - 1;
      if (id < 0) break;
      if (this.#lows[id] === low && this.#highs[id] === high) return id;
      place = (place + 1) & mask;
    }
    this.#highs[this.#size] = high;
    this.#lows[this.#size] = low;
    this.#places[place] = this.#size + 1;
    return this.#size;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#highs = grown(this.#highs, new Uint32Array(this.#capacity));
    this.#lows = grown(this.#lows, new Uint32Array(this.#capacity));
    this.#parents = grown(this.#parents, new Uint32Array(this.#capacity));
    this.#moves = grown(this.#moves, new Uint16Array(this.#capacity));
    this.#faults = grown(this.#faults, new Uint8Array(this.#capacity));
    this.#depths = grown(this.#depths, new Uint16Array(this.#capacity));
    this.#places = new Uint32Array(2 * this.#capacity);
    const mask = this.#places.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let place = (this.#lows[id] ?? 0) & mask;
      while (this.#places[place] !== 0) place = (place + 1) & mask;
      this.#places[place] = id + 1;
    }
  }
}

function grown<Numbers extends { set(from: Numbers): void }>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
