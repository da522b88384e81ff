import { constants } from 'node:os';
import { exitCodeOfSignal } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C and its kin end a command in an orderly way, the second time at once. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #exitCode = 0;

  constructor() {
    for (const name of SIGNALS) {
      const listener = (): void => this.#interrupt(name);
      this.#listeners.set(name, listener);
      process.on(name, listener);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What a shell says of a process that this signal ended; 0 where there was none. */
  get exitCode(): number {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #interrupt(name: (typeof SIGNALS)[number]): void {
    this.#exitCode = exitCodeOfSignal(constants.signals[name]);
    if (this.signal.aborted) process.exit(this.#exitCode);
    this.#controller.abort(new Error(`ended by ${name}`));
  }
}
