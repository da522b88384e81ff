import { seededRandom } from '../../../src/testing/index.ts';
import type { ChaosBelief, ChaosEvent, ChaosHistory, FaultKind, Recovery } from '../history.ts';

export interface FixtureOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly workerCount: number;
  /** The mean time between two faults. */
  readonly faultEveryMs: number;
  /** Whether something went wrong: two believed at once, and an update was lost. */
  readonly isBroken?: boolean;
}

const TTL_MS = 3_000;
const BOUND_MS = 5_500;

/** The history of a run that never was, the same for the same seed: for the page to be drawn and tested with. */
export function fixtureHistory(options: FixtureOptions): ChaosHistory {
  const { seed, durationMs, workerCount, isBroken = false } = options;
  const workers = Array.from({ length: workerCount }, (_, index) => `worker-${index + 1}`);
  const run = new Fixture(workers, options);
  run.play();
  const events = run.events.toSorted((one, other) => one.atMs - other.atMs);
  const [first, second] = run.beliefs;
  const hasOverlap = isBroken && first !== undefined && second !== undefined;
  const times = run.recoveries
    .map(({ fromMs, untilMs }) => untilMs - fromMs)
    .toSorted((one, other) => one - other);
  return {
    format: 1,
    facts: {
      store: 'emulator',
      lock: 'gs://chaos/locks/counter',
      ttlMs: TTL_MS,
      marginMs: 300,
      clockSkewMs: 1_000,
      takeover: 'server-clock',
      pollMs: 500,
      seed,
      workers,
      durationMs,
      startedAt: '2026-01-01T00:00:00.000Z',
      commit: undefined,
      command: 'none: </script><script>document.title = "broken out"</script>',
      hasClockJumps: true,
    },
    events,
    beliefs: run.beliefs,
    verdict: {
      overlaps: hasOverlap
        ? [{ workers: [first.worker, second.worker], fromMs: second.fromMs, forMs: 120 }]
        : [],
      lostUpdates: hasOverlap
        ? [{ worker: first.worker, leaseId: first.leaseId, atMs: second.fromMs, basedOn: 4, found: 5 }]
        : [],
      troubles: [],
      lateWrites: run.beliefs
        .filter((_belief, index) => index % 97 === 96)
        .map(({ worker, leaseId, untilMs }) => ({
          worker,
          leaseId,
          atMs: untilMs + 40,
          lateByMs: 40,
          cause: 'paused',
          hasSuccessor: false,
        })),
      leaseCount: run.beliefs.length,
      takeoverCount: run.recoveries.length,
      entryCount: run.beliefs.length,
      writeCount: run.beliefs.length,
      closestMs: 12.5,
      faultCounts: run.faultCounts,
      recoveries: run.recoveries,
      recoveryTimes: {
        count: times.length,
        medianMs: times[times.length >> 1] ?? 0,
        p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
        worstMs: times.at(-1) ?? 0,
        boundMs: BOUND_MS,
        beyondBoundCount: times.filter((ms) => ms > BOUND_MS).length,
      },
    },
  };
}

class Fixture {
  readonly events: ChaosEvent[] = [];
  readonly beliefs: ChaosBelief[] = [];
  readonly recoveries: Recovery[] = [];
  readonly faultCounts: Record<FaultKind, number> = {
    killed: 0,
    paused: 0,
    blocked: 0,
    'partition-begins': 0,
    'outage-begins': 0,
    'clock-jumped': 0,
  };
  readonly #options: FixtureOptions;
  readonly #random;
  #outageUntilMs = 0;
  /** Of each worker: the number of its process, and when it has recovered from its last fault. */
  readonly #workers: Map<string, { incarnation: number; freeAtMs: number }>;

  constructor(workers: readonly string[], options: FixtureOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#workers = new Map(workers.map((worker) => [worker, { incarnation: 1, freeAtMs: 0 }]));
    for (const worker of workers) {
      const atMs = this.#between(0, 400);
      this.events.push(
        { kind: 'started', atMs, worker, incarnation: 1, pid: 1 },
        { kind: 'waiting', atMs: atMs + 5, worker, incarnation: 1 },
      );
    }
  }

