import { lockNameOf } from '../../../src/protocol/pool.ts';
import { GroupJudge } from '../group/judge.ts';
import type { Shelf } from '../group/shelf.ts';
import type { Span } from '../machine.ts';
import { NAME } from './setting.ts';

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** A removal that ended well. */
interface Removal {
  readonly resource: string;
  /** The time of the call. */
  readonly during: Span;
}

/** Judges a pool as a whole. */
export class PoolJudge extends GroupJudge {
  readonly #now: () => number;
  /** What was stored from when on, oldest first. */
  readonly #stored: { readonly fromMs: number; readonly names: readonly string[] }[];
  readonly #outOfUse: Removal[] = [];

  /** @param given - the names that are given where none are stored. */
  constructor(given: readonly string[], now: () => number) {
    super();
    this.#now = now;
    this.#stored = [{ fromMs: -Infinity, names: given }];
  }

  /** The names that are stored, or would be. */
  get names(): readonly string[] {
    return this.#stored.at(-1)?.names ?? [];
  }

  onStored(names: readonly string[]): void {
    this.#stored.push({ fromMs: this.#now(), names });
  }

  /** An acquisition that began at a moment has got the lock of a resource. */
  onLock(resource: string, sinceMs: number, nowMs: number): void {
    this.onGrant(nowMs);
    if (!this.#wasThere(resource, { fromMs: sinceMs, toMs: nowMs }))
      this.add(nowMs, `${resource} was taken, and had not been there since it was asked for`);
  }

  /** A resource was given to whoever asked for one of these, after its lock had been got. */
  onGiven(resource: string, only: readonly string[] | undefined, gotMs: number, nowMs: number): void {
    if (only?.includes(resource) === false)
      this.add(nowMs, `${resource} was given for one of ${only.join()}`);
    if (!this.#wasThere(resource, { fromMs: gotMs, toMs: nowMs }))
      this.add(nowMs, `${resource} was given, and had been removed before its lock was got`);
  }

  /** A removal said that nobody uses a resource any more. */
  onOutOfUse(resource: string, during: Span): void {
    this.#outOfUse.push({ resource, during });
  }

  /** What a removal said is out of use for good: nobody may believe in it until it is added again. */
  protected override judgeWhole(shelf: Shelf, endMs: number): void {
    for (const { resource, during } of this.#outOfUse) {
      if (this.#wasAdded(resource, during)) continue;
      const again = this.#stored.find(
        ({ fromMs, names }) => fromMs > during.toMs && names.includes(resource),
      );
      const untilMs = again?.fromMs ?? endMs;
      const beliefs = shelf.checkerOf(`${NAME}/${lockNameOf(resource)}`).beliefs(endMs);
      const late = beliefs.find(
        ({ fromMs, toMs }) => toMs > during.toMs + ROUNDING_MS && fromMs < untilMs - ROUNDING_MS,
      );
      if (late !== undefined)
        this.add(Math.max(late.fromMs, during.toMs), `${resource} is held, and was said to be out of use`);
    }
  }

  /** Whether a resource was there at any moment of a time. */
  #wasThere(resource: string, { fromMs, toMs }: Span): boolean {
    const before = this.#stored.findLast((stored) => stored.fromMs <= fromMs);
    const since = this.#stored.filter((stored) => stored.fromMs > fromMs && stored.fromMs <= toMs);
    return [before, ...since].some((stored) => stored?.names.includes(resource));
  }

  /** Whether it came to be there within a time. */
  #wasAdded(resource: string, { fromMs, toMs }: Span): boolean {
    return this.#stored.some(({ fromMs: atMs, names }, index) => {
      const before = this.#stored[index - 1]?.names.includes(resource) ?? false;
      return atMs > fromMs && atMs <= toMs && names.includes(resource) && !before;
    });
  }
}
