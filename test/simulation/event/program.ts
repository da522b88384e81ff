import { GcsMutexError } from '../../../src/errors.ts';
import { GcsEvent, type GcsEventOptions } from '../../../src/event/event.ts';
import { WaitTimeoutError } from '../../../src/event/wait-timeout.ts';
import { Dice } from '../dice.ts';
import type { Network } from '../network.ts';
import type { Process } from '../process.ts';
import type { Actor, Stage } from '../stage.ts';
import { BUCKET, NAME, ORIGIN } from '../wire.ts';
import type { ChangeCall } from '../changes.ts';
import type { Ledger } from './ledger.ts';

/** A program that sets, clears and waits for the shipped event in every way, until its process dies. */
export class Program implements Actor {
  readonly #stage: Stage;
  readonly #process: Process;
  readonly #ledger: Ledger;
  readonly #dice: Dice;
  readonly #idleMs: number;
  readonly #event: GcsEvent;
  /** The call that has just begun, whose ids are not known yet. */
  #beginning: ChangeCall | undefined;
  #callCount = 0;
  #isRetiring = false;
  #isIdle = false;

  constructor(
    stage: Stage,
    process: Process,
    network: Network,
    ledger: Ledger,
    options: GcsEventOptions,
    idleMs: number,
  ) {
    this.#stage = stage;
    this.#process = process;
    this.#ledger = ledger;
    this.#idleMs = idleMs;
    const dice = new Dice(stage.seed, process.number, 5);
    this.#dice = dice;
    const random = {
      draw: () => dice.draw(),
      uuid: () => dice.uuid(),
      leaseId: () => this.#name(dice.leaseId()),
    };
    const transport = network.transportOf(process, () => undefined);
    this.#event = new GcsEvent(
      BUCKET,
      NAME,
      { ...options, apiEndpoint: ORIGIN },
      { clock: process, random, transport },
    );
    void this.#live();
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  retire(): void {
    this.#isRetiring = true;
  }

  kill(): void {}

  async #live(): Promise<void> {
    while (!this.#isRetiring) {
      await this.#process.sleep(this.#dice.between(0, this.#idleMs));
      if (this.#isRetiring) break;
      await this.#turn().catch((error: unknown) => this.#expect(error));
    }
    this.#isIdle = true;
  }

  async #turn(): Promise<void> {
    const way = this.#dice.draw();
    if (way < 0.35) return this.#change('set');
    if (way < 0.65) return this.#change('clear');
    if (way < 0.7) return void (await this.#event.status());
    return this.#wait();
  }

  async #change(kind: 'set' | 'clear'): Promise<void> {
    this.#callCount += 1;
    const name = `${kind} ${this.#process.number}.${this.#callCount}`;
    const call = this.#ledger.begin(name, this.#process.nowMs);
    const options = { timeoutMs: this.#dice.between(300, 6_000), signal: this.#patience() };
    this.#beginning = call;
    const changing = kind === 'set' ? this.#event.set(name, options) : this.#event.clear(options);
    this.#beginning = undefined;
    try {
      await changing;
      this.#end(call, true);
    } catch (error) {
      this.#end(call, false);
      throw error;
    }
  }

  #end(call: ChangeCall, isOk: boolean): void {
    const { nowMs, number } = this.#process;
    this.#ledger.end(call, number, nowMs, isOk);
    this.#stage.tell(this.#process, 31, () => `${call.what}: ${isOk ? 'done' : 'failed'}`);
  }

  async #wait(): Promise<void> {
    const beganMs = this.#process.nowMs;
    const options = { timeoutMs: this.#dice.between(100, 3_000), signal: this.#patience() };
    const payload = await this.#event.wait(options).catch((error: unknown) => {
      if (error instanceof WaitTimeoutError) return undefined;
      throw error;
    });
    if (payload === undefined) return;
    this.#ledger.onWaited(payload, beganMs, this.#process.nowMs);
    this.#stage.tell(this.#process, 32, () => `waited for ${payload}`);
  }

  /** The signal of a caller who gives up now and then. */
  #patience(): AbortSignal {
    const controller = new AbortController();
    if (this.#dice.chance(0.15) && this.#process.nowMs < this.#stage.calmMs) {
      void this.#process
        .sleep(this.#dice.between(0, 500))
        .then(() => controller.abort(new GivenUp('the caller gave up')));
    }
    return controller.signal;
  }

  /** The id of a change is drawn before its call returns, so that it is known whose it is. */
  #name(id: string): string {
    if (this.#beginning !== undefined) this.#beginning.idPrefix = id;
    return id;
  }

  /** An error of the library's own, or the caller's: nothing else may ever come out. */
  #expect(error: unknown): void {
    if (error instanceof GcsMutexError || error instanceof GivenUp) return;
    const what = error instanceof Error ? error.stack : String(error);
    this.#ledger.add(this.#process.nowMs, `an unexpected error: ${what}`);
  }
}

class GivenUp extends Error {}
