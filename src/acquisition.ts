import { onAbort } from './abort-listeners.ts';
import { Driver } from './driver.ts';
import { AcquireTimeoutError, errorFromFailure, foreignObject } from './errors.ts';
import { publish } from './events.ts';
import { Lease } from './lease.ts';
import { errorContext, holdSettings, type Lock, staleRules } from './lock.ts';
import { acquire, type AcquireEnd } from './protocol/acquire.ts';
import { holderOf } from './protocol/acquire-knowledge.ts';
import {
  type AcquireSettings,
  type AcquireState,
  mayHaveWritten,
  type Sighting,
  startAcquiring,
  startAnew,
} from './protocol/acquire-state.ts';
import { endOf } from './protocol/hold-state.ts';
import { NO_ANSWER, type ReadOutcome } from './protocol/outcome.ts';
import { settleInBackground } from './settlement.ts';
import { type LockStatus, statusOf } from './status.ts';
import { Tally } from './tally.ts';

export interface Granted {
  readonly kind: 'granted';
  readonly lease: Lease;
}

/** Either the lease, or who has it instead (undefined where the store was too busy to say). */
export type Acquired = Granted | { readonly kind: 'held'; readonly holder: LockStatus | undefined };

export interface AcquisitionOptions {
  readonly mode: AcquireSettings['mode'];
  readonly timeoutMs: number;
  /** Ends the wait. */
  readonly signal: AbortSignal | undefined;
  /** Joined into the lease's own signal. */
  readonly leaseSignal?: AbortSignal | undefined;
  /** What has just been seen of the lock: saves the first request where it cannot succeed. */
  readonly seen?: Sighting | undefined;
  /** What was done for the same caller before. */
  readonly tally?: Tally | undefined;
}

type Ending = AcquireEnd | { readonly kind: 'anew' };

/** Tries to get the lock, and settles with a lease, with its holder (`try` only), or with why neither could be had. */
export function acquireLock(
  lock: Lock,
  options: AcquisitionOptions & { readonly mode: 'wait' },
): Promise<Granted>;
export function acquireLock(lock: Lock, options: AcquisitionOptions): Promise<Acquired>;
export function acquireLock(lock: Lock, options: AcquisitionOptions): Promise<Acquired> {
  const { signal } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    new Acquisition(lock, options, resolve, reject).start();
  });
}

class Acquisition {
  readonly #lock: Lock;
  readonly #options: AcquisitionOptions;
  readonly #resolve: (acquired: Acquired) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #driver: Driver<AcquireState, Ending>;
  readonly #tally: Tally;
  #cleanUp: (() => void)[] = [];
  #knownHolder: string | undefined;

