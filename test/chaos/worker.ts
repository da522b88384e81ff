// A program under the lock, as a process of its own: it acquires, adds to a counter that the lock protects, releases, and
// again. Before each step it looks at its lease, as the README advises; everything else here reports what it did.
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../src/cli/demo/clock.ts';
import { GcsMutex, GcsMutexError, type Lease, type LockEvent } from '../../src/index.ts';
import { Dice } from '../simulation/dice.ts';
import { Line } from './line.ts';
import type { Order, Part, Step } from './messages.ts';

/** How often a holder looks at its lease, milliseconds. */
const LOOK_EVERY_MS = 20;

/** The lease is over: the work ends before its next step. */
class LeaseOver extends Error {
  override readonly name = 'LeaseOver';
}

/** What the work throws now and then, as work does. */
class WorkFailed extends Error {
  override readonly name = 'WorkFailed';
}

class Worker {
  readonly #part: Part;
  readonly #line: Line;
  readonly #dice: Dice;
  readonly #mutex: GcsMutex;
  readonly #stop = new AbortController();
  #lease: Lease | undefined;
  #grant: Extract<LockEvent, { kind: 'acquired' }> | undefined;
  /** For how long the event loop is to be blocked before the next write. */
  #blockMs: number | undefined;

  constructor(part: Part, line: Line) {
    this.#part = part;
    this.#line = line;
    this.#dice = new Dice(part.seed, part.incarnation);
    const { bucket, lockName, options, worker } = part;
    this.#mutex = new GcsMutex(
      bucket,
      lockName,
      { ...options, holder: worker },
      { logger: (event) => this.#hear(event) },
    );
    process.on('message', (order: Order) => this.#obey(order));
    // A driver that is gone can stop nobody.
    process.once('disconnect', () => process.exit(0));
    process.on('SIGCONT', () => this.#look());
  }

  async run(): Promise<void> {
    this.#line.tell({ ...this.#now(), kind: 'started', pid: process.pid });
    while (!this.#stop.signal.aborted) {
      this.#line.tell({ ...this.#now(), kind: 'waiting' });
      const lease = await this.#acquire();
      if (lease === undefined) break;
      await this.#hold(lease);
      // Whoever has just released would be first again.
      await this.#sleep(this.#dice.between(0, 0.3 * this.#part.options.ttlMs), this.#stop.signal);
    }
  }

  async #acquire(): Promise<Lease | undefined> {
    try {
      return await this.#mutex.acquire({ timeoutMs: Infinity, signal: this.#stop.signal });
    } catch (error) {
      if (this.#stop.signal.aborted) return undefined;
      throw error;
    }
  }

  async #hold(lease: Lease): Promise<void> {
    const { leaseId } = lease;
    const { waitedMs = 0, wasTakenOver = false } = this.#grant ?? {};
    this.#line.tell({ ...this.#now(), kind: 'believes', leaseId, waitedMs, wasTakenOver });
    this.#lease = lease;
    this.#look();
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    let hasThrown = false;
    try {
      await this.#work(lease);
    } catch (error) {
      if (!(error instanceof LeaseOver || error instanceof WorkFailed)) throw error;
      hasThrown = error instanceof WorkFailed;
    }
    const released = lease.release();
    // Nothing has left the process yet: the next holder cannot have begun before this look.
    this.#look();
    const wasHeld = await released.catch((error: unknown) => {
      if (!(error instanceof GcsMutexError)) throw error;
      return undefined;
    });
    clearInterval(timer);
    this.#look();
    this.#lease = undefined;
    // The work ended before another write.
    if (this.#blockMs !== undefined) this.#block(this.#blockMs, 'anywhere');
    const reason = lease.lossError?.reason;
    const ending = hasThrown ? 'threw' : 'released';
    const how = reason === undefined ? ending : 'lost';
    this.#line.tell({ ...this.#now(), kind: 'left', leaseId, how, reason, wasHeld });
  }

  /** A critical section: reads, takes its time, writes, some times over. */
  async #work(lease: Lease): Promise<void> {
    const { ttlMs } = this.#part.options;
    const dice = this.#dice;
    await this.#step(lease, { kind: 'enter' });
    for (let rounds = Math.ceil(dice.draw() * 4); rounds > 0 && !this.#stop.signal.aborted; rounds -= 1) {
      const basedOn = await this.#step(lease, { kind: 'read' });
      const workMs = dice.chance(0.1) ? dice.between(0.5, 2) * ttlMs : dice.between(0, 0.1) * ttlMs;
      await this.#sleep(workMs, lease.signal);
      if (dice.chance(0.03)) throw new WorkFailed();
      await this.#step(lease, { kind: 'write', basedOn });
    }
    await this.#step(lease, { kind: 'leave' });
  }

  /** @throws LeaseOver unless the lease is held right before the step is sent, and until it is answered. */
  async #step(lease: Lease, step: Step): Promise<number> {
    const look = this.#lookAt(lease);
    if (!look.isHeld) throw new LeaseOver();
    // From here to the send nothing can come in between but what stops or blocks the process itself.
    if (step.kind === 'write' || step.kind === 'leave') this.#blockIfTold();
    const answer = this.#line.ask({ ...this.#who(), ...look, ...step });
    const { signal } = lease;
    let onAbort: (() => void) | undefined;
    const over = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(new LeaseOver());
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
    return Promise.race([answer, over]).finally(() => {
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    });
  }

