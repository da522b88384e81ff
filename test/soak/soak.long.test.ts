import { describe, expect, it } from 'vitest';
import { LEAKS } from './leaks.ts';
import { soakWith } from './planted.ts';
import { soak } from './soak.ts';
import { judge } from './verdict.ts';

describe('a process with many leases', () => {
  it('leaves nothing behind of calls that ended, loses no lease, and ends by itself', async () => {
    const soaked = await soak({ durationMs: 6_000, leaseCount: 50, refreshesPerS: 20 });
    expect(judge(soaked)).toEqual([]);
    expect(soaked.samples.at(-1)?.refreshCount).toBeGreaterThanOrEqual(50);
    expect(soaked.faultCount).toBeGreaterThan(0);
  });

  it.each(LEAKS)('would be found out: $name', async (leak) => {
    const wrong = await soakWith(leak);
    expect(
      wrong.some((what) => leak.isFoundAs.test(what)),
      wrong.join('\n'),
    ).toBe(true);
  });
});
