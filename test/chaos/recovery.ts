import type { ChaosBelief, ChaosEvent, Recovery, RecoveryTimes, RunFacts } from './history.ts';

type Strike = Extract<ChaosEvent, { readonly kind: Recovery['cause'] }>;

/** How much later a deadline must lie to be another one: looks are a little uncertain, refreshes are not. */
const EXTENSION_SHARE = 0.1;

/**
 * Every fault that ended a holding, with the time until another process was given the lock.
 *
 * A fault ended a holding where the deadline that its worker believed in never moved again, and the worker did not let
 * go by itself. Where only the answers of the store are lost, its refreshes still arrive: that is left out.
 */
export function findRecoveries(
  events: readonly ChaosEvent[],
  beliefs: readonly ChaosBelief[],
  ttlMs: number,
): readonly Recovery[] {
  const outages = intervals(events);
  const released = new Set(
    events.flatMap((event) => (event.kind === 'left' && event.how !== 'lost' ? [event.leaseId] : [])),
  );
  const grants = events.filter((event) => event.kind === 'believes');
  const deadlines = deadlinesOf(events);
  const recoveries = new Map<string, Recovery>();
  for (const event of events) {
    if (!isStrike(event)) continue;
    const { worker, kind: cause, atMs: fromMs } = event;
    const belief = beliefs.find(
      (each) =>
        each.worker === worker &&
        each.incarnation === event.incarnation &&
        each.fromMs <= fromMs &&
        fromMs < each.untilMs,
    );
    if (belief === undefined || released.has(belief.leaseId) || recoveries.has(belief.leaseId)) continue;
    const known = deadlines.get(belief.leaseId) ?? [];
    const latest = (isBefore: boolean): number =>
      Math.max(-Infinity, ...known.flatMap(([atMs, endMs]) => (atMs <= fromMs === isBefore ? [endMs] : [])));
    if (latest(false) > latest(true) + EXTENSION_SHARE * ttlMs) continue;
    const next = grants.find((each) => each.leaseId !== belief.leaseId && each.atMs > fromMs);
    if (next === undefined) continue;
    const hadOutage = outages.some(([begin, end]) => begin < next.atMs && end > fromMs);
    const { leaseId } = belief;
    recoveries.set(leaseId, { worker, leaseId, cause, fromMs, untilMs: next.atMs, hadOutage });
  }
  return [...recoveries.values()];
}

/** Undefined where nothing had to recover. */
export function recoveryTimes(recoveries: readonly Recovery[], facts: RunFacts): RecoveryTimes | undefined {
  const times = recoveries
    .filter(({ hadOutage }) => !hadOutage)
    .map(({ fromMs, untilMs }) => untilMs - fromMs)
    .toSorted((one, other) => one - other);
  const worstMs = times.at(-1);
  if (worstMs === undefined) return undefined;
  // The nearest rank: a time that was really taken.
  const rank = (share: number): number => times[Math.ceil(share * times.length) - 1] ?? worstMs;
  const boundMs = recoveryBound(facts);
  return {
    count: times.length,
    medianMs: rank(0.5),
    p99Ms: rank(0.99),
    worstMs,
    boundMs,
    beyondBoundCount: times.filter((tookMs) => tookMs > boundMs).length,
  };
}

/**
 * How long it may take until the next lease is believed in, on a machine that is never late (faults.md, row 36): by the
 * store's clock a ttl, the skew, the whole seconds of `Date`, and one poll; by observation a ttl with the drift and the
 * skew, from a poll that may come a poll after the last refresh.
 */
function recoveryBound({ ttlMs, clockSkewMs, pollMs, takeover }: RunFacts): number {
  return takeover === 'server-clock'
    ? ttlMs + clockSkewMs + 1_000 + pollMs
    : 1.05 * ttlMs + clockSkewMs + 2 * pollMs;
}

function isStrike(event: ChaosEvent): event is Strike {
  if (event.kind === 'partition-begins') return event.direction !== 'from-store';
  return event.kind === 'killed' || event.kind === 'paused' || event.kind === 'blocked';
}

/** Each lease's looks, as their time and the deadline that they knew. */
function deadlinesOf(events: readonly ChaosEvent[]): Map<string, (readonly [number, number])[]> {
  const deadlines = new Map<string, (readonly [number, number])[]>();
  for (const event of events) {
    if (!('isHeld' in event) || !event.isHeld) continue;
    const atMs = event.kind === 'look' ? event.atMs : event.lookedAtMs;
    const known = deadlines.get(event.leaseId) ?? [];
    known.push([atMs, atMs + event.remainingMs]);
    deadlines.set(event.leaseId, known);
  }
  return deadlines;
}

function intervals(events: readonly ChaosEvent[]): (readonly [number, number])[] {
  return events.flatMap((event, index) => {
    if (event.kind !== 'outage-begins') return [];
    const end = events.slice(index).find(({ kind }) => kind === 'outage-ends');
    return [[event.atMs, end?.atMs ?? Infinity] as const];
  });
}
