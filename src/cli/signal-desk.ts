import { constants } from 'node:os';
import { exitCodeOfSignal } from './exit-codes.ts';
import type { ProcessGroup } from './process-group.ts';

/** Signals that ask for an end. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** Signals that mean something to the command only. */
const PASSED_ON = ['SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

/** A signal ended the wait for the lock, before there was a command. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: NodeJS.Signals;
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.signal = signal;
    this.exitCode = exitCodeOfSignal(constants.signals[signal]);
  }
}

/**
 * Receives the process's signals: before there is a command they end the wait, while it runs they are the command's.
 * A second Ctrl-C kills the command at once, and where none runs it gives up what is being cleaned up.
 */
export class SignalDesk implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: [NodeJS.Signals, () => void][] = [];
  #group: ProcessGroup | undefined;
  #isResumable: () => Promise<boolean> = () => Promise.resolve(true);
  readonly #giveUp: () => void;
  #interruptCount = 0;

  /** @param giveUp - called at a second Ctrl-C, and at each one after it, while no command runs. */
  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
    for (const name of ENDING) this.#listen(name, () => this.#end(name));
    for (const name of PASSED_ON) this.#listen(name, () => void this.#group?.signal(name));
    this.#listen('SIGTSTP', () => this.#stop());
    this.#listen('SIGCONT', () => void this.#resume());
  }

  /** Aborts with an {@link Interrupted} when a signal ends the wait. */
  get interruption(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * From now on signals are for a group.
   *
   * @param isResumable - whether the group may go on after it was stopped: not once its lease is over. Default: it may.
   */
  attach(group: ProcessGroup, isResumable?: () => Promise<boolean>): void {
    this.#group = group;
    if (isResumable !== undefined) this.#isResumable = isResumable;
  }

  /** The group has ended: what follows is a clean-up. */
  detach(): void {
    this.#group = undefined;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #listen(name: NodeJS.Signals, listener: () => void): void {
    process.on(name, listener);
    this.#listeners.push([name, listener]);
  }

  #end(name: NodeJS.Signals): void {
    if (name === 'SIGINT') this.#interruptCount += 1;
    const isSecond = name === 'SIGINT' && this.#interruptCount > 1;
    if (this.#group !== undefined) return void this.#group.signal(isSecond ? 'SIGKILL' : name);
    if (isSecond) return this.#giveUp();
    this.#controller.abort(new Interrupted(name));
  }

  /**
   * Stops the command, and then this process as the shell expects of it. The command's group has no terminal of its
   * own, so that the kernel would ignore a SIGTSTP that it does not handle: it gets the one that it must obey.
   */
  #stop(): void {
    this.#group?.signal('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  }

  async #resume(): Promise<void> {
    const group = this.#group;
    if (group !== undefined && (await this.#isResumable())) group.signal('SIGCONT');
  }
}
