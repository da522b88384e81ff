import type { Shelf } from './shelf.ts';

/** Judges a group of locks as a whole; each of its locks has a checker of its own, as a lock has. */
export abstract class GroupJudge {
  readonly #violations: string[] = [];
  #grantCount = 0;
  #lastGrantMs = -Infinity;

  get grantCount(): number {
    return this.#grantCount;
  }

  get lastGrantMs(): number {
    return this.#lastGrantMs;
  }

  /** Somebody has got a lock of the group; its process may be ahead of the world. */
  onGrant(nowMs: number): void {
    this.#grantCount += 1;
    this.#lastGrantMs = nowMs;
  }

  add(nowMs: number, what: string): void {
    this.#violations.push(`${nowMs.toFixed(3)} ms: ${what}`);
  }

  /** Everything that went wrong until the end of the run. */
  verdict(shelf: Shelf, endMs: number): readonly string[] {
    this.judgeWhole(shelf, endMs);
    return [...this.#violations, ...shelf.checkers.flatMap((checker) => checker.judge(endMs))];
  }

  /** Adds what no checker of one lock can see. */
  protected abstract judgeWhole(shelf: Shelf, endMs: number): void;
}