  #between(least: number, most: number): number {
    return least + this.#random.draw() * (most - least);
  }

  play(): void {
    const { durationMs, faultEveryMs } = this.#options;
    let faultAtMs = 1_000;
    for (let atMs = 500; atMs < durationMs - 10_000;) {
      const [worker = '', state] = [...this.#workers][Math.floor(this.#between(0, this.#workers.size))] ?? [];
      if (state === undefined) return;
      for (; faultAtMs < atMs; faultAtMs += this.#between(0, 2 * faultEveryMs)) this.#strikeAny(faultAtMs);
      if (state.freeAtMs > atMs) {
        atMs += 5;
        continue;
      }
      atMs = this.#hold(worker, state.incarnation, atMs) + this.#between(10, 60);
    }
  }

  /** One worker gets the lock and lets it go, or loses it. Gives when the lock is free again. */
  #hold(worker: string, incarnation: number, fromMs: number): number {
    const leaseId = this.#random.leaseId();
    const of = { worker, incarnation, leaseId };
    const isStruck = this.#random.draw() < 0.25;
    const untilMs = fromMs + (isStruck ? this.#between(1_500, 2_700) : this.#between(80, 600));
    const freeMs = isStruck ? untilMs + this.#between(500, 2_500) : untilMs;
    this.events.push({ ...of, kind: 'believes', atMs: fromMs, waitedMs: 0, wasTakenOver: false });
    this.beliefs.push({ ...of, fromMs, untilMs });
    if (!isStruck) {
      this.events.push(
        { ...of, kind: 'left', atMs: untilMs, how: 'released', reason: undefined, wasHeld: true },
        { kind: 'waiting', atMs: untilMs + 5, worker, incarnation },
      );
      return freeMs;
    }
    const struckMs = fromMs + this.#between(0, 300);
    const cause = this.#strike(worker, struckMs, freeMs + 100);
    const hadOutage = this.#random.draw() < 0.05;
    this.recoveries.push({ worker, leaseId, cause, fromMs: struckMs, untilMs: freeMs + 40, hadOutage });
    if (cause !== 'killed') {
      const atMs = freeMs + 110;
      this.events.push(
        { ...of, kind: 'left', atMs, how: 'lost', reason: 'expired', wasHeld: false },
        { kind: 'waiting', atMs: atMs + 5, worker, incarnation },
      );
    }
    return freeMs;
  }

  #strikeAny(atMs: number): void {
    const free = [...this.#workers].filter(([, { freeAtMs }]) => freeAtMs <= atMs);
    const [worker] = free[Math.floor(this.#between(0, free.length))] ?? [];
    if (worker === undefined) return;
    const incarnation = this.#workers.get(worker)?.incarnation ?? 1;
    const draw = this.#random.draw();
    if (draw < 0.1) {
      this.faultCounts['clock-jumped'] += 1;
      this.events.push({ kind: 'clock-jumped', atMs, worker, incarnation, byMs: 86_400_000 });
    } else if (draw < 0.12 && atMs > this.#outageUntilMs) {
      this.faultCounts['outage-begins'] += 1;
      this.#outageUntilMs = atMs + this.#between(200, 1_500);
      this.events.push(
        { kind: 'outage-begins', atMs, direction: 'both' },
        { kind: 'outage-ends', atMs: this.#outageUntilMs },
      );
    } else this.#strike(worker, atMs, atMs + this.#between(100, 2_000));
  }

  #strike(worker: string, atMs: number, untilMs: number): Recovery['cause'] {
    const causes = ['killed', 'paused', 'blocked', 'partition-begins'] as const;
    const cause = causes[Math.floor(this.#random.draw() * causes.length)] ?? 'killed';
    const state = this.#workers.get(worker) ?? { incarnation: 1, freeAtMs: 0 };
    state.freeAtMs = untilMs + 150;
    this.faultCounts[cause] += 1;
    const { incarnation } = state;
    const of = { worker, incarnation };
    switch (cause) {
      case 'killed':
        state.incarnation += 1;
        this.events.push(
          { ...of, kind: 'killed', atMs },
          { kind: 'started', atMs: untilMs, worker, incarnation: incarnation + 1, pid: 1 },
          { kind: 'waiting', atMs: untilMs + 120, worker, incarnation: incarnation + 1 },
        );
        break;
      case 'paused':
        this.events.push({ ...of, kind: 'paused', atMs }, { ...of, kind: 'resumed', atMs: untilMs });
        break;
      case 'blocked':
        this.events.push(
          { ...of, kind: 'blocked', atMs, place: 'anywhere' },
          { ...of, kind: 'unblocked', atMs: untilMs },
        );
        break;
      case 'partition-begins':
        this.events.push(
          { ...of, kind: cause, atMs, direction: 'both' },
          { ...of, kind: 'partition-ends', atMs: untilMs },
        );
        break;
      default:
        cause satisfies never;
    }
    return cause;
  }
}
