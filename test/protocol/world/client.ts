import { acquire, type AcquireEnd } from '../../../src/protocol/acquire.ts';
import {
  type AcquireSettings,
  type AcquireState,
  mayHaveWritten,
  startAcquiring,
  startAnew,
} from '../../../src/protocol/acquire-state.ts';
import { hold, type LostStep } from '../../../src/protocol/hold.ts';
import { endOf, type HoldState, isHeldAt } from '../../../src/protocol/hold-state.ts';
import { release, type ReleaseState, type ReleaseStep, startRelease } from '../../../src/protocol/release.ts';
import { settle, type SettleState, type SettleStep, startSettling } from '../../../src/protocol/settle.ts';
import { sleptBetween } from '../../../src/protocol/timing.ts';
import type { Checker } from './checker.ts';
import type { Gap } from './machine.ts';
import { type Process, Runner } from './process.ts';

type AcquireLast = AcquireEnd | { readonly kind: 'anew' };
type ReleaseLast = Extract<ReleaseStep, { kind: 'released' | 'failed' }>;
type SettleLast = Extract<SettleStep, { kind: 'settled' }>;

/** One life of a client: it acquires, holds and releases with the shipped reducers until its process dies. */
export class Client {
  readonly #index: number;
  readonly #process: Process;
  readonly #settings: AcquireSettings;
  readonly #checker: Checker;
  #lease: Runner<HoldState, LostStep> | undefined;

  constructor(index: number, process: Process, settings: AcquireSettings, checker: Checker) {
    this.#index = index;
    this.#process = process;
    this.#settings = settings;
    this.#checker = checker;
  }

  /** Acquires after a pause, and goes on from there. */
  rest(): void {
    const { dice } = this.#process;
    this.#later(dice.chance(0.5) ? dice.between(0, 50) : dice.between(0, 2_000), () => this.#acquire());
  }

  /** Dies as by SIGKILL: whatever it sent goes its own way. */
  kill(): void {
    this.#process.note('killed');
    this.#process.kill();
    this.#believe(undefined);
  }

