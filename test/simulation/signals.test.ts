import { describe, expect, it } from 'vitest';
import { withPlainSignals } from './signals.ts';
import { play } from './world.ts';

describe('the plain signals of the simulator', () => {
  it('let worlds go as they go with those of the platform', async () => {
    const seeds = Array.from({ length: 20 }, (_, index) => 500 + index);
    const usual = await Promise.all(seeds.map((seed) => play(seed)));
    const controllers = new Set([AbortController]);
    let plain: typeof usual = [];
    await withPlainSignals(async () => {
      controllers.add(AbortController);
      plain = await Promise.all(seeds.map((seed) => play(seed)));
    });
    expect(plain).toEqual(usual);
    expect(controllers.size).toBe(2);
    expect(controllers).toContain(AbortController);
  });
});
