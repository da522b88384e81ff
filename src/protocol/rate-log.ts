import { MAX_DRIFT, type Millis } from './timing.ts';

/** Permits that were handed out at about one moment, and how long ago that was by the monotonic clock. */
export interface Taken {
  readonly count: number;
  readonly ageMs: Millis;
}

interface Entry {
  readonly firstMs: Millis;
  lastMs: Millis;
  count: number;
}

/** Some of what a log remembers. */
export type Marked = ReadonlyMap<object, number>;

/** Into so many pieces a window is cut at the most: more would be remembered for nothing. */
const PIECES = 256;

/**
 * What one process handed out within the last window.
 *
 * The window is longer here by MAX_DRIFT: a clock that runs fast shows so much in a window of real time. Where very many
 * are handed out, those of a few milliseconds count together as of the latest of them.
 */
export class TakeLog {
  readonly #spanMs: Millis;
  #entries: Entry[] = [];
  #usedCount = 0;

  constructor(windowMs: Millis) {
    this.#spanMs = windowMs * (1 + MAX_DRIFT);
  }

  /** How many count at a moment of the monotonic clock. */
  used(nowMs: Millis): number {
    let over = 0;
    for (const { lastMs, count } of this.#entries) {
      if (nowMs - lastMs < this.#spanMs) break;
      this.#usedCount -= count;
      over += 1;
    }
    this.#entries.splice(0, over);
    return this.#usedCount;
  }

  add(count: number, nowMs: Millis): void {
    this.used(nowMs);
    this.#usedCount += count;
    const last = this.#entries.at(-1);
    if (last === undefined || nowMs - last.firstMs > this.#spanMs / PIECES) {
      this.#entries.push({ firstMs: nowMs, lastMs: nowMs, count });
      return;
    }
    last.lastMs = nowMs;
    last.count += count;
  }

  /** The first moment at which no more than `count` still count. */
  downTo(count: number, nowMs: Millis): Millis {
    let left = this.used(nowMs);
    for (const entry of this.#entries) {
      if (left <= count) break;
      left -= entry.count;
      if (left <= count) return entry.lastMs + this.#spanMs;
    }
    return nowMs;
  }

  /** The oldest `count` of those that count. */
  oldest(count: number, nowMs: Millis): Marked {
    this.used(nowMs);
    const marked = new Map<Entry, number>();
    let left = count;
    for (const entry of this.#entries) {
      const part = Math.min(left, entry.count);
      marked.set(entry, part);
      left -= part;
    }
    return marked;
  }

  /** Forgets what was marked, since it counts elsewhere. What has ended since then counts nowhere. */
  forget(marked: Marked): void {
    for (const entry of this.#entries) {
      const count = marked.get(entry) ?? 0;
      entry.count -= count;
      this.#usedCount -= count;
    }
    this.#entries = this.#entries.filter(({ count }) => count > 0);
  }

  /** All that count, the latest first. */
  taken(nowMs: Millis): readonly Taken[] {
    this.used(nowMs);
    return this.#entries.map(({ lastMs, count }) => ({ count, ageMs: nowMs - lastMs })).toReversed();
  }
}
