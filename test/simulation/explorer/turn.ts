import { LockMemory } from '../../../src/memory.ts';
import type { AcquireEnd } from '../../../src/protocol/acquire.ts';
import {
  type AcquireState,
  mayHaveWritten,
  startAcquiring,
  startAnew,
} from '../../../src/protocol/acquire-state.ts';
import { endOf, type HoldState, isHeldAt } from '../../../src/protocol/hold-state.ts';
import { type ReleaseStep, startRelease } from '../../../src/protocol/release.ts';
import { startSettling } from '../../../src/protocol/settle.ts';
import type { ProtocolEvent } from '../../../src/protocol/step.ts';
import { type Instant, sleptBetween } from '../../../src/protocol/timing.ts';
import type { Noted } from './move.ts';
import { noAnswer, type Outcome, requestOf } from './request.ts';
import type { ClientSetup, Setup } from './setup.ts';
import { asRead, asWritten, isGrant, isStoreStep, isWait, leaseIdOf } from './steps.ts';
import { changed, type Client, type Pending, type Run, runAt, type SettleRun, type Stray } from './world.ts';

type EventBody = ProtocolEvent extends infer Each
  ? Each extends ProtocolEvent
    ? Omit<Each, 'at' | 'draw'>
    : never
  : never;

const NOTHING: Pending = { kind: 'nothing' };

/** Whether the machine slept since the last credited write, and the lease does not know yet. */
export function isUnseenDoubt(state: HoldState, at: Instant): boolean {
  return state.doubtedCount === undefined && sleptBetween(state.creditedAt, at, state.settings.timing);
}

/**
 * What one client does at one moment: it hands events to its reducers and carries out their steps, as the shipped
 * driver, acquisition, lease, ending and settlement do. The client that comes in stays as it is.
 */
export class Turn {
  readonly #setup: Setup;
  readonly #own: ClientSetup;
  readonly noted: Noted[] = [];
  readonly strays: Stray[] = [];
  /** The client as it becomes; nobody else has seen it yet. */
  readonly #client: { -readonly [Key in keyof Client]: Client[Key] };

  constructor(setup: Setup, client: Client) {
    this.#setup = setup;
    this.#own = setup.clients[client.index] as ClientSetup;
    this.#client = changed(client, {});
  }

  /** The client after everything that was done. */
  get client(): Client {
    return this.#client;
  }

  /** The user wants the lock. */
  acquire(): void {
    const state = startAcquiring(this.#own.settings, this.#newLeaseId());
    this.#client.acquisitionsLeft -= 1;
    this.#setMain({ role: 'acquire', state, pending: NOTHING, alarmAtMs: Infinity });
    this.#dispatch(0, { kind: 'tick' });
  }

  /** The user gives up before there is an answer. */
  abort(): void {
    const { main } = this.#client;
    if (main?.role !== 'acquire') return;
    this.#cut(main.pending, false);
    this.#setMain(undefined);
    if (mayHaveWritten(main.state)) this.#settle(main.state.leaseId, main.state.lastRequest);
  }

  /** The user ends a lease, held or lost. */
  end(): void {
    this.#look();
    const { main, at } = this.#client;
    if (main?.role === 'hold') {
      this.#cut(main.pending, false);
      this.#release(main, isHeldAt(main.state, at));
    } else if (main?.role === 'lost') {
      const { lost } = main.state;
      if (lost === 'expired' || lost === 'max-hold') this.#release(main, false);
      else this.#setMain(undefined);
    }
  }

  /** What every use of a lease does first. */
  #look(): void {
    const { main, at } = this.#client;
    if (main?.role !== 'hold') return;
    const { state } = main;
    const isDoubtful = isUnseenDoubt(state, at);
    if (isDoubtful || at.monotonicMs >= endOf(state)) this.#dispatch(0, { kind: 'tick' });
  }

  /** The user of a lost lease never ends it. */
  forget(): void {
    this.#setMain(undefined);
  }

