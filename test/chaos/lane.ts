import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosEvent, Direction } from './history.ts';
import type { CounterOrder, Order, Part } from './messages.ts';
import type { Network } from './network.ts';
import type { WallClock } from './wall-clock.ts';

const WORKER = new URL('worker.js', import.meta.url);

/** How long a worker that was told to end may take beyond the ttl, before it is killed. */
const FAREWELL_MS = 10_000;

export interface LaneOptions {
  readonly part: Omit<Part, 'incarnation'>;
  readonly network: Network;
  readonly wallClock: WallClock | undefined;
  readonly record: (event: ChaosEvent) => void;
  readonly tellCounter: (order: CounterOrder) => void;
  /** On the clock of the run. */
  readonly now: () => number;
}

/** One of the workers: its process, the next one after a kill, and what can be done to it. */
export class Lane {
  readonly #options: LaneOptions;
  #child: ChildProcess | undefined;
  #incarnation = 0;
  #isClosing = false;
  /** What is done to its process, and to its network, at this moment. */
  #isStruck = false;
  #isCut = false;
  /** Whether it has a lease, as far as the record has come. */
  isBelieving = false;
  #onStarted: (() => void) | undefined;
  #onUnblocked: (() => void) | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get worker(): string {
    return this.#options.part.worker;
  }

  get canBeStruck(): boolean {
    return !this.#isStruck;
  }

  get canBeCut(): boolean {
    return !this.#isCut;
  }

  /** Whether its process has a wall clock of its own. */
  get hasWallClock(): boolean {
    return this.#options.wallClock !== undefined;
  }

  get isDisturbed(): boolean {
    return this.#isStruck || this.#isCut;
  }

  /** Starts the next process; resolves when it says so itself. */
  async start(): Promise<void> {
    const { part, wallClock, tellCounter } = this.#options;
    this.#incarnation += 1;
    const incarnation = this.#incarnation;
    const started = new Promise<void>((resolve) => {
      this.#onStarted = resolve;
    });
    const child = fork(WORKER, [JSON.stringify({ ...part, incarnation } satisfies Part)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...wallClock?.env },
      execArgv: [],
    });
    this.#child = child;
    const { pid = 0 } = child;
    tellCounter({ kind: 'guard', pid });
    child.once('exit', (code) => {
      tellCounter({ kind: 'gone', pid });
      this.isBelieving = false;
      // Whoever waits for its word waits no more.
      this.#onStarted?.();
      this.#onUnblocked?.();
      if (code !== null) this.#record({ ...this.#facts(incarnation), kind: 'exited', code });
    });
    await started;
  }

  /** Follows the record, as far as it is about this worker. */
  hear(event: ChaosEvent): void {
    if (event.kind === 'started') this.#onStarted?.();
    if (event.kind === 'believes') this.isBelieving = true;
    if (event.kind === 'left') this.isBelieving = false;
    if (event.kind === 'unblocked') this.#onUnblocked?.();
  }

  /** SIGKILL, and a new process after a while. */
  async kill(restartAfterMs: number): Promise<void> {
    await this.#strike(async (child) => {
      this.#record({ ...this.#facts(), kind: 'killed' });
      child.kill('SIGKILL');
      await ended(child);
      await sleep(restartAfterMs);
      if (!this.#isClosing) await this.start();
    });
  }

  /** SIGSTOP, and SIGCONT after a while. */
  async pause(forMs: number): Promise<void> {
    await this.#strike(async (child) => {
      this.#record({ ...this.#facts(), kind: 'paused' });
      child.kill('SIGSTOP');
      await sleep(forMs);
      child.kill('SIGCONT');
      this.#record({ ...this.#facts(), kind: 'resumed' });
    });
  }

  async block(forMs: number, place: 'anywhere' | 'before-write'): Promise<void> {
    await this.#strike(async (child) => {
      const unblocked = new Promise<void>((resolve) => {
        this.#onUnblocked = resolve;
      });
      this.#order(child, { kind: 'block', forMs, place });
      await unblocked;
    });
  }

  async partition(direction: Direction, forMs: number): Promise<void> {
    this.#isCut = true;
    this.#record({ ...this.#facts(), kind: 'partition-begins', direction });
    const heal = this.#options.network.cut(direction);
    await sleep(forMs);
    heal();
    this.#record({ ...this.#facts(), kind: 'partition-ends' });
    this.#isCut = false;
  }

  /** Sets the wall clock of the process so far from the machine's. */
  jump(offsetMs: number): void {
    this.#options.wallClock?.set(offsetMs);
    this.#record({ ...this.#facts(), kind: 'clock-jumped', byMs: offsetMs });
  }

  /** Lets it release and end, and waits until it has; faults must be over. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    this.#order(child, { kind: 'stop' });
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.part.options.ttlMs + FAREWELL_MS);
    await ended(child);
    clearTimeout(timer);
  }

  /** Ends it where it stands, for a driver that breaks down. */
  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  async #strike(fault: (child: ChildProcess) => Promise<void>): Promise<void> {
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    this.#isStruck = true;
    await fault(child);
    this.#isStruck = false;
  }

  #order(child: ChildProcess, order: Order): void {
    if (child.connected) child.send(order, () => undefined);
  }

  #record(event: ChaosEvent): void {
    this.#options.record(event);
  }

  #facts(incarnation = this.#incarnation) {
    return { worker: this.worker, incarnation, atMs: this.#options.now() };
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function ended(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit');
}
