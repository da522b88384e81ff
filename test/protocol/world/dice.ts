/** Chance from a seed: the same seed gives the same draws for ever. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) >>> 0;
  }

  /** In [0, 1): mulberry32. */
  draw(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(min: number, max: number): number {
    return min + this.draw() * (max - min);
  }

  chance(probability: number): boolean {
    return this.draw() < probability;
  }

  pick<T>(first: T, ...others: readonly T[]): T {
    const index = Math.floor(this.draw() * (others.length + 1));
    return index === 0 ? first : (others[index - 1] ?? first);
  }

  /** 32 hexadecimal digits. */
  leaseId(): string {
    let id = '';
    for (let part = 0; part < 4; part++) {
      id += Math.floor(this.draw() * 4_294_967_296)
        .toString(16)
        .padStart(8, '0');
    }
    return id;
  }
}
