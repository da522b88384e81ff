import type { ChaosEvent, ChaosHistory, Recovery } from '../history.ts';
import type { Bar, BarKind, Lane, Mark, MarkKind, Span, Timeline } from './client/timeline.ts';

/** The lanes and marks of a run, from what was recorded of it. */
export function timelineOf(history: Omit<ChaosHistory, 'format'>): Timeline {
  const { facts, events, verdict } = history;
  const lanes = new Map(facts.workers.map((name) => [name, new LaneMaker(name)]));
  const outages = new Pairs();
  for (const event of events) {
    if (event.kind === 'outage-begins')
      outages.begin(event.atMs, 0, `store out of reach: ${event.direction}`);
    else if (event.kind === 'outage-ends') outages.end(event.atMs);
    else lanes.get(event.worker)?.add(event);
  }
  for (const { worker, incarnation, leaseId, fromMs, untilMs } of history.beliefs) {
    lanes.get(worker)?.bar('believing', fromMs, untilMs, incarnation, `lease ${leaseId}`);
  }
  for (const { worker, leaseId, atMs, lateByMs, cause } of verdict.lateWrites) {
    const late = `a write of lease ${leaseId} arrived ${Math.round(lateByMs)} ms after its end (${cause})`;
    lanes.get(worker)?.mark('late', atMs, 0, late);
  }
  for (const { worker, leaseId, atMs, basedOn, found } of verdict.lostUpdates) {
    const lost = `lost update: lease ${leaseId} wrote over ${found}, having read ${basedOn}`;
    lanes.get(worker)?.mark('update', atMs, 0, lost);
  }
  return {
    durationMs: facts.durationMs,
    lanes: [...lanes.values()].map((lane) => lane.finish(facts.durationMs)),
    outages: outages.finish(facts.durationMs).map(({ fromMs, untilMs, detail }) => [fromMs, untilMs, detail]),
    overlaps: verdict.overlaps.map(({ workers, fromMs, forMs }): Span => [
      short(fromMs),
      short(fromMs + forMs),
      `${workers.join(' and ')} believed at once for ${forMs.toFixed(1)} ms`,
    ]),
    recoveries: verdict.recoveries.map((recovery) => [
      short(recovery.untilMs),
      short(recovery.untilMs - recovery.fromMs),
      causeOf(recovery),
      !recovery.hadOutage,
      recovery.worker,
    ]),
    boundMs: verdict.recoveryTimes?.boundMs,
  };
}

function causeOf({ cause }: Recovery): Timeline['recoveries'][number][2] {
  return cause === 'partition-begins' ? 'partition' : cause;
}

/** A tenth of a millisecond is more than anybody sees, and keeps the page small. */
function short(ms: number): number {
  return Math.round(ms * 10) / 10;
}

interface Pair {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly incarnation: number;
  readonly detail: string;
}

/** Times that begin with one event and end with another. */
class Pairs {
  readonly #done: Pair[] = [];
  #open: Omit<Pair, 'untilMs'> | undefined;

  /** A second beginning changes nothing: the time goes on. */
  begin(fromMs: number, incarnation: number, detail: string): void {
    this.#open ??= { fromMs: short(fromMs), incarnation, detail };
  }

  end(untilMs: number): void {
    if (this.#open !== undefined) this.#done.push({ ...this.#open, untilMs: short(untilMs) });
    this.#open = undefined;
  }

  /** What never ended lasted until the end of the run. */
  finish(durationMs: number): readonly Pair[] {
    this.end(durationMs);
    return this.#done;
  }
}

class LaneMaker {
  readonly #name: string;
  readonly #bars: Bar[] = [];
  readonly #marks: Mark[] = [];
  readonly #pairs: Readonly<Record<Exclude<BarKind, 'believing'>, Pairs>> = {
    waiting: new Pairs(),
    paused: new Pairs(),
    blocked: new Pairs(),
    dead: new Pairs(),
    partition: new Pairs(),
  };

  constructor(name: string) {
    this.#name = name;
    this.#pairs.dead.begin(0, 0, 'not started yet');
  }

  bar(kind: BarKind, fromMs: number, untilMs: number, incarnation: number, detail: string): void {
    this.#bars.push([kind, short(fromMs), short(untilMs), incarnation, detail]);
  }

  mark(kind: MarkKind, atMs: number, incarnation: number, detail: string): void {
    this.#marks.push([kind, short(atMs), incarnation, detail]);
  }

  add(event: Exclude<ChaosEvent, { kind: 'outage-begins' | 'outage-ends' }>): void {
    const { atMs, incarnation } = event;
    const { waiting, paused, blocked, dead, partition } = this.#pairs;
    switch (event.kind) {
      case 'started':
        return dead.end(atMs);
      case 'waiting':
        return waiting.begin(atMs, incarnation, 'waits for the lock');
      case 'believes':
        return waiting.end(atMs);
      case 'left':
        waiting.end(atMs);
        if (event.how === 'lost')
          this.mark('lost', atMs, incarnation, `lost (${event.reason}): ${event.leaseId}`);
        return undefined;
      case 'killed':
        this.mark('killed', atMs, incarnation, 'killed (SIGKILL)');
        return this.#die(atMs, incarnation, 'killed');
      case 'exited':
        return this.#die(atMs, incarnation, 'ended');
      case 'paused':
        this.mark('paused', atMs, incarnation, 'paused (SIGSTOP)');
        return paused.begin(atMs, incarnation, 'paused (SIGSTOP)');
      case 'resumed':
        return paused.end(atMs);
      case 'blocked':
        this.mark('blocked', atMs, incarnation, `event loop blocked (${event.place})`);
        return blocked.begin(atMs, incarnation, `event loop blocked (${event.place})`);
      case 'unblocked':
        return blocked.end(atMs);
      case 'partition-begins':
        this.mark('partition', atMs, incarnation, `cut off (${event.direction})`);
        return partition.begin(atMs, incarnation, `cut off (${event.direction})`);
      case 'partition-ends':
        return partition.end(atMs);
      case 'clock-jumped':
        return this.mark(
          'clock',
          atMs,
          incarnation,
          `wall clock jumped by ${Math.round(event.byMs / 1_000)} s`,
        );
      default:
        return undefined;
    }
  }

  /** Whatever a process was doing ends with it. The network is not its own. */
  #die(atMs: number, incarnation: number, how: string): void {
    const { waiting, paused, blocked, dead } = this.#pairs;
    for (const pairs of [waiting, paused, blocked]) pairs.end(atMs);
    dead.begin(atMs, incarnation, `not running: ${how}`);
  }

  finish(durationMs: number): Lane {
    for (const [kind, pairs] of Object.entries(this.#pairs) as [BarKind, Pairs][]) {
      for (const { fromMs, untilMs, incarnation, detail } of pairs.finish(durationMs)) {
        this.#bars.push([kind, fromMs, untilMs, incarnation, detail]);
      }
    }
    const byTime = (one: readonly unknown[], other: readonly unknown[]): number =>
      Number(one[1]) - Number(other[1]);
    return {
      name: this.#name,
      bars: this.#bars.filter(([, fromMs, untilMs]) => untilMs > fromMs).toSorted(byTime),
      marks: this.#marks.toSorted(byTime),
    };
  }
}
