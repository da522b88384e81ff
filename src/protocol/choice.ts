/**
 * Some of many, each with the same chance, in random order: those who choose at one moment spread out.
 *
 * @param draws - chance, each in [0, 1): as many as are to be chosen, if there are so many.
 */
export function choose<T>(from: readonly T[], draws: readonly number[]): T[] {
  const left = [...from];
  return draws.flatMap((draw) => left.splice(Math.floor(draw * left.length), 1));
}
