import { onAbort } from './abort-listeners.ts';

interface Waiter {
  resolve(): void;
  reject(reason: unknown): void;
}

/** Those who await a refresh of one lease, each with a signal of its own. */
export class RefreshWaiters {
  readonly #waiters = new Set<Waiter>();

  get count(): number {
    return this.#waiters.size;
  }

  /** Settles with the next {@link resolveAll} or {@link rejectAll}, or rejects with the signal's reason. */
  next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const settle = (act: () => void): void => {
        stopListening();
        this.#waiters.delete(waiter);
        act();
      };
      const waiter: Waiter = {
        resolve: () => settle(resolve),
        reject: (reason) => settle(() => reject(reason)),
      };
      const stopListening = onAbort(signal, () => waiter.reject(signal?.reason));
      this.#waiters.add(waiter);
    });
  }

  resolveAll(): void {
    for (const waiter of this.#waiters) waiter.resolve();
  }

  rejectAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
  }
}
