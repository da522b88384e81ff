import { beliefsOf, findOverlaps, type Look } from '../../src/cli/demo/overlap.ts';
import {
  type ChaosBelief,
  type ChaosEvent,
  type ChaosVerdict,
  FAULT_KINDS,
  type FaultKind,
  type LateWrite,
  type LostUpdate,
  type RunFacts,
} from './history.ts';
import { findRecoveries, recoveryTimes } from './recovery.ts';

/*
 * What counts, exactly:
 *
 * A belief of a lease begins with the first look that says `isHeld`, and ends with the first that does not, or at the
 * deadline that the last one knew, whichever is earlier. A worker that was stopped or killed is counted as if it had
 * gone on looking: what it could not do does not excuse anybody.
 *
 * Overlap: two beliefs of different leases share a moment. Nothing excuses it.
 *
 * Late write: one that arrives at the counter outside of the beliefs of its own lease. It was sent by a worker that
 * had looked, found its lease held, and was then kept from sending it in time. No lock can exclude that; a resource
 * that compares fencing tokens can.
 *
 * Lost update: a write that is not late, and finds another value than its worker had read. It is not counted only
 * where every write of others that came between is itself a late one; a late write is counted as that.
 */

type Write = Extract<ChaosEvent, { readonly kind: 'write' }>;

/** Checks the events of a run, in order of time. */
export function check(
  facts: RunFacts,
  events: readonly ChaosEvent[],
): { readonly beliefs: readonly ChaosBelief[]; readonly verdict: ChaosVerdict } {
  const beliefs = findBeliefs(events);
  const leaseIds = new Set(beliefs.map(({ leaseId }) => leaseId));
  const writes = events.filter((event) => event.kind === 'write');
  const lateWrites = new Map<Write, LateWrite>();
  for (const write of writes) {
    const late = lateness(write, beliefs, events);
    if (late !== undefined) lateWrites.set(write, late);
  }
  const recoveries = findRecoveries(events, beliefs, facts.ttlMs);
  const count = (kind: ChaosEvent['kind']): number => events.filter((event) => event.kind === kind).length;
  const verdict: ChaosVerdict = {
    overlaps: findOverlaps(beliefs),
    lostUpdates: findLostUpdates(events, new Set(lateWrites.keys())),
    troubles: findTroubles(events),
    lateWrites: [...lateWrites.values()],
    leaseCount: leaseIds.size,
    takeoverCount: events.filter((event) => event.kind === 'believes' && event.wasTakenOver).length,
    entryCount: count('enter'),
    writeCount: writes.length,
    closestMs: closest(beliefs),
    faultCounts: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, count(kind)])) as Record<
      FaultKind,
      number
    >,
    recoveries,
    recoveryTimes: recoveryTimes(recoveries, facts),
  };
  return { beliefs, verdict };
}

/** Whether a run shows what it should; otherwise it ends with exit code 1. */
export function isClean({ overlaps, lostUpdates, troubles }: ChaosVerdict): boolean {
  return overlaps.length + lostUpdates.length + troubles.length === 0;
}

/** A true look is a moment of belief at least, however little the lease says is left: 1 µs. */
const LEAST_MS = 0.001;

function findBeliefs(events: readonly ChaosEvent[]): readonly ChaosBelief[] {
  const incarnations = new Map<string, number>();
  const looks: Look[] = [];
  for (const event of events) {
    if (!('isHeld' in event)) continue;
    const { worker, leaseId, isHeld } = event;
    incarnations.set(leaseId, event.incarnation);
    const atMs = event.kind === 'look' ? event.atMs : event.lookedAtMs;
    const remainingMs = Math.max(event.remainingMs, isHeld ? LEAST_MS : 0);
    looks.push({ worker, leaseId, atMs, isHeld, remainingMs });
  }
  return beliefsOf(looks, 'deadline').map(({ worker, leaseId, fromMs, untilMs }) => {
    const incarnation = incarnations.get(leaseId) ?? 0;
    return { worker, incarnation, leaseId, fromMs, untilMs };
  });
}

