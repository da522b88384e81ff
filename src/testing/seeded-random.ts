import type { Random } from '../platform/random.ts';

/**
 * Chance that is the same for the same seed: for tests that must be repeatable (mulberry32, which is good
 * enough for jitter and ids of a test, and for nothing that must be secret).
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += Math.floor(draw() * 16).toString(16);
    return text;
  };
  return {
    draw,
    leaseId: () => hex(32),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
  };
}
