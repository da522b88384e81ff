import type { Sample } from './sample.ts';
import { type Soaked, TREND_SAMPLES } from './soak.ts';

/** What a trend may be at the most. Less cannot be told from the noise of a short run. */
export interface Bound {
  /** By how much it may grow with each call or refresh that ended meanwhile. */
  readonly perCall: number;
  /** By how much it may grow besides, whatever happened. */
  readonly atMost: number;
}

/** How one figure developed. */
export interface Trend {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** By how much it rose, by the slope of all samples. */
  readonly rise: number;
  readonly mayRise: number;
}

/**
 * A call that leaves a lease, a listener or a closure behind leaves more than this in the heap. The rest is for what the
 * refreshes that are under way have in it, and for what the library remembers of calls up to a bound.
 */
const HEAP: Bound = { perCall: 100, atMost: 3 * 2 ** 20 };
/** Refreshes come in bursts, each with timers and a socket while it is under way. */
const COUNT: Bound = { perCall: 0.02, atMost: 100 };

/** What is counted, of every sample. */
const FIGURES: readonly {
  readonly name: string;
  readonly of: (sample: Sample) => number;
  readonly bound: Bound;
}[] = [
  { name: 'heap', of: ({ heapBytes }) => heapBytes, bound: HEAP },
  { name: 'outside the heap', of: ({ outsideBytes }) => outsideBytes, bound: HEAP },
  { name: 'leases', of: ({ leases }) => leases, bound: COUNT },
  { name: 'timers', of: ({ timers }) => timers, bound: COUNT },
  { name: 'open files and sockets', of: ({ descriptors }) => descriptors, bound: COUNT },
  {
    name: 'what keeps the process alive',
    of: ({ active }) => Object.values(active).reduce((sum, count) => sum + count, 0),
    bound: { perCall: 0, atMost: 3 },
  },
];

export function trendsOf(samples: readonly Sample[]): readonly Trend[] {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (first === undefined || last === undefined) return [];
  const calls = last.callCount + last.refreshCount - first.callCount - first.refreshCount;
  return FIGURES.map(({ name, of, bound }) => ({
    name,
    first: of(first),
    last: of(last),
    rise: slope(samples, of) * (last.atMs - first.atMs),
    mayRise: bound.atMost + bound.perCall * calls,
  }));
}

/** Everything that must not be, one sentence each; none where the library leaves nothing behind. */
export function judge(soaked: Soaked): readonly string[] {
  const { samples, plan, heldCount, troubles, farewellMs } = soaked;
  const wrong = [...new Set(troubles)];
  if (samples.length < TREND_SAMPLES) wrong.push(`only ${samples.length} samples were taken`);
  for (const { name, rise, mayRise } of trendsOf(samples)) {
    if (rise > mayRise) wrong.push(`${name} rose by ${Math.round(rise)}, and may by ${Math.round(mayRise)}`);
  }
  const listeners = Math.max(...samples.map((sample) => sample.listeners));
  if (listeners > 0) wrong.push(`listeners left on the signal of calls that have ended: ${listeners}`);
  const ofLeases = Math.max(...samples.map((sample) => sample.leaseListeners));
  if (ofLeases > 1) wrong.push(`listeners on the signal that leases share: ${ofLeases}`);
  const leases = Math.max(...samples.map((sample) => sample.leases));
  if (leases > plan.leaseCount + 1)
    wrong.push(`ended leases that are still there: ${leases - plan.leaseCount - 1}`);
  if (heldCount !== plan.leaseCount + 1) wrong.push(`only ${heldCount} leases were held to the end`);
  if (farewellMs === undefined) wrong.push('the process did not end by itself with only leases left');
  return wrong;
}

/** The slope of a figure over time: the median of those between every two samples, which no outlier moves. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const slopes = samples.flatMap((one, index) =>
    samples.slice(index + 1).map((other) => (of(other) - of(one)) / (other.atMs - one.atMs)),
  );
  slopes.sort((one, other) => one - other);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
