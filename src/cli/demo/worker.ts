import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { GcsMutex, GcsMutexError, type Lease, type LockEvent } from '../../index.ts';
import type { Random } from '../../platform/random.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { nowMs } from './clock.ts';
import { Lookout } from './lookout.ts';
import { isOrder, type Order, type Part, type Report } from './messages.ts';

/**
 * One of the processes that contend: it acquires the lock, works a little, releases, pauses, and again. The
 * calls on `GcsMutex` and `Lease` are what any program would write; the rest only reports them.
 */
class Worker {
  readonly #part: Part;
  readonly #mutex: GcsMutex;
  readonly #lookout: Lookout;
  readonly #random: Random;
  readonly #stop = new AbortController();
  readonly #begin = new AbortController();
  #workOn: (() => void) | undefined;

  constructor(part: Part, lookout: Lookout) {
    this.#part = part;
    this.#lookout = lookout;
    this.#random = seededRandom(part.seed);
    const options = { ...part.options, holder: part.name, acquireTimeoutMs: Infinity };
    this.#mutex = new GcsMutex(part.bucket, part.lockName, options, { logger: (event) => this.#tell(event) });
    process.on('message', (message) => {
      if (isOrder(message)) this.#obey(message);
    });
    // A director that is gone can stop nobody: the lock is released and the process ends.
    process.once('disconnect', () => this.#stop.abort());
    process.on('SIGCONT', () => this.#wake());
  }

  async run(): Promise<void> {
    // The first request of a process loads the HTTP client and the credentials: not while others race already.
    await this.#mutex.status();
    say({ kind: 'ready' });
    await oneAborted(this.#begin.signal, this.#stop.signal);
    while (!this.#stop.signal.aborted) {
      const lease = await this.#acquire();
      if (lease === undefined) break;
      const grantedMs = nowMs();
      await this.#work(lease);
      await this.#release(lease, grantedMs);
      await this.#pause();
    }
  }

  async #acquire(): Promise<Lease | undefined> {
    try {
      const lease = await this.#mutex.acquire({ signal: this.#stop.signal });
      this.#lookout.watch(lease);
      return lease;
    } catch (error) {
      if (this.#stop.signal.aborted) return undefined;
      throw error;
    }
  }

  /** Works for a while drawn by the seed, or until told to stop, but never without the lease. */
  async #work(lease: Lease): Promise<void> {
    const done = new AbortController();
    const timer = startTimer(() => done.abort(), this.#between(this.#part.workMs));
    this.#workOn = () => clearTimeout(timer);
    await oneAborted(done.signal, lease.signal, this.#stop.signal);
    this.#workOn = undefined;
    clearTimeout(timer);
  }

  async #release(lease: Lease, grantedMs: number): Promise<void> {
    const mayRelease = this.#part.refusesLateRelease || lease.isHeld;
    const released = mayRelease ? lease.release() : undefined;
    this.#lookout.unwatch();
    const heldMs = nowMs() - grantedMs;
    try {
      const wasHeld = await released;
      if (wasHeld !== undefined) say({ kind: 'released', wasHeld, heldMs });
    } catch (error) {
      // Reported by the event already; the ttl ends the lock.
      if (!(error instanceof GcsMutexError)) throw error;
    }
  }

  #obey(order: Order): void {
    switch (order.kind) {
      case 'start':
        return this.#begin.abort();
      case 'stop':
        return this.#stop.abort();
      case 'work-on':
        if (this.#workOn === undefined) return undefined;
        this.#workOn();
        return say({ kind: 'works-on' });
      default:
        return order.kind satisfies never;
    }
  }

  /** The first thing on SIGCONT: this listener is older than those of any lease. */
  #wake(): void {
    say({ kind: 'woke', isHeld: this.#lookout.look('sigcont')?.isHeld ?? false });
  }

  /** Hands the library's events on; a release is reported by its caller, who knows how long it held. */
  #tell(event: LockEvent): void {
    switch (event.kind) {
      case 'waiting':
        return say({ kind: 'waiting', holder: event.holder.holder });
      case 'acquired': {
        const { leaseId, waitedMs, requestCount, wasTakenOver } = event;
        return say({ kind: 'acquired', leaseId, waitedMs, requestCount, wasTakenOver });
      }
      case 'refreshed':
        return say({ kind: 'refreshed', remainingMs: event.remainingMs });
      case 'refresh-failed':
      case 'release-failed':
        return say({ kind: event.kind, code: codeOf(event.error) });
      case 'in-doubt':
        return say({ kind: 'in-doubt' });
      case 'lost':
        return this.#loss(event.reason);
      case 'released':
        return undefined;
      default:
        return event satisfies never;
    }
  }

  /** Whatever was looking at the lease just now is what found out. */
  #loss(reason: string): void {
    const learntBy = this.#lookout.source ?? 'signal';
    say({ kind: 'lost', reason, learntBy, learntAtMs: nowMs() });
  }

  async #pause(): Promise<void> {
    const { signal } = this.#stop;
    await setTimeout(this.#between(this.#part.pauseMs), undefined, { signal }).catch(() => undefined);
  }

  #between([fromMs, toMs]: readonly [number, number]): number {
    return fromMs + this.#random.draw() * (toMs - fromMs);
  }
}

function say(report: Report): void {
  if (process.connected) process.send?.(report);
}

function codeOf(error: GcsMutexError): string {
  return error.code;
}

/**
 * Resolves when one of the signals has aborted. `AbortSignal.any` would do, but for the Nodes in which the
 * signal that it makes may be collected as garbage before it fires.
 */
function oneAborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', settle);
      resolve();
    };
    for (const signal of signals) signal.addEventListener('abort', settle);
    if (signals.some((signal) => signal.aborted)) settle();
  });
}

/**
 * Plays one part, to its end.
 *
 * @param told - the part, as JSON.
 */
export async function playWorker(told: string): Promise<void> {
  // A Ctrl-C reaches the whole group of processes; when to end is the director's decision.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => undefined);
  try {
    const part: Part = JSON.parse(told);
    const lookout = await Lookout.connect(part.name, part.judgePort);
    try {
      await new Worker(part, lookout).run();
    } finally {
      lookout.close();
    }
  } catch (error) {
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
  // The channel would keep the process alive; a request that is still under way may, and should.
  if (process.connected) process.disconnect();
}
