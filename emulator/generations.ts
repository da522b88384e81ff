/** How a new generation relates to those before it. */
export type GenerationOrder = 'increasing' | 'decreasing' | 'random';

/** The smallest number that is written in 16 digits, as today's generations are. */
const SMALLEST = 1_000_000_000_000_000n;

/** Half of the bits of a number that `scattered` gives. */
const HALF_BITS = 26;
const HALF = 2 ** HALF_BITS;

/**
 * The numbers of all objects of one emulated service: 16 digits, as the service's are, and never the same
 * twice, whatever the clock does. Google promises uniqueness and no order ("Generation numbers and
 * preconditions"), hence the orders beside `increasing`.
 */
export class Generations {
  readonly #order: GenerationOrder;
  readonly #seed: number;
  #count = 0;
  #last: bigint | undefined;

  /**
   * @param order - default `increasing`: microseconds since the epoch, as the service has them today.
   * @param seed - a whole number that decides the random order. Default 1.
   */
  constructor(order: GenerationOrder = 'increasing', seed = 1) {
    if (!Number.isSafeInteger(seed))
      throw new RangeError(`generationSeed must be a whole number, got ${seed}.`);
    this.#order = order;
    this.#seed = seed;
  }

  /** @param nowMs - epoch milliseconds by the service's clock. */
  next(nowMs: number): bigint {
    const fromClock = BigInt(Math.max(0, nowMs)) * 1000n;
    const floor = fromClock > SMALLEST ? fromClock : SMALLEST;
    const last = this.#last;
    let next: bigint;
    if (this.#order === 'random') next = SMALLEST + scattered(this.#count, this.#seed);
    else if (this.#order === 'decreasing') next = last === undefined ? floor * 2n : last - 1n;
    else next = last === undefined || floor > last ? floor : last + 1n;
    this.#count += 1;
    this.#last = next;
    return next;
  }
}

/**
 * The number at a place in a random order of all numbers below 2 ** 52: a Feistel network, which gives each of
 * them at exactly one place, so that nothing has to be remembered to keep them unique.
 */
function scattered(index: number, seed: number): bigint {
  let [left, right] = [Math.floor(index / HALF), index % HALF];
  for (let round = 0; round < 4; round += 1) {
    [left, right] = [right, (left ^ mixed(right, seed + round)) & (HALF - 1)];
  }
  return BigInt(left) * BigInt(HALF) + BigInt(right);
}

/** Mixes two numbers into 32 bits: the last steps of MurmurHash3. */
function mixed(value: number, salt: number): number {
  let bits = Math.imul(value ^ Math.imul(salt + 1, 0x9e_37_79_b1), 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0xc2_b2_ae_35);
  return bits ^ (bits >>> 16);
}
