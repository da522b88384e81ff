import { ProcessMemory } from '../../src/memory.ts';
import type { Clock, TimerKind } from '../../src/platform/clock.ts';
import type { Instant } from '../../src/protocol/timing.ts';
import { Dice } from './dice.ts';
import type { Credit, Gap, Machine, Span } from './machine.ts';
import type { Stage } from './stage.ts';

/** When a request left, by its process's clocks and in real time. */
interface Send {
  readonly at: Instant;
  readonly realMs: number;
  /** Whose record it writes; undefined where it writes none. */
  readonly leaseId: string | undefined;
}

/** How late a timer may fire. */
const JITTER_MS = 3;

/** What begins within this begins before anything else can. */
export const AT_ONCE_MS = 0.01;

const always = (): boolean => true;

/** One process on one machine: what it does, it does while the machine is awake, and until it dies. */
export class Process implements Clock {
  readonly memory = new ProcessMemory();
  /** Of all processes of the world, those that died included. */
  readonly number: number;
  readonly dice: Dice;
  /** How many of its requests wait for their answer. */
  openRequestCount = 0;
  readonly #world: Stage;
  readonly #machine: Machine;
  readonly #resumeCallbacks = new Set<() => void>();
  /** Told when the clocks go another way than was known. */
  readonly #clockListeners: (() => void)[] = [];
  readonly #sends: Send[] = [];
  /** Where its own running has taken it to: a stop in the middle of a step is ahead of the world. */
  #aheadMs = 0;
  #readingsToPause: number;
  #pauseCount = 0;
  #timerCount = 0;
  #isDead = false;
  #troubledUntilMs = -Infinity;
  #thawedMs = -Infinity;

  constructor(world: Stage, machine: Machine, number: number) {
    this.#world = world;
    this.#machine = machine;
    this.number = number;
    this.dice = new Dice(world.seed, number, 4);
    this.#readingsToPause = this.#untilPause();
    // One that takes the place of another is stopped with its machine, as that one would have been.
    const gap = machine.gapAfter(this.nowMs);
    if (gap !== undefined) this.#onGap(gap);
  }

