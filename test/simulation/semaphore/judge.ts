import { GroupJudge } from '../group/judge.ts';
import type { Shelf } from '../group/shelf.ts';

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** Judges a semaphore as a whole. */
export class Judge extends GroupJudge {
  readonly #now: () => number;
  /** What was stored from when on, oldest first. */
  readonly #stored: { readonly fromMs: number; readonly permits: number }[] = [];
  readonly #given: number;

  /** @param given - the number that is given where none is stored. */
  constructor(given: number, now: () => number) {
    super();
    this.#given = given;
    this.#now = now;
  }

  /** The number that is stored, or would be. */
  get permits(): number {
    return this.#stored.at(-1)?.permits ?? this.#given;
  }

  onStored(permits: number): void {
    if (permits !== this.#stored.at(-1)?.permits) this.#stored.push({ fromMs: this.#now(), permits });
  }

  /** An acquisition that began at a moment has got a slot. */
  onSlot(index: number, sinceMs: number, nowMs: number): void {
    this.onGrant(nowMs);
    const most = this.#mostBetween(sinceMs, nowMs);
    if (index >= most) this.add(nowMs, `slot ${index} was taken, and there were ${most} permits at the most`);
  }

  /** A whole lease was given to whoever asked for so many permits. */
  onLease(wanted: number, slots: readonly string[], nowMs: number): void {
    if (slots.length !== wanted || new Set(slots).size !== wanted)
      this.add(nowMs, `${slots.length} slots, ${slots.join()}, for ${wanted} permits`);
  }

  /** Never more believe at once than there were permits at the most since the first of them may have looked. */
  protected override judgeWhole({ checkers }: Shelf, endMs: number): void {
    const beliefs = checkers.flatMap((checker) => checker.beliefs(endMs));
    const most = Math.max(this.#given, ...this.#stored.map(({ permits }) => permits));
    const ends = beliefs.flatMap(({ fromMs, toMs }) =>
      toMs - fromMs > 2 * ROUNDING_MS
        ? [
            { atMs: fromMs + ROUNDING_MS, step: 1 },
            { atMs: toMs - ROUNDING_MS, step: -1 },
          ]
        : [],
    );
    ends.sort((one, other) => one.atMs - other.atMs);
    let count = 0;
    let highest = 0;
    for (const { atMs, step } of ends) {
      count += step;
      if (count > highest && count > most) this.add(atMs, `${count} believe at once, of ${most} permits`);
      highest = Math.max(highest, count);
    }
  }

  #mostBetween(fromMs: number, toMs: number): number {
    const before = this.#stored.findLast((stored) => stored.fromMs <= fromMs);
    const since = this.#stored.filter((stored) => stored.fromMs > fromMs && stored.fromMs <= toMs);
    return Math.max(before?.permits ?? this.#given, ...since.map(({ permits }) => permits));
  }
}
