import { onAbort } from '../abort-listeners.ts';
import { StoreUnavailableError } from '../errors.ts';
import { errorContext } from '../lock.ts';
import type { TimerKind } from '../platform/clock.ts';
import type { Instant, Millis } from '../protocol/timing.ts';
import { TakeTimeoutError } from './rate-errors.ts';
import { Callers, type TakeLimits, type TakeResult } from './rate-callers.ts';
import { type Asked, type RateLimiter, ShareKeeper, type Wanted } from './rate-keeper.ts';
import { RatePace } from './rate-pace.ts';
import { ReleaseCalls, type ReleaseLimits } from '../release-calls.ts';

const NOTHING = { wanted: 0, needed: 0, isStanding: false };

/** So many failures in a row end what is tried with nobody waiting for it: the share ends by its ttl. */
const MOST_FAILURES = 6;

/**
 * Where the callers of one process stand in line, first come, first served. It hands out from the share of the process, and
 * asks for more, or for less, by one change of the document at a time.
 */
export class RateDesk {
  readonly #limiter: RateLimiter;
  readonly #keeper: ShareKeeper;
  readonly #callers: Callers;
  readonly #pace: RatePace;
  readonly #releases: ReleaseCalls<void>;
  #resetCount = 0;
  /** What came of the latest writing. */
  #latest: Asked | undefined;
  /** Cuts off the change that is under way. */
  #asking: AbortController | undefined;
  /** Whether the latest failure was one for every caller. */
  #isBarred = false;
  #lastCallMs = -Infinity;
  /** The most that was wanted in a window since the share was last written, and whether there was not enough. */
  #peak = 0;
  #wasShort = false;
  #shortOf = 0;
  #cancelTimer: (() => void) | undefined;
  #stopListening: (() => void) | undefined;

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
    this.#keeper = new ShareKeeper(limiter);
    this.#callers = new Callers(limiter.document.clock, () => this.#advance(this.#clock.now()));
    this.#pace = new RatePace(limiter.document);
    this.#releases = new ReleaseCalls(limiter.document, (limits) => this.#giveBack(limits), false);
  }

  get #clock() {
    return this.#limiter.document.clock;
  }

  /** Takes at once, or after one answer of the store, or not. */
  tryTake(count: number, signal: AbortSignal | undefined): Promise<TakeResult> {
    const at = this.#clock.now();
    const taken = this.#takeAtOnce(count, at);
    if (taken !== undefined) return Promise.resolve(taken);
    const mayAsk =
      this.#asking === undefined && this.#asksFor(count, at) && at.monotonicMs >= this.#pace.notBeforeMs;
    const isFirst = this.#asking !== undefined && this.#keeper.allowed(at) === 0;
    if (!mayAsk && !isFirst) return Promise.resolve(this.#denied(count, at));
    return this.#wait(count, true, { timeoutMs: Infinity, signal }, at);
  }

  /** Waits in line. */
  take(count: number, limits: TakeLimits): Promise<TakeResult> {
    const at = this.#clock.now();
    const taken = this.#takeAtOnce(count, at);
    return taken === undefined ? this.#wait(count, false, limits, at) : Promise.resolve(taken);
  }

  /** Gives back what is left, and leaves the line of processes. Callers that wait go on waiting. */
  release(limits: ReleaseLimits): Promise<void> {
    return this.#releases.call(limits);
  }

  async #giveBack(limits: ReleaseLimits): Promise<void> {
    const resetCount = this.#resetCount;
    this.#keeper.stop();
    this.#latest = undefined;
    this.#asking?.abort();
    this.#lastCallMs = -Infinity;
    try {
      if (this.#keeper.isListed)
        await this.#change(() => ({ ...NOTHING, isDue: false }), limits, 'foreground');
    } catch (error) {
      // A reset that came meanwhile has left nothing to give back.
      if (resetCount === this.#resetCount) throw error;
    } finally {
      this.#advance(this.#clock.now());
    }
  }

  /** Begins anew, as if nothing had been taken. */
  forget(): void {
    this.#resetCount += 1;
    this.#asking?.abort();
    this.#keeper.forget();
    this.#latest = undefined;
    const at = this.#clock.now();
    this.#pace.onSuccess(at);
    this.#advance(at);
  }

  #takeAtOnce(count: number, at: Instant): TakeResult | undefined {
    const isFree = this.#callers.first === undefined && !this.#limiter.isOnce && this.#keeper.take(count, at);
    this.#lastCallMs = at.monotonicMs;
    this.#peak = Math.max(this.#peak, this.#pressure(at) + (isFree ? 0 : count));
    if (isFree) return this.#result(true, at);
    this.#wasShort = true;
    this.#shortOf = count;
    // After an error that waiting does not mend, each caller finds out for itself whether it still stands.
    if (this.#isBarred) this.#pace.skipPause(at);
    this.#isBarred = false;
    return undefined;
  }

  /** How many were taken within the last window, and are waited for. */
  #pressure(at: Instant): number {
    return this.#keeper.used(at) + this.#callers.waitingFor;
  }

  #result(ok: boolean, at: Instant): TakeResult {
    const remaining = Math.max(0, this.#keeper.allowed(at) - this.#keeper.used(at));
    return { ok, remaining, retryAfterMs: 0 };
  }

  #denied(count: number, at: Instant): TakeResult {
    const nowMs = at.monotonicMs;
    const roomMs = this.#keeper.roomAt(count, at) - nowMs;
    const askMs = Math.max(
      this.#pace.notBeforeMs - nowMs,
      this.#asking === undefined ? 0 : this.#pace.pauseMs,
    );
    // Whoever has all of the limit can get no more by asking.
    const hasAll = this.#keeper.allowed(at) >= this.#limiter.limit;
    const retryAfterMs = Math.max(1, Math.ceil(hasAll ? roomMs : Math.min(roomMs, askMs)));
    return { ...this.#result(false, at), retryAfterMs };
  }

  #wait(count: number, isTry: boolean, limits: TakeLimits, at: Instant): Promise<TakeResult> {
    const timeoutError = (): Error => {
      const { document } = this.#limiter;
      const context = errorContext(document, this.#keeper.tally.causeFor(document));
      return new TakeTimeoutError({ count, waitedMs: limits.timeoutMs }, this.#limiter, context);
    };
    const { served } = this.#callers.join({ count, isTry }, limits, timeoutError);
    this.#advance(at);
    return served;
  }

  /** Serves whoever can be served, and sees to it that things go on. */
  #advance(at: Instant): void {
    this.#serve(at);
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const askMs = this.#asking === undefined ? this.#askAt(at) : Infinity;
    if (askMs <= at.monotonicMs) return this.#ask();
    const { first } = this.#callers;
    const roomMs = first === undefined ? Infinity : this.#keeper.roomAt(first.count, at);
    const nextMs = Math.min(askMs, roomMs);
    if (nextMs < Infinity) {
      this.#cancelTimer = this.#clock.setTimer(nextMs - at.monotonicMs, 'background', () => {
        this.#cancelTimer = undefined;
        this.#advance(this.#clock.now());
      });
    }
    this.#listen();
  }

  #serve(at: Instant): void {
    if (this.#limiter.isOnce) return;
    for (let { first } = this.#callers; first !== undefined; { first } = this.#callers) {
      if (!this.#keeper.take(first.count, at)) return;
      first.resolve(this.#result(true, at));
    }
  }

  /** When the document is to be changed next; Infinity where there is no need. */
  #askAt(at: Instant): Millis {
    const { first } = this.#callers;
    if (first !== undefined && this.#asksFor(first.count, at)) return this.#pace.notBeforeMs;
    const isOver =
      !this.#keeper.isListed || (first === undefined && this.#pace.failureCount >= MOST_FAILURES);
    return isOver ? Infinity : Math.max(this.#keeper.refreshAt(at), this.#pace.notBeforeMs);
  }

  /** Whether the document has to be asked before so many can be handed out, or may give more than there is. */
  #asksFor(count: number, at: Instant): boolean {
    const allowed = this.#keeper.allowed(at);
    if (this.#limiter.isOnce || allowed < count || this.#latest === undefined) return true;
    const { entitled, wanted } = this.#latest;
    return entitled > allowed || (wanted <= allowed && this.#wanted(at).wanted > wanted);
  }

  #wanted(at: Instant): Wanted {
    const { limit, isOnce } = this.#limiter;
    const { first } = this.#callers;
    const idleMs = at.monotonicMs - this.#lastCallMs;
    const isIdle = first === undefined && idleMs > 2 * this.#keeper.refreshIntervalMs;
    const isDue = this.#keeper.isListed && at.monotonicMs >= this.#keeper.refreshAt(at);
    if (isIdle) return { ...NOTHING, isDue };
    const needed = first?.count ?? Math.max(1, this.#shortOf);
    const isStanding = !isOnce || first?.isTry === false;
    if (isOnce) return { wanted: needed, needed, isDue, isStanding };
    return { wanted: Math.min(limit, Math.max(needed, this.#enough(at))), needed, isDue, isStanding };
  }

  /** How many this process could use in a window, as far as it knows. */
  #enough(at: Instant): number {
    if (!this.#wasShort) return Math.ceil(1.5 * this.#peak);
    // Whoever had too little knows only that it could use more: so it asks for much more, and less the next time.
    const more = 3 * this.#peak;
    // Who begins leaves something to those who come after it; who goes on being short asks for an equal part.
    const { sharers = 1 } = this.#latest ?? {};
    return this.#keeper.allowed(at) > 0 ? Math.max(more, Math.ceil(this.#limiter.limit / sharers)) : more;
  }

  #ask(): void {
    const timeoutMs = this.#limiter.document.settings.requestTimeoutMs;
    const timerKind = this.#callers.first !== undefined ? 'foreground' : 'background';
    const asking = this.#change((now) => this.#wanted(now), { timeoutMs }, timerKind);
    const own = this.#asking;
    asking.then(
      (asked) => this.#onAsked(asked, own),
      (error: unknown) => this.#onFailed(error, own),
    );
  }

  /** One change of the document, which a later one or the caller's signal cuts off. */
  async #change(
    wantedAt: (at: Instant) => Wanted,
    { timeoutMs, signal }: TakeLimits,
    timerKind: TimerKind,
  ): Promise<Asked> {
    const controller = new AbortController();
    this.#asking = controller;
    this.#listen();
    const stopListening = onAbort(signal, () => controller.abort(signal?.reason));
    try {
      return await this.#keeper.ask(wantedAt, { timeoutMs, signal: controller.signal, timerKind });
    } finally {
      stopListening();
      if (this.#asking === controller) this.#asking = undefined;
      this.#listen(); // Nobody else hears of the end of one that was cut off.
    }
  }

  #onAsked(asked: Asked, own: AbortController | undefined): void {
    const at = this.#clock.now();
    if (own?.signal.aborted === true) return this.#advance(at);
    this.#pace.onSuccess(at);
    if (asked.kind === 'written') {
      this.#latest = asked;
      // Whoever it was written for may have given up meanwhile, and the next may want more.
      const { first } = this.#callers;
      if (first !== undefined && first.count <= asked.once) first.resolve(this.#result(true, at));
    } else if (asked.kind === 'as-it-is' && this.#latest !== undefined)
      this.#latest = { ...this.#latest, entitled: asked.entitled };
    this.#serve(at);
    for (const caller of this.#callers.tries()) caller.resolve(this.#denied(caller.count, at));
    if (asked.kind === 'written') {
      this.#peak = this.#pressure(at);
      this.#wasShort = this.#callers.first !== undefined;
      this.#shortOf = 0;
    }
    this.#advance(at);
  }

  #onFailed(error: unknown, own: AbortController | undefined): void {
    const at = this.#clock.now();
    if (own?.signal.aborted === true) return this.#advance(at);
    this.#pace.onFailure(at);
    // Only an answer that may come yet is worth waiting for.
    const isForAll = !(error instanceof StoreUnavailableError);
    this.#isBarred = isForAll;
    for (const caller of isForAll ? this.#callers.all() : this.#callers.tries()) caller.reject(error);
    this.#advance(at);
  }

  /** Hears of stops while there is something that a stop would put in doubt. */
  #listen(): void {
    const isBusy = this.#asking !== undefined || this.#keeper.isListed;
    if (!isBusy) {
      this.#stopListening?.();
      this.#stopListening = undefined;
      return;
    }
    this.#stopListening ??= this.#clock.onResume(() => {
      this.#keeper.doubt();
      this.#advance(this.#clock.now());
    });
  }
}
