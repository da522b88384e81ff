import { tellDuration } from './duration.ts';
import { LeaseWatch, type RunLease } from './lease-watch.ts';
import type { Notes } from './notes.ts';
import type { ProcessGroup } from './process-group.ts';

/** What becomes of a command whose lease runs out. */
export interface SupervisionOptions {
  readonly onLost: 'kill' | 'warn';
  /** How long before the end of the lease the command is asked to end, milliseconds. */
  readonly killAfter: number;
  /** How long the lease may last at all, milliseconds. */
  readonly maxHold?: number;
}

/** What may pass between the grant of a lease and the start of its command. */
const START_MS = 1_000;

/**
 * Sees to it that no command works on without its lock: asks it to end while the lease still lasts, and kills it
 * at the end of the lease at the latest, so that the whole margin for clocks is left before anybody else gets in.
 */
export class Supervision {
  readonly #group: ProcessGroup;
  readonly #lease: RunLease;
  readonly #options: SupervisionOptions;
  readonly #notes: Notes;
  readonly #watch: LeaseWatch;
  readonly #startedAt = performance.now();
  #killTimer: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor(group: ProcessGroup, lease: RunLease, options: SupervisionOptions, notes: Notes) {
    this.#group = group;
    this.#lease = lease;
    this.#options = options;
    this.#notes = notes;
    this.#watch = new LeaseWatch(lease, options.killAfter, {
      onEnding: () => this.#onEnding(),
      onLost: (error) => this.#onLost(error.reason),
    });
    this.#watch.start();
  }

  /** Whether it has said that the lease is lost, or about to be. */
  get hasWarned(): boolean {
    return this.#isEnding;
  }

  /** Whether the command was ended because of its lease. */
  get hasEndedIt(): boolean {
    return this.#isEnding && this.#options.onLost === 'kill';
  }

  /** Whether the group may go on after a stop; settles a doubt first. */
  async isResumable(): Promise<boolean> {
    if (!this.#lease.isHeld && this.#lease.lossError === undefined) {
      await this.#lease.refresh().catch(() => undefined);
    }
    return this.#lease.isHeld || this.#options.onLost === 'warn';
  }

  /** Ends what the command left behind in its group. */
  async finish(): Promise<void> {
    const patienceMs = Math.min(this.#options.killAfter, this.#watch.leftMs);
    if (this.#options.onLost === 'kill' && (await this.#group.clear(patienceMs))) {
      this.#notes.info('ended the processes that the command had left behind', {
        event: 'cleared',
        lock: this.#lease.lock,
      });
    }
  }

  /** Ends the supervision. */
  stop(): void {
    clearTimeout(this.#killTimer);
    this.#watch.stop();
  }

  #onEnding(): void {
    const { leftMs } = this.#watch;
    const { maxHold = Infinity } = this.#options;
    const left = tellDuration(leftMs);
    if (performance.now() - this.#startedAt + leftMs > maxHold - START_MS)
      return this.#end(`--max-hold is over in ${left}`, 'lease-ending', leftMs, 'max-hold');
    this.#end(`no refresh got through and the lease ends in ${left}`, 'lease-ending', leftMs);
  }

  #onLost(reason: string): void {
    // Whoever took the object away may let others in before the lease would have ended by itself.
    const patienceMs = Math.min(this.#options.killAfter, this.#watch.leftMs);
    this.#end(`the lease was lost (${reason})`, 'lease-lost', patienceMs, reason);
  }

  #end(what: string, event: string, patienceMs: number, reason?: string): void {
    const isFirst = !this.#isEnding;
    this.#isEnding = true;
    const { lock, leaseId } = this.#lease;
    const fact = { event, lock, leaseId, reason, action: this.#options.onLost };
    if (this.#options.onLost === 'warn') {
      return this.#notes.warn(`${what}; the command goes on (--on-lost=warn)`, fact);
    }
    const action =
      patienceMs > 0
        ? `ending the command, and killing it in ${tellDuration(patienceMs)}`
        : 'killing the command';
    this.#notes.warn(`${what}: ${action}`, fact);
    if (isFirst && patienceMs > 0) {
      this.#group.signal('SIGTERM');
      // One that was stopped could not even hear it.
      this.#group.signal('SIGCONT');
    }
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(() => this.#group.signal('SIGKILL'), patienceMs);
  }
}
