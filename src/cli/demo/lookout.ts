import { connect, type Socket } from 'node:net';
import type { Lease } from '../../index.ts';
import { nowMs } from './clock.ts';
import type { LearntBy } from './messages.ts';
import type { Look } from './overlap.ts';

/** How often a holder looks at its lease, milliseconds. */
const LOOK_EVERY_MS = 20;

/**
 * A worker's own line to the judge. While the worker has a lease it looks at `lease.isHeld` all the time and
 * tells every answer, past the director, who must not be able to make a run look better than it was.
 */
export class Lookout {
  readonly #worker: string;
  readonly #judge: Socket;
  #lease: Lease | undefined;
  #timer: NodeJS.Timeout | undefined;
  #source: LearntBy | undefined;

  constructor(worker: string, judge: Socket) {
    this.#worker = worker;
    this.#judge = judge;
  }

  static connect(worker: string, port: number): Promise<Lookout> {
    return new Promise((resolve, reject) => {
      const judge = connect({ port, host: '127.0.0.1', noDelay: true });
      judge.once('error', reject);
      judge.once('connect', () => {
        judge.off('error', reject);
        // Without a judge nothing that follows can be believed.
        judge.once('error', () => process.exit(1));
        resolve(new Lookout(worker, judge));
      });
    });
  }

  /** What looks at this moment, for whoever is told of a loss in the middle of it. */
  get source(): LearntBy | undefined {
    return this.#source;
  }

  /** Begins to look at a lease, at once and then all the time. */
  watch(lease: Lease): void {
    this.#lease = lease;
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Looks once and tells the judge; undefined where there is no lease. */
  look(source: LearntBy = 'look'): Look | undefined {
    const lease = this.#lease;
    if (lease === undefined) return undefined;
    this.#source = source;
    const beforeMs = nowMs();
    const { isHeld } = lease;
    const remainingMs = isHeld ? lease.remainingMs : 0;
    const atMs = isHeld ? beforeMs : nowMs();
    this.#source = undefined;
    const look = { worker: this.#worker, leaseId: lease.leaseId, atMs, isHeld, remainingMs };
    // A write to a local socket reaches the kernel before this returns: a SIGKILL cannot take it back.
    this.#judge.write(`${JSON.stringify(look)}\n`);
    return look;
  }

  /** Looks a last time, which must find that the lease is over. */
  unwatch(): void {
    this.look();
    clearInterval(this.#timer);
    this.#lease = undefined;
  }

  close(): void {
    this.#judge.end();
  }
}
