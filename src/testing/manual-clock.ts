import type { Clock, TimerKind } from '../platform/clock.ts';
import type { Instant, Millis } from '../protocol/timing.ts';

/** How many turns of the event loop let everything that needs no real I/O come to rest. */
const TURNS_TO_REST = 12;

/**
 * The steps of a manual clock: a power of two, so that sums and differences of its times are exact. Without it
 * a timer could fire a rounding error early, be set again for that error, and never get any further.
 */
const STEP_MS = 1 / 1024;

function upToStep(ms: Millis): Millis {
  return Math.ceil(ms / STEP_MS) * STEP_MS;
}

interface Timer {
  readonly dueMs: Millis;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Time that passes only when a test says so, for one or several machines.
 *
 * The clock itself is the world's time, to be given to the emulated store as well; each {@link ManualMachine}
 * is what one process sees of it.
 */
export class ManualClock {
  readonly #startedAt: Millis;
  readonly #machines = new Set<ManualMachine>();
  #passedMs: Millis = 0;

  /** @param startedAt - the world's time at the beginning, milliseconds since 1970. */
  constructor(startedAt: Millis = Date.UTC(2030, 0, 1)) {
    this.#startedAt = startedAt;
  }

  /** How much time has passed since the beginning, milliseconds. */
  get passedMs(): Millis {
    return this.#passedMs;
  }

  /** The world's time, milliseconds since 1970. */
  readonly wallMs = (): Millis => this.#startedAt + this.#passedMs;

  /** A machine whose clocks start now. */
  machine(): ManualMachine {
    const machine = new ManualMachine(this);
    this.#machines.add(machine);
    return machine;
  }

  /** Lets what is under way come to rest, then lets time pass, timer by timer. */
  async advance(ms: Millis): Promise<void> {
    const untilMs = upToStep(this.#passedMs + ms);
    await this.rest();
    for (;;) {
      const next = this.#nextTimer();
      if (next === undefined || next.dueMs > untilMs) break;
      this.#passedMs = Math.max(this.#passedMs, next.dueMs);
      next.machine.fire();
      await this.rest();
    }
    this.#passedMs = untilMs;
  }

  /** Lets what is under way come to rest, between one timer and the next. To be overridden where that needs real I/O. */
  protected rest(): Promise<void> {
    return rest();
  }

  /** How long until the next timer of a running machine is due; undefined where none is set. */
  get untilNextTimerMs(): Millis | undefined {
    const next = this.#nextTimer();
    return next && Math.max(0, next.dueMs - this.#passedMs);
  }

  #nextTimer(): { machine: ManualMachine; dueMs: Millis } | undefined {
    let first: { machine: ManualMachine; dueMs: Millis } | undefined;
    for (const machine of this.#machines) {
      const dueMs = machine.nextDueMs;
      if (dueMs !== undefined && (first === undefined || dueMs < first.dueMs)) first = { machine, dueMs };
    }
    return first;
  }
}

/** Lets promises and their consequences come to rest; no time passes. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < TURNS_TO_REST; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** One machine's clocks and timers, with the ways in which a machine can lose time. */
export class ManualMachine implements Clock {
  readonly #world: ManualClock;
  readonly #startedMs: Millis;
  readonly #timers = new Set<Timer>();
  readonly #resumeCallbacks = new Set<() => void>();
  #uncountedMs: Millis = 0;
  #suspendedMs: Millis | undefined;
  #isStopped = false;
  #order = 0;
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(world: ManualClock) {
    this.#world = world;
    this.#startedMs = world.passedMs;
  }

  now(): Instant {
    const elapsedMs = this.#world.passedMs - this.#startedMs;
    const sleepingMs = this.#suspendedMs === undefined ? 0 : this.#world.passedMs - this.#suspendedMs;
    return { monotonicMs: elapsedMs - this.#uncountedMs - sleepingMs, elapsedMs };
  }

  setTimer(delayMs: Millis, _kind: TimerKind, callback: () => void): () => void {
    this.#order += 1;
    const { monotonicMs } = this.now();
    const soonestMs = delayMs > 0 ? monotonicMs + STEP_MS : monotonicMs;
    const dueMs = Math.max(soonestMs, upToStep(monotonicMs + delayMs));
    const timer = { dueMs, order: this.#order, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  onResume(callback: () => void): () => void {
    this.#resumeCallbacks.add(callback);
    return () => this.#resumeCallbacks.delete(callback);
  }

  /** How many timers are set. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** How many listeners wait for the process to go on after a stop. */
  get resumeListenerCount(): number {
    return this.#resumeCallbacks.size;
  }

  /** Stops the process (SIGSTOP): its clocks go on, but it does nothing until {@link resume}. */
  stop(): void {
    this.#freeze();
  }

  /** Lets a stopped process go on. With `silently` it gets no SIGCONT, as after a blocked event loop. */
  resume(silently = false): void {
    this.#thaw();
    if (!silently) for (const callback of this.#resumeCallbacks) callback();
  }

  /** Suspends the machine: it does nothing, and its monotonic clock stands still. */
  suspend(): void {
    this.#suspendedMs = this.#world.passedMs;
    this.#freeze();
  }

  /** Wakes a suspended machine. */
  wake(): void {
    if (this.#suspendedMs !== undefined) this.#uncountedMs += this.#world.passedMs - this.#suspendedMs;
    this.#suspendedMs = undefined;
    this.#thaw();
  }

  /** Whether the machine does anything at all: it is neither stopped nor suspended. */
  get isRunning(): boolean {
    return !this.#isStopped;
  }

  /** Resolves when the machine runs: what it gets from outside waits until then. */
  running(): Promise<void> {
    return this.#running;
  }

  /** When the next timer is due, in the world's time; undefined where none is or the machine does not run. */
  get nextDueMs(): Millis | undefined {
    const timer = this.#isStopped ? undefined : this.#nextTimer();
    return timer && timer.dueMs + this.#startedMs + this.#uncountedMs;
  }

  /** Fires the timer that is due first. */
  fire(): void {
    const timer = this.#nextTimer();
    if (timer === undefined) return;
    this.#timers.delete(timer);
    timer.callback();
  }

  #nextTimer(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      const isEarlier =
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order);
      if (isEarlier) first = timer;
    }
    return first;
  }

  #freeze(): void {
    this.#isStopped = true;
    this.#running = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #thaw(): void {
    this.#isStopped = false;
    this.#wake();
  }
}
