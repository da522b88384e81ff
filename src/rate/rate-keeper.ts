import { type Document, editDocument } from '../document.ts';
import { errorFromFailure } from '../errors.ts';
import { errorContext } from '../lock.ts';
import type { Failure } from '../protocol/outcome.ts';
import { TakeLog } from '../protocol/rate-log.ts';
import type { RateValue } from '../protocol/rate-record.ts';
import {
  allowedBy,
  aheadOfAnswer,
  type Belief,
  planShare,
  refreshAt,
  type ShareAsk,
  type SharePlan,
  sleptSince,
} from '../protocol/rate-share.ts';
import type { Instant, Millis } from '../protocol/timing.ts';
import { Tally } from '../tally.ts';
import type { TimerKind } from '../platform/clock.ts';
import { type Rate, RateMismatchError } from './rate-errors.ts';

/** A rate limiter as its client knows it. */
export interface RateLimiter extends Rate {
  readonly document: Document<RateValue>;
  /** Whether each call writes for itself, and keeps no share. */
  readonly isOnce: boolean;
}

/** What is wanted of the document now. */
export type Wanted = Pick<ShareAsk, 'wanted' | 'needed' | 'isDue' | 'isStanding'>;

/** How a write is made. */
export interface WriteLimits {
  readonly timeoutMs: Millis;
  readonly signal?: AbortSignal | undefined;
  readonly timerKind: TimerKind;
}

/** What was built for one write, and when: the last that was built is the one that is applied, if any is. */
interface Built {
  readonly plan: SharePlan;
  readonly wanted: number;
  readonly at: Instant;
  readonly marked: ReturnType<TakeLog['oldest']>;
}

/** What came of asking. */
export interface Asked extends Pick<SharePlan, 'entitled' | 'once'> {
  /** `slept`: time has passed that nobody could count; to be asked again. */
  readonly kind: SharePlan['kind'] | 'slept';
  /** What was wanted when it was decided. */
  readonly wanted: number;
  /** How many processes have a share, or stand in line for one; 0 where nothing was written. */
  readonly sharers: number;
}

/** So many writes a second of all processes together are left free for those who come and go. */
const INTERVALS_EACH = 6;

