/** Chance from keys: the same keys give the same draws for ever, and other keys unrelated ones (mulberry32). */
export class Dice {
  #state = 0x9e37_79b9;

  /** @param keys - whole numbers: the seed of a run, and what in it the draws are for. */
  constructor(...keys: readonly number[]) {
    for (const key of keys) {
      this.#state = Math.imul(this.#state ^ key, 0x85eb_ca6b) >>> 0;
      this.#state = (this.#state ^ (this.#state >>> 13)) >>> 0;
    }
  }

  /** In [0, 1). */
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
    return this.#hex() + this.#hex() + this.#hex() + this.#hex();
  }

  /** In the form of a UUID; that one draw is enough for one world keeps it quick. */
  uuid(): string {
    return `${this.#hex()}-0000-4000-8000-000000000000`;
  }

  #hex(): string {
    return Math.floor(this.draw() * 4_294_967_296)
      .toString(16)
      .padStart(8, '0');
  }
}
