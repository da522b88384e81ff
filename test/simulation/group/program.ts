import type { Components } from '../../../src/components.ts';
import { GcsMutexError } from '../../../src/errors.ts';
import type { LockEvent } from '../../../src/events.ts';
import type { LockOptions } from '../client.ts';
import { Dice } from '../dice.ts';
import type { Network } from '../network.ts';
import type { Process } from '../process.ts';
import type { Actor } from '../stage.ts';
import type { WatchSettings } from '../watch.ts';
import { type Call, ORIGIN } from '../wire.ts';
import { MemberWatch } from './member-watch.ts';
import type { GroupWorld, Post } from './world.ts';

/** What a program looks at while it holds something. */
interface Held {
  readonly isHeld: boolean;
  readonly signal: AbortSignal;
  readonly lossError: unknown;
  refresh(): Promise<void>;
}

/** A program with one handle of a group: the shipped one, used in every way, until its process dies. */
export abstract class GroupProgram implements Actor {
  protected readonly process: Process;
  protected readonly dice: Dice;
  /** When the call that is under way began. */
  protected sinceMs = 0;
  readonly #world: GroupWorld;
  readonly #network: Network;
  readonly #watchSettings: WatchSettings;
  readonly #handle: number;
  /** The locks that it got, by lease id: handed over, and not yet. */
  readonly #watches = new Map<string, MemberWatch>();
  #lockCount = 0;
  #isRetiring = false;
  #isIdle = false;

  constructor(world: GroupWorld, { process, network, handle, options }: Post) {
    this.#world = world;
    this.process = process;
    this.#network = network;
    this.#handle = handle;
    this.dice = new Dice(world.seed, process.number, 5, handle);
    const { ttlMs, marginMs, refreshIntervalMs, maxHoldMs = Infinity } = options;
    this.#watchSettings = { timing: { ttlMs, marginMs }, maxHoldMs, refreshIntervalMs };
    process.onClockChange(() => {
      for (const watch of this.#watches.values()) watch.recompute();
    });
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  retire(): void {
    this.#isRetiring = true;
  }

  kill(): void {
    for (const watch of this.#watches.values()) watch.end();
  }

  /** Lives until it is told to retire. */
  protected async live(): Promise<void> {
    const { dice } = this;
    while (!this.#isRetiring) {
      await this.process.sleep(dice.between(0, dice.pick(...this.#world.shape.idleMs)));
      if (this.#isRetiring) break;
      this.sinceMs = this.process.nowMs;
      await this.attempt(() => this.turn());
    }
    await this.leave();
    this.#isIdle = true;
  }

  /** One use of the group. */
  protected abstract turn(): Promise<void>;

  /** A lock of the group was got, which the judge is to hear of. */
  protected abstract onLock(url: string): void;

  /** Whether an error that is not of the library may come out. */
  protected abstract mayFail(error: unknown): boolean;

  /** Clears up at the end. */
  protected async leave(): Promise<void> {}

  protected onSent(_call: Call): void {}

  /** A lease id is drawn. */
  protected onId(id: string): string {
    return id;
  }

  protected optionsOf(options: LockOptions) {
    return { ...options, apiEndpoint: ORIGIN, holder: 'a client' };
  }

  protected components(): Components {
    const { dice, process } = this;
    return {
      clock: process,
      random: {
        draw: () => dice.draw(),
        uuid: () => dice.uuid(),
        leaseId: () => this.onId(dice.leaseId()),
      },
      transport: this.#network.transportOf(process, (call) => this.onSent(call)),
      memory: process.memory,
      logger: (event) => this.#onEvent(event),
    };
  }

  /** How long it waits, and sometimes a signal that ends the wait before. */
  protected patience(): { readonly timeoutMs: number; readonly given: { readonly signal?: AbortSignal } } {
    const timeoutMs = this.dice.between(...this.#world.shape.patienceMs);
    return { timeoutMs, given: this.dice.chance(0.2) ? { signal: this.#abortLater(timeoutMs) } : {} };
  }

  /** What is done with what is held; its watches believe from now on. */
  protected async work(leaseIds: readonly string[], held: Held): Promise<void> {
    const { dice } = this;
    const { ttlMs } = this.#watchSettings.timing;
    if (dice.chance(0.3)) this.#network.worsen(this.process.nowMs + dice.between(0, ttlMs), dice);
    const watches = this.watchesOf(leaseIds);
    for (const watch of watches) watch.onHandedOver(watches);
    const { signal } = held;
    const longestMs = dice.chance(0.3) ? 150 : this.#world.shape.workTtls * ttlMs;
    let leftMs = dice.between(0, longestMs);
    while (leftMs > 0 && !signal.aborted && !this.#isRetiring) {
      const stepMs = Math.min(leftMs, dice.between(0, ttlMs));
      leftMs -= stepMs;
      await this.process.sleep(stepMs);
      if (dice.chance(0.7)) this.look(leaseIds, held);
      if (dice.chance(0.15)) await this.attempt(() => held.refresh());
    }
    if (held.lossError === undefined) return;
    if (held.isHeld) this.wrong('a lost lease is held');
    if (!signal.aborted) this.wrong('the signal of a lost lease has not aborted');
  }

  /** Whoever says that it holds must believe so of every lock. */
  protected look(leaseIds: readonly string[], { isHeld }: Pick<Held, 'isHeld'>): void {
    if (isHeld) for (const watch of this.watchesOf(leaseIds)) watch.onClaim();
  }

  protected watchesOf(leaseIds: readonly string[]): readonly MemberWatch[] {
    return leaseIds.flatMap((leaseId) => this.#watches.get(leaseId) ?? []);
  }

  /** All that have not come to their end. */
  protected get watches(): readonly MemberWatch[] {
    return [...this.#watches.values()];
  }

  /** Lives through an error of the library's own, or the caller's: nothing else may ever come out. */
  protected async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof GcsMutexError || error instanceof GivenUp || this.mayFail(error)) return;
      this.wrong(`an unexpected error: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  protected wrong(what: string): void {
    this.#world.judge.add(this.process.nowMs, `handle ${this.#handle}: ${what}`);
  }

  #onEvent(event: LockEvent): void {
    const { kind, leaseId, lock } = event;
    this.#world.tell(this.process, kind.length, () => {
      const detail = 'reason' in event ? ` (${event.reason})` : '';
      return `${kind} ${leaseId.slice(0, 4)} on ${lock.slice(-9)}${detail}`;
    });
    if (event.kind === 'acquired') return this.#onAcquired(event);
    const watch = this.#watches.get(leaseId);
    if (watch === undefined && kind === 'refreshed') this.wrong('a lease of the past is refreshed');
    watch?.onEvent(event);
    // With the first that is lost all of that lease are, and are given back.
    if (kind === 'lost') for (const other of watch?.together ?? []) if (other !== watch) other.giveBack();
    if (kind === 'released') this.#watches.delete(leaseId);
  }

  #onAcquired(event: Extract<LockEvent, { kind: 'acquired' }>): void {
    this.onLock(event.lock);
    this.#lockCount += 1;
    const handle = this.#handle * 1_000_000 + this.#lockCount;
    const checker = this.#world.checkerOf(event.lock);
    const watch = new MemberWatch(this.process, checker, handle, this.#watchSettings, event);
    this.#watches.set(event.leaseId, watch);
  }

  #abortLater(withinMs: number): AbortSignal {
    const controller = new AbortController();
    void this.process
      .sleep(this.dice.between(0, withinMs))
      .then(() => controller.abort(new GivenUp('the caller gave up')));
    return controller.signal;
  }
}

class GivenUp extends Error {}
