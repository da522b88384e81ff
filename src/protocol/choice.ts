/**
 * Some of many, each with the same chance, in random order: those who choose at one moment spread out.
 *
 * @param draws - chance, each in [0, 1): as many as are to be chosen, if there are so many.
 */
export function choose<T>(from: readonly T[], draws: readonly number[]): T[] {
  const shuffled = [...from];
  const count = Math.min(draws.length, shuffled.length);
  for (const [index, draw] of draws.slice(0, count).entries()) {
    const other = index + Math.floor(draw * (shuffled.length - index));
    const [one, another] = [shuffled[index], shuffled[other]];
    if (one === undefined || another === undefined) continue;
    shuffled[index] = another;
    shuffled[other] = one;
  }
  return shuffled.slice(0, count);
}
