import type { Store } from './gcs/store.ts';
import type { Clock, TimerKind } from './platform/clock.ts';
import type { Random } from './platform/random.ts';
import type { DeleteOutcome, Failure, ReadOutcome, WriteOutcome } from './protocol/outcome.ts';
import type { LockRecord } from './protocol/record.ts';
import type { CarryOnStep, ProtocolEvent, StoreStep, WaitStep } from './protocol/step.ts';
import type { Instant, Millis } from './protocol/timing.ts';

/** What is known of an object across calls. */
export interface Memory<Body> {
  /** Adds a reading, and gives what is to be told of it with the event. */
  see(
    outcome: ReadOutcome<Body>,
    arrivedMs: Millis,
  ): { readonly observedSinceMs?: Millis; readonly isOwnOrphan?: boolean };
}

/** What a driver works with. */
export interface DriverParts<Body = LockRecord> {
  readonly store: Store<Body>;
  readonly clock: Clock;
  readonly random: Random;
  readonly memory: Memory<Body>;
}

/** A reducer of `src/protocol`. */
export type Reducer<State, End, Body = LockRecord> = (
  state: State,
  event: ProtocolEvent<Body>,
) => readonly [State, StoreStep<Body> | WaitStep | CarryOnStep | End];

/** What an event says besides the time and the chance that the driver adds. */
type EventBody<Body> =
  ProtocolEvent<Body> extends infer Each
    ? Each extends ProtocolEvent<Body>
      ? Omit<Each, 'at' | 'draw'>
      : never
    : never;

/** What the owner of a driver is told. */
export interface DriverListener<State, End, Body = LockRecord> {
  /** A step that is not the driver's to carry out: the reducer's last word, or a wish of its own. */
  onEnd(end: End, state: State): void;
  /** After each event, whatever came of it. */
  onAdvance?(state: State): void;
  /** A request has left. */
  onSent?(): void;
  /** What became of a request, for reports. */
  onOutcome?(step: StoreStep<Body>, outcome: WriteOutcome | DeleteOutcome | ReadOutcome<Body>): void;
}

/**
 * Carries out what a reducer decides: one request or one pause at a time, each with its own time limit, and
 * reports back what happened. It decides nothing itself.
 */
export class Driver<State, End extends { readonly kind: string }, Body = LockRecord> {
  readonly #parts: DriverParts<Body>;
  readonly #timerKind: () => TimerKind;
  readonly #reduce: Reducer<State, End, Body>;
  readonly #listener: DriverListener<State, End, Body>;
  #state: State;
  /** Cuts off what is under way; undefined where nothing is. */
  #cutOff: (() => void) | undefined;
  #lastToken: { readonly request: number; readonly token: string } | undefined;
  /** Whether the last request got no answer: its connection, and others of the pool, may be dead. */
  #isConnectionSuspect: boolean;
  #isStopped = false;

  /**
   * @param timerKind - asked before each pause and each request: what its timer does to the process.
   * @param isConnectionSuspect - whether connections that were kept open so far may be dead.
   */
  constructor(
    parts: DriverParts<Body>,
    timerKind: () => TimerKind,
    reduce: Reducer<State, End, Body>,
    state: State,
    listener: DriverListener<State, End, Body>,
    isConnectionSuspect = false,
  ) {
    this.#parts = parts;
    this.#timerKind = timerKind;
    this.#reduce = reduce;
    this.#state = state;
    this.#listener = listener;
    this.#isConnectionSuspect = isConnectionSuspect;
  }

  get state(): State {
    return this.#state;
  }

  /** Starts in another state, with nothing under way. */
  restart(state: State): void {
    this.#cut();
    this.#state = state;
    this.dispatch({ kind: 'tick' });
  }

  /** Carries out a first step that came together with the first state. */
  begin(step: StoreStep<Body> | WaitStep | CarryOnStep | End): void {
    this.#carryOut(step);
  }

  /** Tells the reducer what happened, now, and carries out what it makes of it. */
  dispatch(body: EventBody<Body>, at: Instant = this.#parts.clock.now()): void {
    if (this.#isStopped) return;
    const event: ProtocolEvent<Body> = { ...body, at, draw: this.#parts.random.draw() };
    const [state, step] = this.#reduce(this.#state, event);
    this.#state = state;
    this.#carryOut(step);
    this.#listener.onAdvance?.(this.#state);
  }

  /** Cuts off what is under way, for good. */
  stop(): void {
    this.#isStopped = true;
    this.#cut();
  }

  #cut(): void {
    const cutOff = this.#cutOff;
    this.#cutOff = undefined;
    cutOff?.();
  }

  #carryOut(step: StoreStep<Body> | WaitStep | CarryOnStep | End): void {
    if (isCarryOn(step)) return;
    this.#cut();
    if (isWait(step)) this.#wait(step.untilMs);
    else if (isStoreStep<Body>(step)) this.#send(step);
    else this.#listener.onEnd(step, this.#state);
  }

