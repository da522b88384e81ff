import { onAbort } from '../abort-listeners.ts';
import type { Clock } from '../platform/clock.ts';
import { sum } from '../protocol/rate-line.ts';
import type { Millis } from '../protocol/timing.ts';

/** What `tryTake` says. */
export interface TakeResult {
  /** Whether the permits were taken. */
  readonly ok: boolean;
  /** How many more this process could hand out at once, without asking the store. */
  readonly remaining: number;
  /** When to try again, milliseconds from now on; 0 where `ok`. A guess wherever others have a say in it. */
  readonly retryAfterMs: number;
}

/** How long a caller waits. */
export interface TakeLimits {
  readonly timeoutMs: Millis;
  readonly signal?: AbortSignal | undefined;
}

/** What a caller comes for. */
export interface Call {
  readonly count: number;
  /** Waits for no more than one answer of the store. */
  readonly isTry: boolean;
}

/** Somebody who waits in line. */
export interface Caller extends Call {
  /** Leaves the line, and hears what became of it. */
  resolve(result: TakeResult): void;
  reject(error: unknown): void;
}

/** The line of one process: first come, first served. */
export class Callers {
  readonly #clock: Clock;
  readonly #onLeave: () => void;
  #line: readonly Caller[] = [];

  /** @param onLeave - called when somebody has left the line without being served. */
  constructor(clock: Clock, onLeave: () => void) {
    this.#clock = clock;
    this.#onLeave = onLeave;
  }

  get first(): Caller | undefined {
    return this.#line[0];
  }

  /** For how many permits all together wait. */
  get waitingFor(): number {
    return sum(this.#line.map(({ count }) => count));
  }

  /** Everybody who waits at this moment, and those of them that only try. */
  all(): readonly Caller[] {
    return this.#line;
  }

  tries(): readonly Caller[] {
    return this.#line.filter(({ isTry }) => isTry);
  }

  /** Puts somebody at the end of the line. */
  join(
    call: Call,
    { timeoutMs, signal }: TakeLimits,
    timeoutError: () => Error,
  ): { readonly served: Promise<TakeResult> } {
    const served = new Promise<TakeResult>((resolve, reject) => {
      const caller: Caller = {
        ...call,
        resolve: (result) => leave(() => resolve(result)),
        reject: (error) => leave(() => reject(error)),
      };
      const leave = (act: () => void): void => {
        cancelLimit();
        stopListening();
        this.#line = this.#line.filter((other) => other !== caller);
        act();
      };
      const giveUp = (reason: unknown): void => {
        caller.reject(reason);
        this.#onLeave();
      };
      // The one timer that keeps the process alive, for as long as somebody waits.
      const cancelLimit = this.#clock.setTimer(
        Math.min(timeoutMs, Number.MAX_SAFE_INTEGER),
        'foreground',
        () => giveUp(timeoutError()),
      );
      const stopListening = onAbort(signal, () => giveUp(signal?.reason));
      this.#line = [...this.#line, caller];
    });
    return { served };
  }
}
