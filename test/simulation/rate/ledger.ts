import type { BucketWatch } from '../bucket.ts';
import { Checker } from '../checker.ts';

/** What was taken at one moment of real time. */
interface Taken {
  readonly atMs: number;
  readonly count: number;
}

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** Remembers what was taken, by whomever, in real time, and finds any window that has too much. */
export class Ledger implements BucketWatch {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #taken: Taken[] = [];
  readonly #guards: Checker;
  readonly #violations: string[] = [];
  /** Who has taken something last, and when. */
  readonly #lastMs = new Map<number, number>();

  constructor(limit: number, windowMs: number, judgesGuards: boolean) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#guards = new Checker(judgesGuards);
  }

  get takeCount(): number {
    return this.#taken.length;
  }

  /** When a process has last taken something. */
  lastMs(process: number): number {
    return this.#lastMs.get(process) ?? -Infinity;
  }

  onTaken(process: number, count: number, atMs: number): void {
    this.#taken.push({ atMs, count });
    this.#lastMs.set(process, atMs);
  }

  onGuards(...of: Parameters<Checker['onGuards']>): void {
    this.#guards.onGuards(...of);
  }

  /** A document is patched and created, and nothing else. */
  onMutation({ call, sender, nowMs }: Parameters<Checker['onMutation']>[0]): void {
    if (sender !== 'admin' && call.method === 'delete') this.add(nowMs, 'the document is deleted');
  }

  add(nowMs: number, what: string): void {
    this.#violations.push(`${nowMs.toFixed(3)} ms: ${what}`);
  }

  /** Everything that went wrong until the end of the run. */
  verdict(): readonly string[] {
    const taken = this.#taken.toSorted((one, other) => one.atMs - other.atMs);
    let first = 0;
    let total = 0;
    for (const { atMs, count } of taken) {
      total += count;
      for (let left = taken[first]; left !== undefined && atMs - left.atMs >= this.#windowMs - ROUNDING_MS;) {
        total -= left.count;
        first += 1;
        left = taken[first];
      }
      if (total <= this.#limit) continue;
      this.add(
        atMs,
        `${total} were taken in a window of ${this.#windowMs} ms, of ${this.#limit} that there are`,
      );
      break;
    }
    return [
      ...this.#violations,
      ...this.#guards.verdict(Infinity, -Infinity).filter((what) => !isOfLocks(what)),
    ];
  }
}

/** Nobody acquires here. */
function isOfLocks(what: string): boolean {
  return what.endsWith('nobody acquired after the faults stopped');
}
