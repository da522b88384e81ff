import { setImmediate as turn } from 'node:timers/promises';
import type { CollectedTest, Suite } from './stand-in.ts';

/** Longer than any test takes, on a machine that has other things to do: one without an answer waits for what will never come. */
const LIMIT_MS = 8_000;

export type Result =
  | { readonly kind: 'passed' | 'hung' }
  | { readonly kind: 'failed'; readonly message: string };

/** Runs tests one after the other, with the hooks around them. */
export class Execution {
  /** The suites whose `beforeAll` has run, from the outermost in. */
  readonly #entered: Suite[] = [];
  /** Errors that nobody caught since the running test began. */
  #stray: unknown[] = [];

  constructor() {
    const note = (error: unknown): void => void this.#stray.push(error);
    process.on('uncaughtException', note);
    process.on('unhandledRejection', note);
  }

  async run(test: CollectedTest, limitMs = LIMIT_MS): Promise<Result> {
    this.#stray = [];
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'hung'>((resolve) => {
      timer = setTimeout(resolve, limitMs, 'hung');
    });
    try {
      const end = await Promise.race([this.#runWithHooks(test), limit]);
      if (end === 'hung') return { kind: 'hung' };
      // Rejections that nobody handles are known a turn later.
      await turn();
      if (this.#stray.length > 0) throw this.#stray[0];
      return { kind: 'passed' };
    } catch (error) {
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs the hooks that are due once no more tests of a suite follow. */
  async leaveAll(): Promise<void> {
    await this.#leaveUntil([]);
  }

  async #runWithHooks({ suites, body }: CollectedTest): Promise<void> {
    await this.#leaveUntil(suites);
    for (const suite of suites.slice(this.#entered.length)) {
      this.#entered.push(suite);
      for (const hook of suite.beforeAll) await hook();
    }
    try {
      for (const suite of suites) for (const hook of suite.beforeEach) await hook();
      await body();
    } finally {
      for (const suite of suites.toReversed()) for (const hook of suite.afterEach) await hook();
    }
  }

  async #leaveUntil(suites: readonly Suite[]): Promise<void> {
    while (this.#entered.some((suite, depth) => suite !== suites[depth])) {
      for (const hook of this.#entered.pop()?.afterAll ?? []) await hook();
    }
  }
}
