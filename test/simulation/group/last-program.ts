import type { Process } from '../process.ts';

/** Takes all that there is at once when everybody has gone, which it must get: nothing is kept by anybody. */
export class LastProgram {
  readonly #process: Process;
  #isIdle = false;
  #error: string | undefined;

  /** @param takeAll - takes everything, and gives it back. */
  constructor(process: Process, takeAll: () => Promise<unknown>) {
    this.#process = process;
    void this.#live(takeAll);
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  async #live(takeAll: () => Promise<unknown>): Promise<void> {
    try {
      await takeAll();
    } catch (error) {
      this.#error = String(error);
    }
    this.#isIdle = true;
  }

  /** What is wrong if it has not done so in time. */
  wrong(): readonly string[] {
    if (this.#error !== undefined) return [`with everybody gone not all can be had: ${this.#error}`];
    if (!this.#isIdle) return ['with everybody gone what there is is waited for without end'];
    const counts = [this.#process.timerCount, this.#process.openRequestCount];
    if (counts.every((count) => count === 0)) return [];
    return [`the last one leaves timers, requests behind: ${counts.join(', ')}`];
  }
}
