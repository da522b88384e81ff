import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { add, NOTHING, type Tally } from './runs.ts';
import type { Share } from './worker.ts';

/** How far a long simulation has come: what it found in all seeds below `nextSeed`. */
export interface Progress {
  readonly firstSeed: number;
  readonly nextSeed: number;
  readonly tally: Tally;
  readonly tookMs: number;
}

/** Where a long simulation goes on; undefined where it has not begun. */
export function readProgress(file: string): Progress | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Progress) : undefined;
}

/** Keeps the progress in a file, which is whole at any time, so that it can be ended at any time. */
export function writeProgress(file: string, progress: Progress): void {
  writeFileSync(`${file}.new`, JSON.stringify(progress));
  renameSync(`${file}.new`, file);
}

/** Puts shares that end in any order together, from the first seed on. */
export class Seam {
  #nextSeed: number;
  #tally: Tally = NOTHING;
  readonly #waiting = new Map<number, { readonly share: Share; readonly tally: Tally }>();

  constructor(firstSeed: number) {
    this.#nextSeed = firstSeed;
  }

  /** Up to where there is no gap. */
  get nextSeed(): number {
    return this.#nextSeed;
  }

  get tally(): Tally {
    return this.#tally;
  }

  add(share: Share, tally: Tally): void {
    this.#waiting.set(share.firstSeed, { share, tally });
    for (;;) {
      const next = this.#waiting.get(this.#nextSeed);
      if (next === undefined) return;
      this.#waiting.delete(this.#nextSeed);
      this.#nextSeed += next.share.count;
      this.#tally = add(this.#tally, next.tally);
    }
  }
}