/** One process's share of a limit: what it may hand out, what it did hand out, and how that gets into the document. */
export class ShareKeeper {
  /** How the store has answered this process. */
  readonly tally: Tally;
  readonly #limiter: RateLimiter;
  readonly #id: string;
  #log: TakeLog;
  #belief: Belief | undefined;
  #isListed = false;
  /** How often the process was stopped and went on. */
  #resumeCount = 0;

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
    this.tally = new Tally(limiter.document.clock);
    this.#id = limiter.document.random.leaseId().slice(0, 16);
    this.#log = new TakeLog(limiter.windowMs);
  }

  /** Whether the document may name this process. */
  get isListed(): boolean {
    return this.#isListed;
  }

  /** How many may be handed out in a window, whatever was. */
  allowed(at: Instant): number {
    return allowedBy(this.#belief, at);
  }

  used(at: Instant): number {
    return this.#log.used(at.monotonicMs);
  }

  /** Hands out, if there is room for so many at once. */
  take(count: number, at: Instant): boolean {
    if (this.used(at) + count > this.allowed(at)) return false;
    this.#log.add(count, at.monotonicMs);
    return true;
  }

  /** When there will be room for `count` in the share as it is; Infinity where it is too small. */
  roomAt(count: number, at: Instant): Millis {
    const allowed = this.allowed(at);
    return allowed < count ? Infinity : this.#log.downTo(allowed - count, at.monotonicMs);
  }

  /** When the share is to be written again: at once where it is in doubt. */
  refreshAt(at: Instant): Millis {
    const belief = this.#belief;
    if (belief === undefined || (belief.count > 0 && this.allowed(at) === 0)) return -Infinity;
    return refreshAt(belief);
  }

  /** How long it is between two such writes, as far as is known. */
  get refreshIntervalMs(): Millis {
    return (this.#belief?.ttlMs ?? this.#limiter.document.settings.ttlMs) / 3;
  }

  /** The process was stopped: nobody knows for how long. */
  doubt(): void {
    this.#resumeCount += 1;
    this.#belief = undefined;
  }

  /** Hands nothing out any more. */
  stop(): void {
    this.#belief = undefined;
  }

  /** Whatever was handed out or written counts no more. */
  forget(): void {
    this.#belief = undefined;
    this.#isListed = false;
    this.#log = new TakeLog(this.#limiter.windowMs);
  }

  /**
   * Reads the document, and writes what there is to write for this process.
   *
   * @param wantedAt - asked as late as can be: until then more callers may have come.
   * @throws RateMismatchError, and what `editDocument` throws.
   */
  async ask(wantedAt: (at: Instant) => Wanted, limits: WriteLimits): Promise<Asked> {
    const { document } = this.#limiter;
    const { clock } = document;
    const from = clock.now();
    const resumeCount = this.#resumeCount;
    const ttl = { ttlMs: document.settings.ttlMs, sentAt: from };
    let built: Built | undefined;
    let stored: RateValue | undefined;
    const changed = await editDocument<RateValue, SharePlan['kind'] | 'slept'>(document, {
      ...limits,
      tally: this.tally,
      // Deciding anew finds what an earlier write left there, under this share's id: nothing is had twice by it.
      whenUnclear: 'decide-anew',
      decide: (seen) => {
        const at = clock.now();
        // How far the server's clock has gone on meanwhile, no clock here can tell.
        if (sleptSince(ttl, at) || resumeCount !== this.#resumeCount) return { kind: 'leave', why: 'slept' };
        stored = seen?.value;
        const wanted = wantedAt(at);
        const plan = planShare(seen, this.#shareAsk(wanted, from, at));
        // Before it is sent: from now on it may be applied.
        this.#lower(plan.count);
        if (plan.decision.kind === 'write') this.#isListed = true;
        built = { plan, wanted: wanted.wanted, at, marked: this.#log.oldest(plan.spent, at.monotonicMs) };
        return plan.decision;
      },
    });
    if (built === undefined || (changed.kind === 'left' && changed.why === 'slept')) return SLEPT;
    if (changed.kind === 'left') return this.#onLeft(built, stored);
    return this.#onWritten(built, changed.value, resumeCount);
  }

  #onWritten({ plan, wanted, at, marked }: Built, value: RateValue, resumeCount: number): Asked {
    this.#log.forget(marked);
    const own = value.shares.find(({ id }) => id === this.#id);
    this.#isListed = own !== undefined;
    const ttlMs = own?.ttlMs ?? this.#limiter.document.settings.ttlMs;
    const belief = { count: plan.count, ttlMs, sentAt: at };
    const isSure = resumeCount === this.#resumeCount;
    this.#belief = isSure && own !== undefined ? belief : undefined;
    const once = { ...belief, count: plan.once };
    const sharers = value.shares.length;
    return {
      ...plan,
      wanted,
      sharers,
      once: isSure ? allowedBy(once, this.#limiter.document.clock.now()) : 0,
    };
  }

  #shareAsk(wanted: Wanted, from: Instant, at: Instant): ShareAsk {
    const { limit, windowMs, isOnce, document } = this.#limiter;
    const { ttlMs, clockSkewMs, mutationIntervalMs } = document.settings;
    return {
      ...wanted,
      id: this.#id,
      limit,
      windowMs,
      clockSkewMs,
      ttlMs,
      ttlMsEach: INTERVALS_EACH * mutationIntervalMs,
      taken: this.#log.taken(at.monotonicMs),
      aheadMs: aheadOfAnswer(from, at),
      isOnce,
    };
  }

  #lower(count: number): void {
    if (this.#belief !== undefined && count < this.#belief.count) this.#belief = { ...this.#belief, count };
  }

  #onLeft({ plan, wanted }: Built, stored: RateValue | undefined): Asked {
    const { limit, windowMs, document } = this.#limiter;
    if (plan.kind === 'timeless') throw errorFromFailure(NO_TIME, errorContext(document));
    // A write without an answer may have put it there, or may yet: then it ends by its ttl.
    this.#isListed = stored?.shares.some(({ id }) => id === this.#id) === true;
    if (plan.kind !== 'mismatch' || stored === undefined) return { ...plan, wanted, sharers: 0 };
    // Whoever stored another rate has forgotten what was handed out before.
    this.forget();
    const rate = { limit: stored.limit, windowMs: stored.windowMs };
    throw new RateMismatchError({ limit, windowMs }, rate, errorContext(document));
  }
}

const SLEPT: Asked = { kind: 'slept', wanted: 0, sharers: 0, entitled: 0, once: 0 };

const NO_TIME: Failure = { kind: 'unavailable', detail: 'Its answers do not say what time it is.' };
