import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Generations } from '../../emulator/generations.ts';
import { createEmulator } from '../../emulator/index.ts';
import { resource, setUp } from './client.ts';
import type { EmulatorOptions } from '../../emulator/index.ts';

/** The generations of objects that are written at these times. */
async function generationsAt(at: readonly number[], options: EmulatorOptions): Promise<bigint[]> {
  let step = 0;
  const { client } = setUp({ clock: () => at[step] ?? 0, ...options });
  const seen: bigint[] = [];
  for (; step < at.length; step += 1) seen.push(BigInt((await resource(client.insert('x'))).generation));
  return seen;
}

/** How many of the steps from one number to the next go up. */
function risesIn(numbers: readonly bigint[]): number {
  return numbers.filter((number, index) => number > (numbers[index - 1] ?? number)).length;
}

describe('generations', () => {
  it('have 16 digits and never repeat, whatever the clock does', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 4_000_000_000_000 }), { minLength: 2, maxLength: 20 });
    const orders = fc.constantFrom('increasing' as const, 'decreasing' as const, 'random' as const);
    await fc.assert(
      fc.asyncProperty(times, orders, fc.maxSafeInteger(), async (at, generationOrder, generationSeed) => {
        const seen = await generationsAt(at, { generationOrder, generationSeed });
        expect(new Set(seen).size).toBe(at.length);
        for (const generation of seen) expect(generation.toString()).toMatch(/^\d{16}$/);
        const rises = risesIn(seen);
        if (generationOrder === 'increasing') expect(rises).toBe(at.length - 1);
        if (generationOrder === 'decreasing') expect(rises).toBe(0);
      }),
      {
        numRuns: 30,
        examples: [
          [[0, 0], 'decreasing', 1],
          [[1, 0], 'increasing', 1],
        ],
      },
    );
  });

  it('in random order rise as often as they fall, and are spread over their whole range', () => {
    for (const seed of [0, 1, 2, -7, 2 ** 40]) {
      const generations = new Generations('random', seed);
      const seen = Array.from({ length: 1000 }, () => generations.next(0));
      expect(new Set(seen).size).toBe(1000);
      const middle = 10n ** 15n + 2n ** 51n;
      const counts = [
        risesIn(seen),
        seen.filter((number) => number > middle).length,
        seen.filter((number) => number % 2n === 0n).length,
      ];
      for (const count of counts) {
        expect(count).toBeGreaterThan(400);
        expect(count).toBeLessThan(600);
      }
    }
  });

  it('in random order are the same for the same seed, and others for another', async () => {
    const at = [0, 5, 3];
    const first = await generationsAt(at, { generationOrder: 'random', generationSeed: 7 });
    expect(await generationsAt([9, 9, 9], { generationOrder: 'random', generationSeed: 7 })).toEqual(first);
    expect(await generationsAt(at, { generationOrder: 'random', generationSeed: 8 })).not.toEqual(first);
    const byDefault = await generationsAt(at, { generationOrder: 'random' });
    expect(await generationsAt(at, { generationOrder: 'random', generationSeed: 1 })).toEqual(byDefault);
    expect(() => createEmulator({ generationSeed: 0.5 })).toThrow(RangeError);
  });
});