function lateness(
  write: Write,
  beliefs: readonly ChaosBelief[],
  events: readonly ChaosEvent[],
): LateWrite | undefined {
  const { worker, leaseId, atMs } = write;
  const ofLease = beliefs.filter((belief) => belief.leaseId === leaseId);
  if (ofLease.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)) return undefined;
  const endMs = Math.max(...ofLease.map(({ untilMs }) => untilMs).filter((untilMs) => untilMs <= atMs));
  const own = events.filter((event) => 'worker' in event && event.worker === worker);
  const happened = (begin: ChaosEvent['kind'], end: ChaosEvent['kind']): boolean =>
    own.some((event) => {
      if (event.kind !== begin || event.atMs >= atMs) return false;
      const over = own.find((later) => later.kind === end && later.atMs >= event.atMs);
      return (over?.atMs ?? Infinity) > write.lookedAtMs;
    });
  return {
    worker,
    leaseId,
    atMs,
    lateByMs: atMs - endMs,
    cause: causeOf(happened('paused', 'resumed'), happened('blocked', 'unblocked')),
    hasSuccessor: hasSuccessor(write, events),
  };
}

function causeOf(wasPaused: boolean, wasBlocked: boolean): LateWrite['cause'] {
  if (wasPaused) return 'paused';
  return wasBlocked ? 'blocked' : 'slow';
}

/** Whether a lease that entered later than this one had done so when the write arrived. */
function hasSuccessor(write: Write, events: readonly ChaosEvent[]): boolean {
  const enteredAtMs = events.find((event) => event.kind === 'enter' && event.leaseId === write.leaseId)?.atMs;
  return events.some(
    (event) =>
      event.kind === 'enter' &&
      event.leaseId !== write.leaseId &&
      event.atMs > (enteredAtMs ?? write.lookedAtMs) &&
      event.atMs < write.atMs,
  );
}

function findLostUpdates(
  events: readonly ChaosEvent[],
  late: ReadonlySet<ChaosEvent>,
): readonly LostUpdate[] {
  const lost: LostUpdate[] = [];
  /** For each lease, what others have written since its last read. */
  const between = new Map<string, Write[]>();
  for (const event of events) {
    if (event.kind === 'read') between.set(event.leaseId, []);
    if (event.kind !== 'write') continue;
    const { worker, leaseId, atMs, basedOn, found } = event;
    const intruders = between.get(leaseId) ?? [];
    const isExcused = intruders.length > 0 && intruders.every((intruder) => late.has(intruder));
    if (found !== basedOn && !late.has(event) && !isExcused) {
      lost.push({ worker, leaseId, atMs, basedOn, found });
    }
    for (const [reader, writes] of between) if (reader !== leaseId) writes.push(event);
  }
  return lost;
}

/** What makes a run prove nothing. */
function findTroubles(events: readonly ChaosEvent[]): readonly string[] {
  const troubles: string[] = [];
  for (const event of events) {
    if (event.kind === 'exited' && event.code !== 0) {
      troubles.push(
        `${event.worker} (${event.incarnation}) ended by itself with exit code ${event.code ?? '?'}`,
      );
    }
    if (event.kind === 'write' && !event.isHeld) {
      troubles.push(`${event.worker} (${event.incarnation}) wrote without its lease`);
    }
  }
  if (!events.some(({ kind }) => kind === 'write')) troubles.push('nobody ever wrote');
  return troubles;
}

function closest(beliefs: readonly ChaosBelief[]): number | undefined {
  let closestMs: number | undefined;
  for (const [index, belief] of beliefs.entries()) {
    const before = beliefs[index - 1];
    if (before === undefined || before.leaseId === belief.leaseId) continue;
    closestMs = Math.min(closestMs ?? Infinity, belief.fromMs - before.untilMs);
  }
  return closestMs;
}
