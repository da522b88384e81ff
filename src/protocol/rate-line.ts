/** What one process in the line would like. */
export interface Wish {
  readonly wanted: number;
  readonly needed: number;
}

/**
 * How many permits of a window each of a line is entitled to.
 *
 * First everybody, in the order of the line, gets what it can begin with, where that is still there; whoever gets
 * nothing has to wait for its turn. What is left is shared out so that nobody gets more than it wants, and whoever gets
 * less than that gets no less than anybody else.
 */
export function entitlements(line: readonly Wish[], limit: number): readonly number[] {
  let left = limit;
  const least = line.map(({ wanted, needed }) => {
    const count = wanted === 0 || needed > left ? 0 : needed;
    left -= count;
    return count;
  });
  const most = line.map(({ wanted }, index) => {
    const count = least[index] ?? 0;
    return count === 0 ? 0 : Math.max(wanted, count);
  });
  const upTo = (level: number): number[] =>
    least.map((count, index) => Math.max(count, Math.min(level, most[index] ?? 0)));
  const level = highestLevel((tried) => sum(upTo(tried)) <= limit, limit);
  const counts = upTo(level);
  const more = upTo(level + 1);
  // What does not go round evenly goes to the first of the line.
  left = limit - sum(counts);
  return counts.map((count, index) => {
    const extra = Math.min(left, (more[index] ?? count) - count);
    left -= extra;
    return count + extra;
  });
}

/** The largest whole number up to `max` that still fits. 0 does. */
function highestLevel(fits: (level: number) => boolean, max: number): number {
  let low = 0;
  let high = max;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
