import * as fc from 'fast-check';
import { expect } from 'vitest';

/** How many runs each property of this folder gets: `FUZZ_RUNS`. `FUZZ_SEED` replays those of a report. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const SEED = process.env['FUZZ_SEED'];

/** A million runs take minutes. */
export const FUZZ_TIMEOUT_MS = 3_600_000;

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

/**
 * Tries a property, which must leave no rejection unhandled; what fails says with which seed.
 *
 * @param share - of the runs, for a property whose runs are long.
 */
export async function tryOut<T>(
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => Promise<void>,
  share = 1,
): Promise<void> {
  const checked = fc.asyncProperty(arbitrary, async (value) => {
    await property(value);
    if (unhandled.length > 0) expect(unhandled.splice(0), 'no rejection is left unhandled').toEqual([]);
  });
  const seed = SEED === undefined ? {} : { seed: Number(SEED) };
  await fc.assert(checked, { numRuns: Math.ceil(RUNS * share), ...seed });
}
