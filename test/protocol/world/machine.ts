import { endOf, type HoldState } from '../../../src/protocol/hold-state.ts';
import { MAX_DRIFT, type Instant } from '../../../src/protocol/timing.ts';

/** A half-open span of real time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch of real time in which both clocks run evenly. */
interface Stretch extends Span {
  readonly startsAt: Instant;
  readonly monotonicRate: number;
}

/** A time in which a machine does nothing. */
export interface Gap extends Span {
  /** `sleep`: its monotonic clock stands still. `stop`: its clocks go on, and it may be told when it goes on. */
  readonly kind: 'sleep' | 'stop';
}

/** The clocks of one machine as functions of real time, and when it does nothing. */
export class Machine {
  readonly #monotonicRate: number;
  readonly #elapsedRate: number;
  readonly #stretches: Stretch[];
  #gap: Gap | undefined;

  constructor(monotonicRate: number, elapsedRate: number, origin: Instant) {
    this.#monotonicRate = monotonicRate;
    this.#elapsedRate = elapsedRate;
    this.#stretches = [{ fromMs: 0, toMs: Infinity, startsAt: origin, monotonicRate }];
  }

  /** Adds a gap from now or soon on; whether there was room for it after the one before. */
  addGap(gap: Gap, nowMs: number): boolean {
    if (this.#gap !== undefined && nowMs < this.#gap.toMs) return false;
    this.#gap = gap;
    if (gap.kind === 'stop') return true;
    this.#turn(gap.fromMs, 0);
    this.#turn(gap.toMs, this.#monotonicRate);
    return true;
  }

  /** Lets the monotonic clock go at another rate from a point of real time on. */
  #turn(fromMs: number, monotonicRate: number): void {
    const startsAt = this.now(fromMs);
    const last = this.#stretches.pop();
    if (last !== undefined) this.#stretches.push({ ...last, toMs: fromMs });
    this.#stretches.push({ fromMs, toMs: Infinity, startsAt, monotonicRate });
  }

  /** When, at `ms` or later, the machine does something again. */
  awakeAt(ms: number): number {
    const gap = this.#gap;
    return gap !== undefined && gap.fromMs <= ms && ms < gap.toMs ? gap.toMs : ms;
  }

  now(ms: number): Instant {
    const stretch = this.#stretches.find(({ toMs }) => ms < toMs);
    if (stretch === undefined) throw new Error('time has ended');
    const { startsAt, monotonicRate, fromMs } = stretch;
    return {
      monotonicMs: startsAt.monotonicMs + monotonicRate * (ms - fromMs),
      elapsedMs: startsAt.elapsedMs + this.#elapsedRate * (ms - fromMs),
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
   * When from `sinceMs` on a holder in this state believes that it holds, by its own clocks: computed, whether
   * or not anything happens on the machine. Asleep, it would believe as long as its clocks let it.
   */
  beliefOf(state: HoldState, sinceMs: number): Span[] {
    if (state.lost !== undefined || state.doubtSince !== undefined) return [];
    const { marginMs, ttlMs } = state.settings.timing;
    const { creditedAt } = state;
    const roomMs = marginMs - MAX_DRIFT * ttlMs;
    const belief: Span[] = [];
    for (const { fromMs, toMs, startsAt, monotonicRate } of this.#stretches) {
      if (toMs <= sinceMs) continue;
      const leftMs = endOf(state) - startsAt.monotonicMs;
      if (leftMs <= 0) break;
      const aheadMs =
        startsAt.elapsedMs - creditedAt.elapsedMs - (startsAt.monotonicMs - creditedAt.monotonicMs);
      const aheadRate = this.#elapsedRate - monotonicRate;
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
