import { join } from 'node:path';
import { plant } from '../simulation/planted/build.ts';
import { DIST } from './dist.ts';
import type { Leak } from './leaks.ts';
import { soak } from './soak.ts';
import { judge } from './verdict.ts';

/** A leak that adds up with each call is seen after each kind of call has been made a few times. */
const SHORT = {
  durationMs: 1,
  leaseCount: 5,
  refreshesPerS: 20,
  // What stays does so for ever; that others might need longer on a busy machine is no matter here.
  farewellMs: 5_000,
  plan: { warmUpMs: 0, warmUpCalls: 36, leastSamples: 1 },
};

/** Soaks a copy of the compiled library with a leak in it. Gives everything that is said to be wrong. */
export async function soakWith(leak: Leak): Promise<readonly string[]> {
  using build = plant(leak, ['src', 'test/soak'], DIST);
  return judge(await soak({ ...SHORT, program: join(build.folder, 'test/soak/soaked.js') }));
}
