import { MAX_DRIFT, type Instant, type LeaseTiming } from '../../src/protocol/timing.ts';

/** A half-open span of real time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch of real time in which both clocks run evenly. */
interface Stretch extends Span {
  readonly startsAt: Instant;
  readonly monotonicRate: number;
  readonly elapsedRate: number;
}

/** A time in which a machine does nothing. */
export interface Gap extends Span {
  /**
   * `sleep`: its monotonic clock stands still. `stop`: its clocks go on, and it may be told when it goes on. `freeze`: both
   * its clocks stand still, and it is told.
   */
  readonly kind: 'sleep' | 'stop' | 'freeze';
}

/** What a holder goes by: when its lease ends on the monotonic clock, and the send that counts for it. */
export interface Credit {
  readonly endMs: number;
  readonly sentAt: Instant;
  readonly timing: LeaseTiming;
}

/**
 * `sleeps`: now and then its monotonic clock stands still. `is-set`: its sleep-counting clock is the wall clock,
 * which is set now and then (setting it back can hide a sleep, which is not promised, so it never sleeps).
 * `steady`: neither.
 */
export type MachineKind = 'sleeps' | 'is-set' | 'steady';

/** The clocks of one machine as functions of real time, and when it does nothing. */
export class Machine {
  readonly #monotonicRate: number;
  readonly #elapsedRate: number;
  readonly #stretches: Stretch[];
  /** Oldest first; only the latest can still be under way. */
  readonly #gaps: Gap[] = [];

  readonly kind: MachineKind;

  constructor(kind: MachineKind, monotonicRate: number, elapsedRate: number, origin: Instant) {
    this.kind = kind;
    this.#monotonicRate = monotonicRate;
    this.#elapsedRate = elapsedRate;
    this.#stretches = [{ fromMs: 0, toMs: Infinity, startsAt: origin, monotonicRate, elapsedRate }];
  }

  /** Adds a gap from now or soon on; whether there was room for it after the one before. */
  addGap(gap: Gap, nowMs: number): boolean {
    if (nowMs < (this.#gaps.at(-1)?.toMs ?? 0)) return false;
    this.#gaps.push(gap);
    if (gap.kind === 'stop') return true;
    this.#turn(gap.fromMs, 0, gap.kind === 'freeze' ? 0 : this.#elapsedRate);
    this.#turn(gap.toMs, this.#monotonicRate, this.#elapsedRate);
    return true;
  }

  /** Sets the sleep-counting clock forward or back, as an administrator does where it is the wall clock. */
  jump(fromMs: number, byMs: number): void {
    this.#turn(fromMs, this.#monotonicRate, this.#elapsedRate, byMs);
  }

  /** Lets the clocks go on in another way from a point of real time on. */
  #turn(fromMs: number, monotonicRate: number, elapsedRate: number, jumpMs = 0): void {
    const { monotonicMs, elapsedMs } = this.now(fromMs);
    const startsAt = { monotonicMs, elapsedMs: elapsedMs + jumpMs };
    const last = this.#stretches.pop();
    if (last !== undefined) this.#stretches.push({ ...last, toMs: fromMs });
    this.#stretches.push({ fromMs, toMs: Infinity, startsAt, monotonicRate, elapsedRate });
  }

  /** The gap that is under way, or to come. */
  gapAfter(ms: number): Gap | undefined {
    const gap = this.#gaps.at(-1);
    return gap !== undefined && gap.toMs > ms ? gap : undefined;
  }

  /** When, at `ms` or later, the machine does something again. */
  awakeAt(ms: number): number {
    const gap = this.gapAfter(ms);
    return gap !== undefined && gap.fromMs <= ms ? gap.toMs : ms;
  }

  /** When something is done by that is due at a point of the monotonic clock, done at most `jitterMs` late while awake. */
  doneBy(monotonicMs: number, jitterMs: number): number {
    let ms = this.realTimeOf(monotonicMs) + jitterMs;
    // A timer may be set as late as the process goes on, and be late then.
    for (const { fromMs, toMs } of this.#gaps) if (fromMs <= ms && ms < toMs) ms = toMs + jitterMs;
    return ms;
  }

  now(ms: number): Instant {
    let index = this.#stretches.length - 1;
    while (index > 0 && ms < (this.#stretches[index]?.fromMs ?? 0)) index -= 1;
    const stretch = this.#stretches[index];
    if (stretch === undefined) throw new Error('there is no time');
    const { startsAt, monotonicRate, elapsedRate, fromMs } = stretch;
    return {
      monotonicMs: startsAt.monotonicMs + monotonicRate * (ms - fromMs),
      elapsedMs: startsAt.elapsedMs + elapsedRate * (ms - fromMs),
    };
  }

  /** The real time at which the monotonic clock first shows `monotonicMs`. */
  realTimeOf(monotonicMs: number): number {
    for (const { fromMs, toMs, startsAt, monotonicRate } of this.#stretches) {
      if (monotonicRate === 0) continue;
      const ms = fromMs + (monotonicMs - startsAt.monotonicMs) / monotonicRate;
      if (ms <= toMs) return Math.max(ms, fromMs);
    }
    return Infinity;
  }

  /**
   * When from `sinceMs` on a holder believes that it holds, by its own clocks: computed, whether or not anything
   * happens on the machine. Asleep, it would believe as long as its clocks let it. Frozen, it believes nothing: no clock
   * could tell, and it is told before it does anything.
   */
  beliefOf({ endMs, sentAt, timing: { marginMs, ttlMs } }: Credit, sinceMs: number): Span[] {
    const roomMs = marginMs - MAX_DRIFT * ttlMs;
    const belief: Span[] = [];
    for (const { fromMs, toMs, startsAt, monotonicRate, elapsedRate } of this.#stretches) {
      if (toMs <= sinceMs || elapsedRate === 0) continue;
      const leftMs = endMs - startsAt.monotonicMs;
      if (leftMs <= 0) break;
      const aheadMs = startsAt.elapsedMs - sentAt.elapsedMs - (startsAt.monotonicMs - sentAt.monotonicMs);
      const aheadRate = elapsedRate - monotonicRate;
      // Where the sleep-counting clock gains, belief ends as it comes too far ahead; where it loses, it begins.
      const crossMs = aheadRate === 0 ? 0 : fromMs + (roomMs - aheadMs) / aheadRate;
      const isNear = aheadRate === 0 && aheadMs <= roomMs;
      const beginMs = aheadRate < 0 ? Math.max(fromMs, crossMs) : fromMs;
      const slowMs = aheadRate > 0 || isNear ? (isNear ? toMs : crossMs) : aheadRate < 0 ? toMs : fromMs;
      const deadlineMs = monotonicRate === 0 ? toMs : fromMs + leftMs / monotonicRate;
      const span = { fromMs: Math.max(beginMs, sinceMs), toMs: Math.min(toMs, slowMs, deadlineMs) };
      if (span.fromMs < span.toMs) belief.push(span);
    }
    return belief;
  }
}