  /** The process dies: what it sent goes its own way. */
  crash(): void {
    const { main, settling } = this.#client;
    for (const run of [main, ...settling]) if (run !== undefined) this.#cut(run.pending, false);
    const memory = new LockMemory().remembered;
    Object.assign(this.#client, { main: undefined, settling: [], memory, gap: undefined });
  }

  /** A pause is over, a guard of a lease is due, or its user looks at it. */
  tick(slot: number): void {
    const run = runAt(this.#client, slot);
    if (run?.pending.kind === 'pause' && this.#client.at.monotonicMs >= run.pending.untilMs) {
      this.#set(slot, { ...run, pending: NOTHING });
    }
    this.#dispatch(slot, { kind: 'tick' });
  }

  /** It goes on after a gap; of one that its clocks did not count it is told. */
  wake(): void {
    const { gap, main } = this.#client;
    this.#client.gap = undefined;
    if (gap?.kind === 'freeze' && main !== undefined) this.resumed();
  }

  resumed(): void {
    this.#dispatch(0, { kind: 'resumed' });
  }

  /** Patience with a release or with clearing away is over. */
  alarm(slot: number): void {
    const run = runAt(this.#client, slot);
    this.#dispatch(slot, { kind: 'tick' });
    if (run?.role === 'settle' && runAt(this.#client, slot)?.role === 'settle') this.#endSettling(slot);
  }

  /** The sender is told that there is no answer; the request may be on its way all the same. */
  loseAnswer(slot: number, isPaid: boolean): void {
    const run = runAt(this.#client, slot);
    if (run?.pending.kind !== 'call') return;
    this.#cut(run.pending, isPaid);
    this.hear(slot, noAnswer(run.pending.request));
  }

  /** An answer is heard. */
  hear(slot: number, outcome: Outcome): void {
    const run = runAt(this.#client, slot);
    if (run?.pending.kind !== 'call') return;
    const { method } = run.pending.request;
    this.#set(slot, { ...run, pending: NOTHING });
    if (method !== 'get') return this.#dispatch(slot, { kind: 'wrote', outcome: asWritten(outcome) });
    const memory = new LockMemory(this.#client.memory);
    const shown = asRead(outcome);
    const known = memory.see(shown, this.#client.at.monotonicMs);
    this.#client.memory = memory.remembered;
    this.#dispatch(slot, { kind: 'read', outcome: shown, ...known });
  }

  #dispatch(slot: number, body: EventBody): void {
    const run = runAt(this.#client, slot);
    if (run === undefined) return;
    const event: ProtocolEvent = Object.assign(body, { at: this.#client.at, draw: 0 });
    const { reducers } = this.#setup;
    switch (run.role) {
      case 'acquire': {
        const [state, step] = reducers.acquire(run.state, event);
        if (this.#carryOut(slot, { ...run, state }, step, state.leaseId)) this.#onAcquired(state, step);
        return;
      }
      case 'hold': {
        const [state, step] = reducers.hold(run.state, event);
        if (!this.#carryOut(slot, { ...run, state }, step, state.record.leaseId)) return;
        this.#noteEnded(state.record.leaseId, step.kind === 'lost' && step.reason !== 'max-hold');
        this.#setMain({ ...run, role: 'lost', state, pending: NOTHING, alarmAtMs: Infinity });
        return;
      }
      case 'release': {
        const [state, step] = reducers.release(run.state, event);
        const next = { ...run, state };
        if (this.#carryOut(slot, next, step, state.record.leaseId)) this.#onReleased(next, step);
        return;
      }
      case 'settle': {
        const [state, step] = reducers.settle(run.state, event);
        if (this.#carryOut(slot, { ...run, state }, step, state.leaseId)) this.#endSettling(slot);
        return;
      }
      case 'lost':
        return;
      default:
        return run satisfies never;
    }
  }

  /** Does what a step says, in place of what is under way. True where the step is a last word. */
  #carryOut(slot: number, run: Run, step: { readonly kind: string }, leaseId: string): boolean {
    if (step.kind === 'carry-on') {
      this.#set(slot, run);
      return false;
    }
    this.#cut(run.pending, false);
    if (isWait(step)) {
      this.#set(slot, { ...run, pending: { kind: 'pause', untilMs: step.untilMs } });
      return false;
    }
    if (!isStoreStep(step)) return true;
    const request = requestOf(step, this.#client.index, leaseId);
    this.noted.push({ kind: 'sent', request });
    const limitAtMs = this.#client.at.monotonicMs + Math.max(0, step.limitMs);
    this.#set(slot, { ...run, pending: { kind: 'call', request, limitAtMs, isLate: false } });
    return false;
  }

  #onAcquired(state: AcquireState, step: AcquireEnd | { readonly kind: string }): void {
    if (step.kind === 'anew') {
      this.#noteEnded(state.leaseId, true);
      if (state.undecidedCount > 0) this.#settle(state.leaseId, state.lastRequest);
      const next = startAnew(state, this.#newLeaseId());
      this.#setMain({ role: 'acquire', state: next, pending: NOTHING, alarmAtMs: Infinity });
      return this.#dispatch(0, { kind: 'tick' });
    }
    if (isGrant(step)) {
      const isUndecided = state.undecidedCount > 0;
      const { holdTicks } = this.#setup.config;
      const isHeld = isHeldAt(step.hold, this.#client.at);
      this.noted.push({ kind: 'granted', counter: step.hold.record.counter, isHeld });
      const alarmAtMs = this.#client.at.monotonicMs + holdTicks * this.#own.tickMs;
      this.#setMain({ role: 'hold', state: step.hold, isUndecided, pending: NOTHING, alarmAtMs });
      return this.#dispatch(0, { kind: 'tick' });
    }
    this.#setMain(undefined);
    if (mayHaveWritten(state)) this.#settle(state.leaseId, state.lastRequest);
  }

  #release(run: Run & { readonly role: 'hold' | 'lost' }, isInTime: boolean): void {
    const { at } = this.#client;
    const { hold } = this.#own.settings;
    const untilMs = at.monotonicMs + 2 * hold.requestTimeoutMs;
    const earlier = { isInTime, isUndecided: false };
    const [state, step] = startRelease(run.state, earlier, { ...hold, untilMs }, at);
    const { isUndecided } = run;
    const next = { role: 'release', state, isUndecided, pending: NOTHING, alarmAtMs: untilMs } as const;
    this.#carryOut(0, next, step, state.record.leaseId);
  }

  #onReleased(run: Run & { readonly role: 'release' }, step: ReleaseStep): void {
    const { record, request, version } = run.state;
    this.#setMain(undefined);
    this.#noteEnded(record.leaseId, true);
    if (step.kind !== 'released') return;
    this.noted.push({ kind: 'released', wasHeld: step.wasHeld, generation: version.generation });
    if (run.isUndecided) this.#settle(record.leaseId, request);
  }

  /** Clears away, in the background, what an acquisition that is over may leave behind. */
  #settle(leaseId: string, lastRequest: number): void {
    this.#noteEnded(leaseId, true);
    const { at } = this.#client;
    const { hold } = this.#own.settings;
    const untilMs = at.monotonicMs + hold.requestTimeoutMs;
    const [state, step] = startSettling(leaseId, lastRequest, { ...hold, untilMs }, at);
    const settling = [...this.#client.settling];
    this.#client.settling = settling;
    const run: SettleRun = { role: 'settle', state, pending: NOTHING, alarmAtMs: untilMs };
    settling.push(run);
    this.#carryOut(settling.length, run, step, leaseId);
  }

  #endSettling(slot: number): void {
    const run = runAt(this.#client, slot);
    if (run !== undefined) this.#cut(run.pending, false);
    this.#client.settling = this.#client.settling.toSpliced(slot - 1, 1);
  }

  /** What is under way loses its sender; a request that has not arrived may yet. */
  #cut(pending: Pending, isPaid: boolean): void {
    if (pending.kind !== 'call' || pending.answer !== undefined) return;
    this.strays.push({ request: pending.request, isLate: isPaid || pending.isLate });
  }

  #newLeaseId(): string {
    const { index, leaseCount } = this.#client;
    this.#client.leaseCount = leaseCount + 1;
    return leaseIdOf(index, leaseCount);
  }

  #noteEnded(leaseId: string, isOver: boolean): void {
    if (!isOver) return;
    const memory = new LockMemory(this.#client.memory);
    memory.noteEnded(leaseId);
    this.#client.memory = memory.remembered;
  }

  #setMain(main: Client['main']): void {
    this.#client.main = main;
  }

  #set(slot: number, run: Run): void {
    if (run.role === 'settle') this.#client.settling = this.#client.settling.with(slot - 1, run);
    else this.#client.main = run;
  }
}
