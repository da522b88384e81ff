import { onAbort } from './abort-listeners.ts';
import { Driver } from './driver.ts';
import { endHolding } from './ending.ts';
import {
  errorFromFailure,
  GcsMutexError,
  LeaseInDoubtError,
  LeaseLostError,
  LeaseReleasedError,
} from './errors.ts';
import { callSafely, type EventBody, publish } from './events.ts';
import type { LeaseGrant } from './lease-grant.ts';
import { errorContext, type Lock } from './lock.ts';
import { checkCallOptions, checkReleaseOptions } from './arguments.ts';
import type { TimerKind } from './platform/clock.ts';
import { hold, type LostStep } from './protocol/hold.ts';
import { endOf, type HoldState, isHeldAt, isRefreshed, type LossReason } from './protocol/hold-state.ts';
import type { DeleteOutcome, Failure, ReadOutcome, WriteOutcome } from './protocol/outcome.ts';
import { type Instant, sleptBetween } from './protocol/timing.ts';
import { RefreshWaiters } from './refresh-waiters.ts';
import { ReleaseCalls, type ReleaseLimits } from './release-calls.ts';
import { settleInBackground } from './settlement.ts';

/** What `release` takes. */
export interface ReleaseOptions {
  /** How long to try, milliseconds. Default: the smaller of `ttlMs` and 8 000, within Cloud Run's 10 s after SIGTERM. */
  readonly timeoutMs?: number | undefined;
  /** Stops trying: the lock is left to its ttl, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_RELEASE_MS = 8_000;

/**
 * The holding of a lock, bounded in time: what `acquire` gives. It is refreshed in the background until it is
 * released or lost, and never keeps the process alive.
 */
export class Lease implements AsyncDisposable {
  /** The lock, as `gs://bucket/name`. */
  readonly lock: string;
  /** The random id of this acquisition: 32 hexadecimal digits. It is in the lock's object. */
  readonly leaseId: string;
  readonly #lock: Lock;
  readonly #grant: LeaseGrant;
  readonly #driver: Driver<HoldState, LostStep>;
  readonly #controller = new AbortController();
  readonly #refreshWaiters = new RefreshWaiters();
  #cancelGuard: (() => void) | undefined;
  #guardMs: number | undefined;
  #known: HoldState;
  #cleanUp: (() => void)[] = [];
  #lossError: LeaseLostError | undefined;
  /** Why the refresh under way has no good answer yet. */
  #failure: Failure | undefined;
  /** Set by the first call of `release`, for good. */
  #isReleased = false;
  /** Whether the lease was held at that call. */
  #isInTime: boolean | undefined;
  #isReleaseUndecided = false;
  readonly #releases: ReleaseCalls<boolean>;