  /** Real time, as far as this process has got. */
  get nowMs(): number {
    return Math.max(this.#world.timeline.nowMs, this.#aheadMs);
  }

  /** Whether it was stopped in the middle of the step that is under way. */
  get isAhead(): boolean {
    return this.#aheadMs >= this.#world.timeline.nowMs;
  }

  /** Until when something went wrong, or will, for which nobody can blame its program. */
  get troubledUntilMs(): number {
    return this.#troubledUntilMs;
  }

  /** When it was last told of a freeze. */
  get thawedMs(): number {
    return this.#thawedMs;
  }

  /** Something goes wrong for it, from now until a point of real time. */
  trouble(untilMs = this.nowMs): void {
    this.#troubledUntilMs = Math.max(this.#troubledUntilMs, untilMs);
  }

  get timerCount(): number {
    return this.#timerCount;
  }

  get resumeListenerCount(): number {
    return this.#resumeCallbacks.size;
  }

  /** Reads the clocks. Between any two readings the process may have been stopped, or its machine have slept. */
  now(): Instant {
    this.#readingsToPause -= 1;
    if (this.#readingsToPause < 0) this.#pause();
    return this.peek();
  }

  /** The clocks, read by the world: nothing happens to the process. */
  peek(): Instant {
    return this.#machine.now(this.nowMs);
  }

  setTimer(delayMs: number, _kind: TimerKind, callback: () => void): () => void {
    const dueMs = this.peek().monotonicMs + Math.max(0, delayMs);
    let isSet = true;
    this.#timerCount += 1;
    const unset = (): void => {
      if (isSet) this.#timerCount -= 1;
      isSet = false;
    };
    const fire = (): void => {
      // The machine may have slept since the timer was set.
      if (this.peek().monotonicMs < dueMs) return arm();
      unset();
      callback();
    };
    const arm = (): void =>
      this.at(this.#machine.realTimeOf(dueMs) + this.dice.between(0, JITTER_MS), fire, () => isSet);
    arm();
    return unset;
  }

  /** The latest moment of real time at which a timer that is due at a point of the monotonic clock fires. */
  firesBy(monotonicMs: number): number {
    return this.#machine.doneBy(monotonicMs, JITTER_MS);
  }

  onResume(callback: () => void): () => void {
    this.#resumeCallbacks.add(callback);
    return () => this.#resumeCallbacks.delete(callback);
  }

  onClockChange(callback: () => void): void {
    this.#clockListeners.push(callback);
  }

  /** Resolves after a while, by the monotonic clock. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(delayMs, 'foreground', resolve));
  }

  /** Acts at a point of real time, or once the process runs after it, unless it is wanted no more by then. */
  at(atMs: number, act: () => void, isWanted = always): void {
    this.#world.timeline.at(Math.max(atMs, this.nowMs), () => {
      if (this.#isDead || !isWanted()) return;
      const { nowMs } = this.#world.timeline;
      const awakeMs = Math.max(this.#machine.awakeAt(nowMs), this.#aheadMs);
      if (awakeMs > nowMs) return this.at(awakeMs, act, isWanted);
      this.#world.stir();
      act();
    });
  }

  /** A request leaves. Right behind it is where a gap hurts most. */
  onSend(leaseId?: string): void {
    this.#sends.push({ at: this.peek(), realMs: this.nowMs, leaseId });
    this.#world.onSend(this);
  }

  /**
   * The sends of this process that may count for a lease, from a moment on its monotonic clock on, oldest first: its own
   * writes, and reads, which show that a write was not carried out before.
   */
  sendsFrom(monotonicMs: number, ofLeaseId: string): readonly Send[] {
    return this.#sends.filter(
      ({ at, leaseId = ofLeaseId }) => leaseId === ofLeaseId && at.monotonicMs >= monotonicMs - 1e-4,
    );
  }

  /** When from now on a holder believes, by this machine's clocks. */
  beliefOf(credit: Credit): readonly Span[] {
    return this.#machine.beliefOf(credit, this.nowMs);
  }

  /** The machine does nothing for a while, from now or soon on; false where it cannot be. */
  interrupt(gap: Gap): boolean {
    if (this.#isDead || gap.fromMs < this.nowMs || !this.#machine.addGap(gap, this.nowMs)) return false;
    this.#world.tell(this, 3, () => `${gap.kind}s from ${gap.fromMs.toFixed(3)} to ${gap.toMs.toFixed(3)}`);
    this.#onGap(gap);
    return true;
  }

  /** What kind of gap begins now, or soon. Only a process that can be told of it is frozen. */
  gapKind(fromMs: number): Gap['kind'] {
    const mayFreeze =
      this.#machine.kind !== 'is-set' &&
      this.#resumeCallbacks.size > 0 &&
      fromMs < this.nowMs + 2 * AT_ONCE_MS;
    if (mayFreeze && this.dice.chance(0.3)) return 'freeze';
    return this.#machine.kind === 'sleeps' && this.dice.chance(0.5) ? 'sleep' : 'stop';
  }

  /** Somebody sets the sleep-counting clock. */
  jump(byMs: number): void {
    this.#machine.jump(this.nowMs, byMs);
    this.#world.tell(this, 5, () => `clock set by ${byMs.toFixed(0)} ms`);
    this.trouble();
    for (const listener of this.#clockListeners) listener();
  }

  /** Dies as by SIGKILL: whatever it sent goes its own way. */
  kill(): void {
    this.#isDead = true;
    this.#world.tell(this, 7, () => 'killed');
  }

  /** Stops in the middle of a step: the world catches up before anything from outside reaches the process. */
  #pause(): void {
    this.#readingsToPause = this.#untilPause();
    const fromMs = this.nowMs;
    if (this.#isDead || fromMs >= this.#world.calmMs) return;
    this.#pauseCount += 1;
    if (!this.#world.happens(`pause ${this.number}.${this.#pauseCount}`)) return;
    const toMs = fromMs + this.#world.gapLength(this.dice);
    // Whoever goes on in the middle of a step is not told first.
    const kind = this.#machine.kind === 'sleeps' && this.dice.chance(0.5) ? 'sleep' : 'stop';
    const gap: Gap = { fromMs, toMs, kind };
    if (!this.interrupt(gap)) return;
    this.#aheadMs = toMs;
  }

  #onGap({ kind, toMs }: Gap): void {
    this.trouble(toMs);
    for (const listener of this.#clockListeners) listener();
    if (kind === 'sleep' || (kind === 'stop' && !this.dice.chance(0.7))) return;
    this.at(toMs, () => {
      if (kind === 'freeze') this.#thawedMs = toMs;
      for (const callback of this.#resumeCallbacks) callback();
    });
  }

  #untilPause(): number {
    const { pauseRate } = this.#world;
    return pauseRate === 0 ? Infinity : Math.floor(this.dice.between(0, 2 / pauseRate));
  }
}
