import type { LearntBy, Report } from './messages.ts';
import type { Overlap } from './overlap.ts';
import type { Summary } from './summary.ts';

/** What happens on the stage, as the director hears of it. */
export type Happening =
  | (Exclude<Report, { kind: 'ready' | 'failed' | 'lost' }> & { readonly worker: string })
  | {
      readonly kind: 'lost';
      readonly worker: string;
      readonly reason: string;
      readonly learntBy: LearntBy;
      /** How long after SIGCONT it learnt it; undefined where it was not stopped. */
      readonly afterMs?: number;
    }
  | { readonly kind: 'killed'; readonly worker: string }
  | { readonly kind: 'stopped'; readonly worker: string }
  | { readonly kind: 'continued'; readonly worker: string }
  | { readonly kind: 'violation'; readonly overlap: Overlap }
  | { readonly kind: 'scene'; readonly scene: SceneName; readonly text: string }
  | { readonly kind: 'note'; readonly text: string };

export type SceneName = 'contend' | 'kill' | 'stop' | 'go-on';

/** What the narrator is told: a happening with its time since the start, or the first or last word. */
export type Told =
  | (Happening & { readonly atMs: number })
  | {
      readonly kind: 'start';
      readonly lock: string;
      readonly server: string;
      readonly workers: readonly string[];
      readonly ttlMs: number;
      readonly refreshIntervalMs: number;
      readonly clockSkewMs: number;
      readonly seed: number;
    }
  | ({ readonly kind: 'summary' } & Summary);

export type Narrator = (told: Told) => void;

/** Nothing of what a scene waits for happened in a time that is ample. */
class Stalled extends Error {
  override readonly name = 'Stalled';
}

/**
 * What has happened so far, read in order by the scenes: each reading goes on where the last one ended, so
 * that nothing is missed between two of them and nothing has to be guessed with a sleep.
 */
export class Story {
  readonly #happenings: Happening[] = [];
  readonly #patienceMs: number;
  #position = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param patienceMs - how long a reading waits in all. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  append(happening: Happening): void {
    this.#happenings.push(happening);
    this.#wake?.();
  }

  /** Ends the play: every reading, now and later, rejects with the first failure. */
  fail(failure: Error): void {
    this.#failure ??= failure;
    this.#wake?.();
  }

  /** The next happening of one of these kinds that fits; what comes before it is skipped. */
  async next<Kind extends Happening['kind']>(
    kinds: readonly Kind[],
    fits: (happening: Extract<Happening, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<Happening, { kind: Kind }>> {
    const isOfKind = (each: Happening): each is Extract<Happening, { kind: Kind }> =>
      kinds.some((kind) => kind === each.kind);
    const timer = setTimeout(() => {
      this.fail(new Stalled(`nothing went on: waited ${this.#patienceMs} ms for ${kinds.join(' or ')}`));
    }, this.#patienceMs);
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure;
        const happening = this.#happenings[this.#position];
        if (happening === undefined) {
          await this.#more();
          continue;
        }
        this.#position += 1;
        if (isOfKind(happening) && fits(happening)) return happening;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
