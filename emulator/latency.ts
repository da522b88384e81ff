/**
 * How long answers are under way, in milliseconds. Every number is drawn from `latencySeed`, so that the same seed
 * gives the same delays.
 *
 * `uniform`: between two times, each time as likely. `logNormal`: a long tail, as services have it: half of the answers
 * come within `medianMs`, 99 in 100 within `p99Ms`. `percentiles`: as measured somewhere, such as
 * `[[0, 5], [0.5, 20], [0.99, 300], [1, 2000]]`; between two points the time grows evenly.
 */
export type LatencyDistribution =
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'logNormal'; readonly medianMs: number; readonly p99Ms: number }
  | { readonly kind: 'percentiles'; readonly points: readonly (readonly [share: number, ms: number])[] };

/** The value that 99 of 100 draws of a standard normal distribution stay below. */
const NORMAL_P99 = 2.326_347_874;

/**
 * Makes a latency that is drawn anew for each answer.
 *
 * @param seed - a whole number; the same seed gives the same latencies.
 * @throws RangeError for a distribution that has no sense.
 */
export function drawLatency(distribution: LatencyDistribution, seed: number): () => number {
  check(distribution);
  const draw = seededDraws(seed);
  switch (distribution.kind) {
    case 'uniform': {
      const { fromMs, toMs } = distribution;
      return () => fromMs + draw() * (toMs - fromMs);
    }
    case 'logNormal': {
      const { medianMs, p99Ms } = distribution;
      const sigma = Math.log(p99Ms / medianMs) / NORMAL_P99;
      return () => medianMs * Math.exp(sigma * normal(draw));
    }
    case 'percentiles': {
      const { points } = distribution;
      return () => at(points, draw());
    }
    default:
      return distribution satisfies never;
  }
}

function check(distribution: LatencyDistribution): void {
  switch (distribution.kind) {
    case 'uniform':
      checkRising('fromMs', 'toMs', distribution.fromMs, distribution.toMs, 0);
      return;
    case 'logNormal':
      checkRising('medianMs', 'p99Ms', distribution.medianMs, distribution.p99Ms, Number.MIN_VALUE);
      return;
    case 'percentiles': {
      const { points } = distribution;
      const [first, last] = [points.at(0), points.at(-1)];
      const isRising = points.every(([share, ms], index) => {
        const [shareBefore, msBefore] = points[index - 1] ?? [-1, 0];
        return share > shareBefore && ms >= msBefore && ms < Number.POSITIVE_INFINITY;
      });
      if (first?.[0] !== 0 || last?.[0] !== 1 || !isRising) {
        throw new RangeError('The points of a latency must rise from share 0 to share 1, in times from 0.');
      }
      return;
    }
    default:
      distribution satisfies never;
  }
}

function checkRising(lowName: string, highName: string, low: number, high: number, least: number): void {
  if (!(low >= least && high >= low && high < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`A latency needs 0 <= ${lowName} <= ${highName}, got ${low} and ${high}.`);
  }
}

/** The time at a share of all answers, on the line through the points. */
function at(points: readonly (readonly [number, number])[], share: number): number {
  const next = points.findIndex(([upTo]) => upTo > share);
  const [[fromShare, fromMs], [toShare, toMs]] = [points[next - 1] ?? [0, 0], points[next] ?? [1, 0]];
  return fromMs + ((share - fromShare) / (toShare - fromShare)) * (toMs - fromMs);
}

/** One draw of a standard normal distribution (Box and Muller). */
function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/** Numbers in [0, 1): mulberry32, small and even enough for delays. */
function seededDraws(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`latencySeed must be a whole number, got ${seed}.`);
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