  constructor(
    lock: Lock,
    options: AcquisitionOptions,
    resolve: (acquired: Acquired) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#lock = lock;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#tally = options.tally ?? new Tally(lock.clock);
    const { ttlMs, holder, metadata, backoff } = lock.settings;
    const settings: AcquireSettings = {
      mode: options.mode,
      record: { ttlMs, holder, metadata },
      rules: staleRules(lock),
      backoff,
      hold: holdSettings(lock),
    };
    const state = startAcquiring(settings, lock.random.leaseId(), options.seen);
    this.#driver = new Driver<AcquireState, Ending>(lock, () => 'foreground', acquire, state, {
      onEnd: (end, at) => this.#onEnd(end, at),
      onAdvance: (at) => this.#reportHolder(at),
      onSent: () => this.#tally.onSent(),
      onOutcome: (step, outcome) => {
        this.#tally.onOutcome(step.kind, outcome);
        if (outcome.kind === 'found' && this.#isTaken(outcome)) this.#tally.settle();
      },
    });
  }

  start(): void {
    const { signal, timeoutMs } = this.#options;
    const { clock } = this.#lock;
    this.#cleanUp.push(
      onAbort(signal, () => this.#onAbort()),
      clock.onResume(() => this.#driver.dispatch({ kind: 'resumed' })),
    );
    if (timeoutMs !== Infinity) {
      this.#cleanUp.push(clock.setTimer(timeoutMs, 'foreground', () => this.#onTimeout()));
    }
    this.#driver.dispatch({ kind: 'tick' });
  }

  #onAbort(): void {
    this.#giveUp();
    this.#reject(this.#options.signal?.reason);
  }

  #onTimeout(): void {
    const { sighting } = this.#driver.state;
    const { silence, waitedMs, requestCount } = this.#tally;
    const context = errorContext(this.#lock, this.#tally.causeFor(this.#lock));
    this.#giveUp();
    const holder = sighting && statusOf(sighting, staleRules(this.#lock));
    if (this.#options.mode !== 'wait') {
      if (silence?.kind === 'busy') return this.#resolve({ kind: 'held', holder });
      return this.#reject(context.cause ?? errorFromFailure(NO_ANSWER, context));
    }
    const newerSchema = sighting?.content.kind === 'newer' ? sighting.content.schema : undefined;
    this.#reject(new AcquireTimeoutError({ holder, newerSchema, waitedMs, requestCount }, context));
  }

  /** Whether a read shows that nobody may write it now. */
  #isTaken({ object }: ReadOutcome & { kind: 'found' }): boolean {
    const holder = statusOf(object, staleRules(this.#lock));
    return holder === undefined ? object.content.kind === 'newer' : !holder.isStale;
  }

  #onEnd(end: Ending, state: AcquireState): void {
    if (end.kind === 'anew') {
      this.#lock.memory.noteEnded(state.leaseId);
      if (state.undecidedCount > 0) settleInBackground(this.#lock, state.leaseId, state.lastRequest);
      return this.#driver.restart(startAnew(state, this.#lock.random.leaseId()));
    }
    this.#stop();
    if (end.kind === 'granted') return this.#grant(end, state);
    if (mayHaveWritten(state)) settleInBackground(this.#lock, state.leaseId, state.lastRequest);
    const context = errorContext(this.#lock);
    switch (end.kind) {
      case 'held': {
        // A network that doubles a create has the second copy refused, and the first leaves a record of nobody's.
        if (this.#options.mode === 'once') this.#lock.memory.noteEnded(state.leaseId);
        const holder = end.object && statusOf(end.object, staleRules(this.#lock));
        return this.#resolve({ kind: 'held', holder });
      }
      case 'foreign':
        return this.#reject(foreignObject(end.object, end.why, context));
      case 'failed':
        return this.#reject(errorFromFailure(end.failure, context));
      default:
        return end satisfies never;
    }
  }

  #grant(end: AcquireEnd & { kind: 'granted' }, state: AcquireState): void {
    const { waitedMs, requestCount } = this.#tally;
    const { monotonicMs } = this.#lock.clock.now();
    const lease = new Lease(this.#lock, {
      hold: end.hold,
      isUndecided: state.undecidedCount > 0,
      waitedMs,
      requestCount,
      wasTakenOver: end.wasTakenOver,
      remainingMs: Math.max(0, endOf(end.hold) - monotonicMs),
      signal: this.#options.leaseSignal,
    });
    this.#resolve({ kind: 'granted', lease });
  }

  /** Ends the attempt before it has an answer: its lease id is never granted later. */
  #giveUp(): void {
    this.#stop();
    const { state } = this.#driver;
    if (mayHaveWritten(state)) settleInBackground(this.#lock, state.leaseId, state.lastRequest);
  }

  #stop(): void {
    this.#driver.stop();
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#cleanUp = [];
  }

  /** Says who holds the lock, once for each holder. */
  #reportHolder(state: AcquireState): void {
    const leaseId = holderOf(state.sighting);
    if (leaseId === this.#knownHolder || leaseId === state.leaseId) return;
    const holder = state.sighting && statusOf(state.sighting, staleRules(this.#lock));
    if (holder === undefined) return;
    this.#knownHolder = leaseId;
    publish(this.#lock.logger, { kind: 'waiting', lock: this.#lock.url, leaseId: state.leaseId, holder });
  }
}