  /** The machine does nothing for a while, from now or soon on. */
  onGap({ toMs, kind }: Gap): void {
    this.#believe(this.#lease?.state);
    const isTold = kind === 'stop' && this.#process.dice.chance(0.7);
    this.#process.at(toMs, () => {
      this.#believe(this.#lease?.state);
      if (isTold) this.#lease?.dispatch({ kind: 'resumed' });
    });
  }

  #later(delayMs: number, act: () => void): void {
    this.#process.at(this.#process.nowMs + delayMs, act);
  }

  #acquire(): void {
    const { dice } = this.#process;
    const mode = dice.chance(0.85) ? 'wait' : 'try';
    let giveUp: (() => void) | undefined;
    const run = (from: AcquireState): void => {
      const runner = new Runner<AcquireState, AcquireLast>(this.#process, from.leaseId, acquire, from, {
        onEnd: (end, last) => {
          this.#process.note(end.kind);
          runner.stop();
          if (end.kind === 'anew') {
            if (last.undecidedCount > 0) this.#settle(last);
            return run(startAnew(last, dice.leaseId()));
          }
          giveUp = undefined;
          if (end.kind === 'granted') return this.#hold(end.hold, last.undecidedCount > 0);
          if (mayHaveWritten(last)) this.#settle(last);
          this.rest();
        },
      });
      giveUp = () => {
        this.#process.note('gave up');
        runner.stop();
        if (mayHaveWritten(runner.state)) this.#settle(runner.state);
        this.rest();
      };
      runner.dispatch({ kind: 'tick' });
    };
    run(startAcquiring({ ...this.#settings, mode }, dice.leaseId()));
    this.#later(mode === 'try' ? 5_000 : dice.between(300, 12_000), () => giveUp?.());
  }

  #hold(granted: HoldState, isUndecided: boolean): void {
    const { leaseId, counter } = granted.record;
    const { dice } = this.#process;
    const { nowMs, network } = this.#process;
    this.#checker.onGrant(counter, nowMs);
    // A holder who is cut off believes to the last moment that it may.
    if (dice.chance(0.3)) network.worsen(nowMs + dice.between(0, granted.settings.timing.ttlMs));
    let isOver = false;
    let guardMs = 0;
    const runner = new Runner<HoldState, LostStep>(this.#process, leaseId, hold, granted, {
      onAdvance: (state) => {
        this.#believe(state);
        if (endOf(state) === guardMs || state.lost !== undefined) return;
        guardMs = endOf(state);
        this.#process.alarm(guardMs, () => isOver || runner.dispatch({ kind: 'tick' }));
      },
      onEnd: ({ reason }) => {
        isOver = true;
        this.#lease = undefined;
        this.#process.note(reason);
        this.#process.memory.noteEnded(leaseId);
        runner.stop();
        // A lease that is lost is released all the same, sooner or later, by `await using`.
        if (dice.chance(0.5)) this.rest();
        else this.#release(runner.state, false, isUndecided);
      },
    });
    const whileOver = (act: () => void) => (): void => {
      if (!isOver) act();
    };
    const { ttlMs } = granted.settings.timing;
    const heldMs = dice.chance(0.3) ? dice.between(0, 400) : dice.between(0, 3 * ttlMs);
    this.#lease = runner;
    const end = whileOver(() => {
      isOver = true;
      const isInTime = isHeldAt(runner.state, this.#process.now());
      runner.stop();
      this.#lease = undefined;
      this.#believe(undefined);
      this.#release(runner.state, isInTime, isUndecided);
    });
    this.#later(heldMs, end);
    if (dice.chance(0.2)) {
      this.#later(
        dice.between(0, heldMs),
        whileOver(() => runner.dispatch({ kind: 'refresh-asked' })),
      );
    }
    this.#later(
      dice.between(0, heldMs),
      whileOver(() => this.#use(runner)),
    );
    runner.dispatch({ kind: 'tick' });
  }

  /** What every use of a lease does first. */
  #use(runner: Runner<HoldState, LostStep>): void {
    const at = this.#process.now();
    const { state } = runner;
    const isDoubtful = sleptBetween(state.creditedAt, at, state.settings.timing);
    if (isDoubtful || at.monotonicMs >= endOf(state)) runner.dispatch({ kind: 'tick' });
  }

  #release(holding: HoldState, isInTime: boolean, isUndecided: boolean): void {
    const { leaseId } = holding.record;
    const now = this.#process.now();
    const untilMs = now.monotonicMs + this.#process.dice.between(500, 8_000);
    const { hold: settings } = this.#settings;
    const earlier = { isInTime, isUndecided: false };
    const [state, step] = startRelease(holding, earlier, { ...settings, untilMs }, now);
    let isOver = false;
    const runner = new Runner<ReleaseState, ReleaseLast>(this.#process, leaseId, release, state, {
      onEnd: (end, last) => {
        isOver = true;
        this.#process.note(end.kind);
        this.#process.memory.noteEnded(leaseId);
        runner.stop();
        if (end.kind === 'released' && isUndecided) {
          this.#settle({ leaseId, lastRequest: last.request });
        }
        this.rest();
      },
    });
    this.#process.alarm(untilMs, () => isOver || runner.dispatch({ kind: 'tick' }));
    runner.begin(step);
  }

  /** Clears away, in the background, what an acquisition that is over may leave behind. */
  #settle(over: { readonly leaseId: string; readonly lastRequest: number }): void {
    this.#process.memory.noteEnded(over.leaseId);
    const now = this.#process.now();
    const { hold: settings } = this.#settings;
    const untilMs = now.monotonicMs + settings.requestTimeoutMs;
    const [state, step] = startSettling(over.leaseId, over.lastRequest, { ...settings, untilMs }, now);
    const runner = new Runner<SettleState, SettleLast>(this.#process, over.leaseId, settle, state, {
      onEnd: (end) => this.#process.note(end.kind),
    });
    this.#process.alarm(untilMs, () => runner.stop());
    runner.begin(step);
  }

  #believe(state: HoldState | undefined): void {
    const { nowMs, machine } = this.#process;
    if (state === undefined) return this.#checker.onBelief(this.#index, '', [], nowMs);
    const spans = machine.beliefOf(state, nowMs);
    this.#checker.onBelief(this.#index, state.record.leaseId, spans, nowMs);
    if (isHeldAt(state, this.#process.now())) this.#checker.onClaim(this.#index, nowMs);
  }
}
