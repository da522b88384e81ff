/**
 * One look of a process at `lease.isHeld`: what the judge is told, and all that it judges by.
 *
 * `atMs` is read before a look that says true, and after one that says false, so that neither the scheduler
 * nor a SIGSTOP in the middle of a look can make a belief seem shorter at its end than it may have been.
 */
export interface Look {
  readonly worker: string;
  readonly leaseId: string;
  /** On the clock that all processes of the machine share. */
  readonly atMs: number;
  readonly isHeld: boolean;
  /** What `lease.remainingMs` said: until then the process goes on believing though it does not look again. */
  readonly remainingMs: number;
}

/** A time during which a process believed that it holds the lock: from `fromMs` up to, not including, `untilMs`. */
export interface Belief {
  readonly worker: string;
  readonly leaseId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Two beliefs at once: what must never be. */
export interface Overlap {
  readonly workers: readonly [string, string];
  readonly fromMs: number;
  readonly forMs: number;
}

/** The judgement over all looks of a run. */
export interface Verdict {
  readonly overlaps: readonly Overlap[];
  readonly leaseCount: number;
  readonly lookCount: number;
  /** The shortest time between the end of one belief and the beginning of the next; undefined below two. */
  readonly closestMs: number | undefined;
}

/**
 * How a belief ends whose end nobody saw.
 *
 * `deadline`: at the deadline that the last look knew of. A killed process is counted as if it had lived on,
 * and a stopped one as if it had looked all the time; only a look that says false ends it sooner.
 * `proven`: at the last look that said true, which is all that is certain while further reports may be on
 * their way. It accuses nobody wrongly, at any time.
 */
export type Tail = 'deadline' | 'proven';

/** The beliefs that the looks show, in the order of their beginning. */
export function beliefsOf(looks: readonly Look[], tail: Tail): readonly Belief[] {
  const byLease = new Map<string, Look[]>();
  for (const look of looks) {
    const known = byLease.get(look.leaseId);
    if (known === undefined) byLease.set(look.leaseId, [look]);
    else known.push(look);
  }
  return [...byLease.values()]
    .flatMap((ofLease) => beliefsOfLease(ofLease, tail))
    .toSorted((one, other) => one.fromMs - other.fromMs);
}

/** Every pair of beliefs of two leases that share a moment. */
export function findOverlaps(beliefs: readonly Belief[]): readonly Overlap[] {
  const overlaps: Overlap[] = [];
  for (const [index, one] of beliefs.entries()) {
    for (const other of beliefs.slice(index + 1)) {
      const fromMs = Math.max(one.fromMs, other.fromMs);
      const forMs = Math.min(one.untilMs, other.untilMs) - fromMs;
      if (forMs <= 0 || one.leaseId === other.leaseId) continue;
      overlaps.push({ workers: [one.worker, other.worker], fromMs, forMs });
    }
  }
  return overlaps;
}

/** The judgement once every process has ended, when no further look can come. */
export function judge(looks: readonly Look[]): Verdict {
  const beliefs = beliefsOf(looks, 'deadline');
  return {
    overlaps: findOverlaps(beliefs),
    leaseCount: new Set(looks.map((look) => look.leaseId)).size,
    lookCount: looks.length,
    closestMs: closest(beliefs),
  };
}

function beliefsOfLease(looks: readonly Look[], tail: Tail): readonly Belief[] {
  const inOrder = looks.toSorted((one, other) => one.atMs - other.atMs);
  const beliefs: Belief[] = [];
  for (const [index, look] of inOrder.entries()) {
    if (!look.isHeld) continue;
    const untilMs = endOf(look, inOrder[index + 1], tail);
    const last = beliefs.at(-1);
    if (last?.untilMs === look.atMs) beliefs[beliefs.length - 1] = { ...last, untilMs };
    else beliefs.push({ worker: look.worker, leaseId: look.leaseId, fromMs: look.atMs, untilMs });
  }
  return beliefs;
}

function endOf(look: Look, next: Look | undefined, tail: Tail): number {
  // True twice in a row: true all along, whatever the deadline was, since a refresh may have moved it.
  if (next?.isHeld === true) return next.atMs;
  if (tail === 'proven') return look.atMs;
  const deadlineMs = look.atMs + look.remainingMs;
  return next === undefined ? deadlineMs : Math.min(next.atMs, deadlineMs);
}

function closest(beliefs: readonly Belief[]): number | undefined {
  let closestMs: number | undefined;
  for (const [index, belief] of beliefs.entries()) {
    const before = beliefs[index - 1];
    if (before === undefined || before.leaseId === belief.leaseId) continue;
    closestMs = Math.min(closestMs ?? Infinity, belief.fromMs - before.untilMs);
  }
  return closestMs;
}