  #wait(untilMs: Millis): void {
    const { clock } = this.#parts;
    this.#cutOff = clock.setTimer(untilMs - clock.now().monotonicMs, this.#timerKind(), () => {
      this.#cutOff = undefined;
      this.dispatch({ kind: 'tick' });
    });
  }

  #send(step: StoreStep<Body>): void {
    const controller = new AbortController();
    const abort = (): void => controller.abort(new Error('the attempt was cut off'));
    const cancelLimit = this.#parts.clock.setTimer(Math.max(0, step.limitMs), this.#timerKind(), abort);
    const cutOff = (): void => {
      cancelLimit();
      abort();
    };
    this.#cutOff = cutOff;
    const settled = (happened: Happened<Body>): void => {
      if (this.#cutOff !== cutOff) return;
      cancelLimit();
      this.#isConnectionSuspect = ['unknown', 'unreadable'].includes(happened.outcome.kind);
      this.#listener.onOutcome?.(step, happened.outcome);
      // A user's callback that looked at the lease may have found it over, or in doubt: then something else is
      // under way already, for which this outcome is none.
      if (this.#cutOff !== cutOff) return;
      this.#cutOff = undefined;
      const at = this.#parts.clock.now();
      if (happened.kind === 'wrote') return this.dispatch(happened, at);
      this.dispatch({ ...happened, ...this.#parts.memory.see(happened.outcome, at.monotonicMs) }, at);
    };
    this.#call(step, controller.signal).then(settled, () => settled(brokenStore(step)));
    // Not before: whoever looks at a clock may be stopped there, after the moment from which a lease counts.
    this.#listener.onSent?.();
  }

  async #call(step: StoreStep<Body>, signal: AbortSignal): Promise<Happened<Body>> {
    const { store } = this.#parts;
    const freshConnection = step.freshConnection === true || this.#isConnectionSuspect;
    const isBackground = this.#timerKind() === 'background';
    const call = { signal, freshConnection, isBackground };
    if (step.kind === 'get') return { kind: 'read', outcome: await store.get(call) };
    const options = { ...call, idempotencyToken: this.#tokenOf(step.request) };
    switch (step.kind) {
      case 'create':
        return { kind: 'wrote', outcome: await store.create(step.record, options) };
      case 'overwrite':
        return { kind: 'wrote', outcome: await store.overwrite(step.expected, step.record, options) };
      case 'patch':
        return { kind: 'wrote', outcome: await store.patch(step.expected, step.record, options) };
      case 'delete':
        return { kind: 'wrote', outcome: await store.delete({ generation: step.generation }, options) };
      default:
        return step satisfies never;
    }
  }

  /** One token a request: the same request again keeps it, so that the store may know it again. */
  #tokenOf(request: number): string {
    if (this.#lastToken?.request !== request) this.#lastToken = { request, token: this.#parts.random.uuid() };
    return this.#lastToken.token;
  }
}

/** What a request came to. */
type Happened<Body> =
  | { readonly kind: 'wrote'; readonly outcome: WriteOutcome | DeleteOutcome }
  | { readonly kind: 'read'; readonly outcome: ReadOutcome<Body> };

/** A store promises not to reject; one that does has told nothing. */
function brokenStore<Body>(step: StoreStep<Body>): Happened<Body> {
  const failure: Failure = { kind: 'unavailable', detail: 'The store client failed.' };
  return step.kind === 'get'
    ? { kind: 'read', outcome: { kind: 'unreadable', failure } }
    : { kind: 'wrote', outcome: { kind: 'unknown', failure } };
}

function isCarryOn(step: { readonly kind: string }): step is CarryOnStep {
  return step.kind === 'carry-on';
}

function isWait(step: { readonly kind: string }): step is WaitStep {
  return step.kind === 'wait';
}

function isStoreStep<Body>(step: { readonly kind: string }): step is StoreStep<Body> {
  return ['create', 'get', 'patch', 'overwrite', 'delete'].includes(step.kind);
}
