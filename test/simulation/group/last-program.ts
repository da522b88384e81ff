import { GcsSemaphore } from '../../../src/semaphore.ts';
import { Dice } from '../dice.ts';
import type { Network } from '../network.ts';
import type { Process } from '../process.ts';
import type { Stage } from '../stage.ts';
import { BUCKET, ORIGIN } from '../wire.ts';
import { NAME, type Setting } from './setting.ts';

/** How long it waits: longer than anybody keeps it waiting. */
const PATIENCE_MS = 15_000;

/** Takes all permits at once when everybody has gone, which it must get: none is kept by anybody. */
export class LastClient {
  readonly #setting: Setting;
  readonly #process: Process;
  #isIdle = false;
  #error: string | undefined;

  constructor(world: Stage, setting: Setting, process: Process, network: Network) {
    this.#setting = setting;
    this.#process = process;
    const semaphore = new GcsSemaphore(
      BUCKET,
      NAME,
      { permits: setting.judge.permits, ttlMs: 1_000, apiEndpoint: ORIGIN, holder: 'the last' },
      {
        clock: process,
        random: new Dice(world.seed, 8),
        transport: network.transportOf(process, () => undefined),
        memory: process.memory,
      },
    );
    void this.#live(semaphore);
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  async #live(semaphore: GcsSemaphore): Promise<void> {
    try {
      const { permits } = this.#setting.judge;
      const lease = await semaphore.acquire({ permits, timeoutMs: PATIENCE_MS });
      await lease.release();
    } catch (error) {
      this.#error = String(error);
    }
    this.#isIdle = true;
  }

  /** What is wrong if it has not done so in time. */
  wrong(): string[] {
    const late = this.#setting.judge.take();
    if (this.#error !== undefined)
      return [...late, `with everybody gone not all permits can be had: ${this.#error}`];
    if (!this.#isIdle) return [...late, 'with everybody gone the permits are waited for without end'];
    const counts = [this.#process.timerCount, this.#process.openRequestCount];
    if (counts.every((count) => count === 0)) return late;
    return [...late, `the last one leaves timers, requests behind: ${counts.join(', ')}`];
  }
}
