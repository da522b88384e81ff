import type { Reducer } from '../../../src/driver.ts';
import { LockMemory } from '../../../src/memory.ts';
import type { CarryOnStep, ProtocolEvent, StoreStep, WaitStep } from '../../../src/protocol/step.ts';
import type { Instant } from '../../../src/protocol/timing.ts';
import type { Dice } from './dice.ts';
import type { Machine } from './machine.ts';
import { failureOf, type Network, type Outcome } from './network.ts';
import type { Timeline } from './timeline.ts';

/** One process on one machine: what it does, it does while the machine is awake, and until it dies. */
export class Process {
  readonly memory = new LockMemory();
  readonly dice: Dice;
  readonly network: Network;
  readonly machine: Machine;
  readonly #timeline: Timeline;
  readonly note: (what: string) => void;
  /** Told before a request leaves. */
  readonly onSend: () => void;
  #isDead = false;

  constructor(
    timeline: Timeline,
    machine: Machine,
    network: Network,
    dice: Dice,
    { note, onSend }: Pick<Process, 'note' | 'onSend'>,
  ) {
    this.#timeline = timeline;
    this.machine = machine;
    this.network = network;
    this.dice = dice;
    this.note = note;
    this.onSend = onSend;
  }

  get nowMs(): number {
    return this.#timeline.nowMs;
  }

  now(): Instant {
    return this.machine.now(this.#timeline.nowMs);
  }

  /** Acts at a point of real time, or once the machine is awake after it. */
  at(atMs: number, act: () => void): void {
    this.#timeline.at(atMs, () => {
      if (this.#isDead) return;
      const awakeMs = this.machine.awakeAt(this.nowMs);
      if (awakeMs > this.nowMs) this.at(awakeMs, act);
      else act();
    });
  }

  /** Acts when the monotonic clock shows a time, with the delay that timers have. */
  alarm(monotonicMs: number, act: () => void): void {
    this.at(this.machine.realTimeOf(monotonicMs) + this.dice.between(0, 4), () => {
      // The machine may have slept since the timer was set.
      if (this.now().monotonicMs < monotonicMs) this.alarm(monotonicMs, act);
      else act();
    });
  }

  kill(): void {
    this.#isDead = true;
  }
}

type EventBody = ProtocolEvent extends infer Each
  ? Each extends ProtocolEvent
    ? Omit<Each, 'at' | 'draw'>
    : never
  : never;

interface Listener<State, End> {
  onEnd(end: End, state: State): void;
  onAdvance?(state: State): void;
}

/** Carries the steps of one reducer out in the world, as the shipped driver does: one thing at a time. */
export class Runner<State, End extends { readonly kind: string }> {
  readonly #process: Process;
  readonly #reduce: Reducer<State, End>;
  readonly #listener: Listener<State, End>;
  readonly #leaseId: string;
  #turn = 0;
  state: State;

  constructor(
    process: Process,
    leaseId: string,
    reduce: Reducer<State, End>,
    state: State,
    listener: Listener<State, End>,
  ) {
    this.#process = process;
    this.#leaseId = leaseId;
    this.#reduce = reduce;
    this.state = state;
    this.#listener = listener;
  }

  dispatch(body: EventBody): void {
    if (this.#turn === Infinity) return;
    // Completed in place: half of a run's time would go into copies.
    const event = Object.assign(body, { at: this.#process.now(), draw: this.#process.dice.draw() });
    const [state, step] = this.#reduce(this.state, event);
    this.state = state;
    this.#listener.onAdvance?.(state);
    this.begin(step);
  }

  begin(step: StoreStep | WaitStep | CarryOnStep | End): void {
    if (isCarryOn(step) || this.#turn === Infinity) return;
    this.#turn += 1;
    const turn = this.#turn;
    const ifStillWanted = (act: () => void) => (): void => {
      if (turn === this.#turn) act();
    };
    if (isWait(step)) {
      this.#process.alarm(
        step.untilMs,
        ifStillWanted(() => this.dispatch({ kind: 'tick' })),
      );
    } else if (isStoreStep(step)) this.#send(step, ifStillWanted);
    else this.#listener.onEnd(step, this.state);
  }

  stop(): void {
    this.#turn = Infinity;
  }

  #send(step: StoreStep, ifStillWanted: (act: () => void) => () => void): void {
    const process = this.#process;
    process.note(step.kind);
    const hear = (outcome: Outcome): (() => void) =>
      ifStillWanted(() => {
        process.note(outcome.kind);
        // What is heard next of this request comes too late.
        this.#turn += 1;
        this.#report(step, outcome);
      });
    process.onSend();
    process.network.send(step, this.#leaseId, (outcome, atMs) => process.at(atMs, hear(outcome)));
    const limitMs = process.now().monotonicMs + Math.max(0, step.limitMs);
    process.alarm(limitMs, hear(failureOf(step, 'unknown')));
  }

  #report(step: StoreStep, outcome: Outcome): void {
    if (step.kind !== 'get') return this.dispatch({ kind: 'wrote', outcome: asWritten(outcome) });
    const shown = asRead(outcome);
    const { memory } = this.#process;
    this.dispatch({ kind: 'read', outcome: shown, ...memory.see(shown, this.#process.now().monotonicMs) });
  }
}

type Written = (ProtocolEvent & { readonly kind: 'wrote' })['outcome'];
type Shown = (ProtocolEvent & { readonly kind: 'read' })['outcome'];

function asWritten(outcome: Outcome): Written {
  if (outcome.kind === 'absent' || outcome.kind === 'found' || outcome.kind === 'unreadable') {
    throw new Error(`a write ended as ${outcome.kind}`);
  }
  return outcome;
}

function asRead(outcome: Outcome): Shown {
  if (outcome.kind === 'absent' || outcome.kind === 'found' || outcome.kind === 'unreadable') return outcome;
  if (outcome.kind === 'failed') return outcome;
  throw new Error(`a read ended as ${outcome.kind}`);
}

function isCarryOn(step: { readonly kind: string }): step is CarryOnStep {
  return step.kind === 'carry-on';
}

function isWait(step: { readonly kind: string }): step is WaitStep {
  return step.kind === 'wait';
}

function isStoreStep(step: { readonly kind: string }): step is StoreStep {
  return ['create', 'get', 'patch', 'overwrite', 'delete'].includes(step.kind);
}
