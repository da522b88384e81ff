interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
}

/** Real time: a queue of what is still to happen, earliest first, in the order of asking at one moment. */
export class Timeline {
  #nowMs = 0;
  #order = 0;
  readonly #heap: Entry[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, act: () => void): void {
    const heap = this.#heap;
    const entry = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, act };
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  /** Does what comes next; false where nothing does before `endMs`, which it then is. */
  step(endMs: number): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.atMs >= endMs) {
      this.#nowMs = endMs;
      return false;
    }
    this.#removeFirst();
    this.#nowMs = first.atMs;
    first.act();
    return true;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      const right = heap[childIndex + 1];
      if (child === undefined) break;
      if (right !== undefined && isBefore(right, child)) {
        childIndex += 1;
        child = right;
      }
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}