  /** Looks and tells what it saw, for the judgement over beliefs. */
  #look(): void {
    if (this.#lease === undefined) return;
    const { leaseId, lookedAtMs: atMs, isHeld, remainingMs } = this.#lookAt(this.#lease);
    this.#line.tell({ ...this.#who(), kind: 'look', atMs, leaseId, isHeld, remainingMs });
  }

  /**
   * The time is read before a look that says true, and after one that says false: no stop in the middle of a look
   * makes a belief seem shorter at its end than it may have been.
   */
  #lookAt(lease: Lease) {
    const beforeMs = this.#nowMs();
    const { isHeld } = lease;
    const remainingMs = isHeld ? lease.remainingMs : 0;
    const lookedAtMs = isHeld ? beforeMs : this.#nowMs();
    return { leaseId: lease.leaseId, lookedAtMs, isHeld, remainingMs };
  }

  #hear(event: LockEvent): void {
    if (event.kind === 'acquired') this.#grant = event;
    else if (event.leaseId === this.#lease?.leaseId) this.#look();
  }

  #obey(order: Order): void {
    switch (order.kind) {
      case 'stop':
        return this.#stop.abort();
      case 'block':
        if (order.place === 'before-write' && this.#lease !== undefined) this.#blockMs = order.forMs;
        else this.#block(order.forMs, 'anywhere');
        return undefined;
      default:
        return order satisfies never;
    }
  }

  #blockIfTold(): void {
    if (this.#blockMs !== undefined) this.#block(this.#blockMs, 'before-write');
  }

  /** Keeps the event loop busy, as bad code or a long collection of garbage does. */
  #block(forMs: number, place: 'anywhere' | 'before-write'): void {
    this.#blockMs = undefined;
    this.#line.tell({ ...this.#now(), kind: 'blocked', place });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
    this.#line.tell({ ...this.#now(), kind: 'unblocked' });
  }

  async #sleep(forMs: number, signal: AbortSignal): Promise<void> {
    await sleep(forMs, undefined, { signal }).catch(() => undefined);
  }

  #who() {
    const { worker, incarnation } = this.#part;
    return { worker, incarnation };
  }

  #now() {
    return { ...this.#who(), atMs: this.#nowMs() };
  }

  #nowMs(): number {
    return nowMs() - this.#part.originMs;
  }
}

// A Ctrl-C reaches the whole group of processes; when to end is the driver's decision.
for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(name, () => undefined);

const part: Part = JSON.parse(process.argv[2] ?? '');
const line = await Line.connect(part.counterPort);
await new Worker(part, line).run();
line.close();
// The channel would keep the process alive.
process.disconnect();
