import type { Transport, TransportAnswer, TransportRequest } from '../../../src/gcs/transport.ts';
import { ProcessMemory } from '../../../src/memory.ts';
import { GcsMutex } from '../../../src/mutex.ts';
import type { GcsMutexOptions } from '../../../src/options.ts';
import type { Clock } from '../../../src/platform/clock.ts';
import type { Instant } from '../../../src/protocol/timing.ts';
import { seededRandom } from '../../../src/testing/index.ts';
import { checkRequest, ORIGIN } from './check-request.ts';

/** Time that passes only when nothing else happens, as cheap as it can be: a million worlds are played. */
export class QuickClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();

  now(): Instant {
    return { monotonicMs: this.#nowMs, elapsedMs: this.#nowMs };
  }

  setTimer(...[delayMs, , callback]: Parameters<Clock['setTimer']>): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  onResume(): () => void {
    return () => undefined;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Lets time pass until the next timer is due, which then fires. */
  fireNext(): void {
    const [first, ...others] = this.#timers;
    if (first === undefined) throw new Error('it waits for something that never comes');
    const next = others.reduce((soonest, timer) => (timer.dueMs < soonest.dueMs ? timer : soonest), first);
    this.#timers.delete(next);
    // One above: a timer that is set again for the rest of a millisecond gets somewhere.
    this.#nowMs = Math.max(this.#nowMs, next.dueMs) + 2 ** -10;
    next.callback();
  }

  /** How a promise settles, while whatever time it needs passes; what does not settle hangs. */
  async outcomeOf(work: Promise<unknown>): Promise<{ readonly value?: unknown; readonly error?: unknown }> {
    const outcomes: { readonly value?: unknown; readonly error?: unknown }[] = [];
    work.then(
      (value) => outcomes.push({ value }),
      (error: unknown) => outcomes.push({ error }),
    );
    await turn();
    for (let step = 0; outcomes.length === 0; step += 1) {
      if (step > 5_000) throw new Error('it hangs');
      this.fireNext();
      await turn();
    }
    return outcomes[0] ?? {};
  }

  /** Lets everything in the background come to its end. */
  async drain(): Promise<void> {
    for (let step = 0; this.timerCount > 0; step += 1) {
      if (step > 5_000) throw new Error('something in the background never ends');
      this.fireNext();
      await turn();
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** What stands between a lock and its store. */
export type Between = (
  request: TransportRequest,
  carryOut: (request: TransportRequest) => TransportAnswer,
) => TransportAnswer;

/** One process with one lock, over a transport in which every request is looked at. */
export interface QuickWorld {
  readonly clock: QuickClock;
  readonly mutex: GcsMutex;
  readonly requestCount: () => number;
}

/** @throws what the constructor throws. */
export function quickWorld(
  name: string,
  carryOut: (request: TransportRequest, nowMs: number) => TransportAnswer,
  between: Between = (request, next) => next(request),
  options: GcsMutexOptions = {},
): QuickWorld {
  const clock = new QuickClock();
  let requestCount = 0;
  let badRequest: unknown;
  const transport: Transport = (request) => {
    requestCount += 1;
    try {
      checkRequest(request, name);
    } catch (error) {
      badRequest ??= error;
    }
    return new Promise((resolve) =>
      resolve(between(request, (sent) => carryOut(sent, clock.now().monotonicMs))),
    );
  };
  const components = { clock, random: seededRandom(1), transport, memory: new ProcessMemory() };
  const settings = { apiEndpoint: ORIGIN, holder: 'fuzz', ...options };
  const mutex = new GcsMutex('bucket', name, settings, components);
  return {
    clock,
    mutex,
    requestCount() {
      if (badRequest !== undefined) throw badRequest;
      return requestCount;
    },
  };
}