  /** Leases come from `GcsMutex.acquire` and its siblings. */
  constructor(lock: Lock, grant: LeaseGrant) {
    this.lock = lock.url;
    this.leaseId = grant.hold.record.leaseId;
    this.#lock = lock;
    this.#grant = grant;
    this.#known = grant.hold;
    this.#releases = new ReleaseCalls(lock, (limits) => this.#end(limits), true);
    // Refreshing keeps no program alive, unless somebody awaits it, and then no longer than until it is confirmed.
    const isAwaited = (): boolean =>
      this.#refreshWaiters.count > 0 && !isRefreshed(this.#known, this.#driver.state);
    const timerKind = (): TimerKind => (isAwaited() ? 'foreground' : 'background');
    this.#driver = new Driver<HoldState, LostStep>(lock, timerKind, hold, grant.hold, {
      onEnd: (step) => this.#lose(step.reason),
      onAdvance: (state) => this.#onAdvance(state),
      onOutcome: (_, outcome) => this.#noteFailure(outcome),
    });
    this.#cleanUp.push(lock.clock.onResume(() => this.#driver.dispatch({ kind: 'resumed' })));
    this.#joinSignal(grant.signal);
    const { waitedMs, requestCount, wasTakenOver, remainingMs } = grant;
    this.#publish({ kind: 'acquired', waitedMs, requestCount, wasTakenOver, remainingMs });
    this.#armGuard(grant.hold);
    this.#driver.dispatch({ kind: 'tick' });
  }

  /**
   * Whether the lock is held at this very moment: not released, not lost, not in doubt after a sleep, and its
   * deadline not passed. Computed on every use, so that it is right at once after a pause of the process.
   */
  get isHeld(): boolean {
    const at = this.#check();
    return !this.#isReleased && isHeldAt(this.#driver.state, at);
  }

  /** How long the lease lasts without another refresh, milliseconds; 0 where it is not held. */
  get remainingMs(): number {
    const at = this.#check();
    if (this.#isReleased || !isHeldAt(this.#driver.state, at)) return 0;
    return endOf(this.#driver.state) - at.monotonicMs;
  }

  /**
   * Aborts once, with a {@link LeaseLostError}, when the lease is lost: always before anybody else can hold
   * the lock. Inside `run` it aborts with the caller's own signal too. A release does not abort it.
   */
  get signal(): AbortSignal {
    this.#check();
    return this.#controller.signal;
  }

  /**
   * Throws unless the lock is held at this very moment; call it right before an effect that must not happen
   * twice.
   *
   * @throws LeaseLostError when it was lost, {@link LeaseReleasedError} when it was released,
   * {@link LeaseInDoubtError} while it is being found out after a sleep.
   */
  throwIfLost(): void {
    const at = this.#check();
    if (this.#lossError !== undefined) throw this.#lossError;
    if (this.#isReleased) throw new LeaseReleasedError(errorContext(this.#lock));
    if (!isHeldAt(this.#driver.state, at)) throw new LeaseInDoubtError(errorContext(this.#lock));
  }

  /**
   * Refreshes now, and settles when a refresh was confirmed. Never needed to keep the lease, but it starts a
   * whole ttl before a long step, and it settles a doubt.
   *
   * @throws LeaseLostError when the lease is or gets lost, {@link LeaseReleasedError} when it was released.
   */
  async refresh(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    checkCallOptions(options, [], 'refresh options');
    options.signal?.throwIfAborted();
    const at = this.#check();
    if (this.#lossError !== undefined) throw this.#lossError;
    if (this.#isReleased) throw new LeaseReleasedError(errorContext(this.#lock));
    const refreshed = this.#refreshWaiters.next(options.signal);
    this.#driver.dispatch({ kind: 'refresh-asked' });
    // One that was under way before it was awaited does not keep the process alive by itself.
    const longestMs = endOf(this.#driver.state) - at.monotonicMs;
    await refreshed.finally(this.#lock.clock.setTimer(longestMs, 'foreground', () => {}));
  }

  /**
   * Ends the lease and frees the lock: one request. The lease counts as not held from the moment of the call.
   * Calling it again gives the same answer, within the limits of that call; after a failure it tries again.
   *
   * @returns true where the lock was freed now, false where it was no longer this lease's.
   * @throws StoreUnavailableError or another error of the store when it could not be confirmed in time: the
   * lock is then left to its ttl.
   */
  release(options: ReleaseOptions = {}): Promise<boolean> {
    try {
      checkReleaseOptions(options);
      const { ttlMs } = this.#lock.settings;
      const timeoutMs = options.timeoutMs ?? Math.min(ttlMs, DEFAULT_RELEASE_MS);
      // Before anything else: a listener that hears of a loss may release, too.
      this.#check();
      return this.#releases.call({ timeoutMs, signal: options.signal });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Releases; a failure is reported to `onReleaseError`, and never thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (error instanceof GcsMutexError) callSafely(this.#lock.settings.onReleaseError, error);
    }
  }

  /** Why the lease was lost, if it was. */
  get lossError(): LeaseLostError | undefined {
    this.#check();
    return this.#lossError;
  }

  /** Lets the passing of time take effect before anything is said about the lease. */
  #check(): Instant {
    const at = this.#lock.clock.now();
    const { state } = this.#driver;
    const { timing } = state.settings;
    const isOver = at.monotonicMs >= endOf(state);
    const isDoubtful = state.doubtedCount === undefined && sleptBetween(state.creditedAt, at, timing);
    if (isOver || isDoubtful) this.#driver.dispatch({ kind: 'tick' }, at);
    return at;
  }

  #onAdvance(state: HoldState): void {
    const before = this.#known;
    this.#known = state;
    if (state.lost !== undefined) return;
    this.#armGuard(state);
    if (state.creditedCount > before.creditedCount) this.#failure = undefined;
    else this.#reportFailure(state);
    if (isRefreshed(before, state)) {
      this.#publish({ kind: 'refreshed', remainingMs: endOf(state) - this.#lock.clock.now().monotonicMs });
      this.#refreshWaiters.resolveAll();
    } else if (state.doubtedCount !== undefined && before.doubtedCount === undefined)
      this.#publish({ kind: 'in-doubt' });
  }

  /** A timer that ends the lease on time, whatever its driver is busy with. */
  #armGuard(state: HoldState): void {
    const untilMs = endOf(state);
    if (untilMs === this.#guardMs) return;
    this.#cancelGuard?.();
    this.#guardMs = untilMs;
    const delayMs = untilMs - this.#lock.clock.now().monotonicMs;
    this.#cancelGuard = this.#lock.clock.setTimer(delayMs, 'background', () => {
      this.#guardMs = undefined;
      this.#driver.dispatch({ kind: 'tick' });
    });
  }

  #lose(reason: LossReason): void {
    const error = new LeaseLostError(reason, errorContext(this.#lock));
    this.#lossError = error;
    // A holder past maxHoldMs may still be stopping its work: its own process must not overtake it.
    if (reason !== 'max-hold') this.#lock.memory.noteEnded(this.leaseId);
    this.#stop(error);
    this.#controller.abort(error);
    this.#publish({ kind: 'lost', reason });
  }

  /** @param reason - what those get who await a refresh. */
  #stop(reason: Error): void {
    this.#driver.stop();
    this.#cancelGuard?.();
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#cleanUp = [];
    this.#refreshWaiters.rejectAll(reason);
  }

  async #end(limits: ReleaseLimits): Promise<boolean> {
    const { state } = this.#driver;
    this.#isInTime ??= isHeldAt(state, this.#lock.clock.now());
    this.#isReleased = true;
    this.#stop(new LeaseReleasedError(errorContext(this.#lock)));
    const reason = this.#lossError?.reason;
    if (reason !== undefined && reason !== 'expired' && reason !== 'max-hold') {
      this.#publish({ kind: 'released', wasHeld: false });
      return false;
    }
    const onUndecided = (): void => void (this.#isReleaseUndecided = true);
    const earlier = { isInTime: this.#isInTime, isUndecided: this.#isReleaseUndecided };
    return endHolding(this.#lock, state, { ...earlier, ...limits, onUndecided }).then(
      (wasHeld) => this.#onReleased(wasHeld),
      (error: unknown) => this.#onReleaseFailed(error),
    );
  }

  #onReleased(wasHeld: boolean): boolean {
    // A duplicate of the write that won it may yet bring the record back.
    this.#lock.memory.noteEnded(this.leaseId);
    this.#publish({ kind: 'released', wasHeld });
    if (this.#grant.isUndecided) {
      settleInBackground(this.#lock, this.leaseId, this.#driver.state.lastRequest);
    }
    return wasHeld;
  }

  /** Nobody knows whether it was freed: it may be tried again, and this process may replace the record at once. */
  #onReleaseFailed(error: unknown): never {
    this.#lock.memory.noteEnded(this.leaseId);
    if (error instanceof GcsMutexError) this.#publish({ kind: 'release-failed', error });
    throw error;
  }

  /** Keeps a failure of the refresh under way until it is known whether it has to be tried again. */
  #noteFailure(outcome: WriteOutcome | DeleteOutcome | ReadOutcome): void {
    // The first one says why: where a refresh has no answer, a read that fails as well comes second.
    if ('failure' in outcome) this.#failure ??= outcome.failure;
  }

  #reportFailure(state: HoldState): void {
    const failure = this.#failure;
    if (failure === undefined || state.phase.kind === 'reading') return;
    this.#failure = undefined;
    const error = errorFromFailure(failure, errorContext(this.#lock));
    callSafely(this.#lock.settings.onRefreshError, error);
    this.#publish({ kind: 'refresh-failed', error });
  }

  #joinSignal(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    if (signal.aborted) return this.#controller.abort(signal.reason);
    this.#cleanUp.push(onAbort(signal, () => this.#controller.abort(signal.reason)));
  }

  #publish(event: EventBody): void {
    publish(this.#lock.logger, { ...event, lock: this.lock, leaseId: this.leaseId });
  }
}
