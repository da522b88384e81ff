import type { LockStatus, PoolStatus, RateStatus, SemaphoreStatus, StoreUnavailableError } from '../index.ts';
import { clockTime, holderOf, tellRate } from './describe.ts';
import { tellDuration } from './duration.ts';
import type { Fact, Notes } from './notes.ts';

/** How often a wait is mentioned where it cannot be drawn over and over: a log is read later, by people. */
const REMINDER_MS = 300_000;
const REDRAW_MS = 1_000;

/** Why it takes time; said anew each time, since time goes on. */
export interface WaitReason {
  /** What follows `waiting for gs://bucket/name, `. */
  readonly sentence: () => string;
  /** What follows `waiting 5s, ` in a line that may be cut off. */
  readonly short: () => string;
  /** For programs. */
  readonly fact: Readonly<Record<string, unknown>>;
  /** Whether it is only said why nothing is known. */
  readonly isUnknown?: boolean;
}

/** Nobody was told why: the store does not answer, and the wait goes on. */
export function unanswered({ message, code }: StoreUnavailableError): WaitReason {
  return {
    sentence: () => `of which the store says nothing: ${message}`,
    short: () => 'the store does not answer',
    fact: { code, message },
    isUnknown: true,
  };
}

/**
 * Says that a wait ran out while the store did not answer. Also under `--quiet`: by its exit code it looks as if somebody
 * else were at work.
 *
 * @param text - what was not had, and for how long it was waited.
 */
export function warnOfSilence(
  notes: Notes,
  text: string,
  { code, message }: StoreUnavailableError,
  fact?: Fact,
): void {
  notes.warn(`${text}: ${message}`, fact && { ...fact, code, message });
}

/** Somebody holds the lock. */
export function held(status: LockStatus): WaitReason {
  const { holder, since } = status;
  return {
    sentence: () => `held by ${holderOf(status)} since ${clockTime(since)}`,
    short: () => `held since ${clockTime(since)} by ${holderOf(status)}`,
    fact: { holder, since },
  };
}

/** All permits of a semaphore are held, or too many for so many at once. */
export function permitsHeld(status: SemaphoreStatus, wanted: number): WaitReason {
  const { permits, held: heldCount, stale, holders } = status;
  const told = `${heldCount} of ${permits} permits held${wanted === 1 ? '' : `, ${wanted} wanted`}`;
  return heldTogether(told, holders, { permits, held: heldCount, stale, wanted });
}

/** Each resource that would do is held. */
export function resourcesHeld({ resources }: PoolStatus, only: readonly string[] | undefined): WaitReason {
  const wanted = wantedOf(resources, only);
  const heldOnes = wanted.filter(({ state }) => state === 'held');
  const told = `${heldOnes.length} of ${wanted.length} resources held`;
  const holders = heldOnes.flatMap(({ holder }) => holder ?? []);
  return heldTogether(told, holders, { resources: wanted.length, held: heldOnes.length });
}

/** Whether a resource that would do can be had now. */
export function hasAvailable({ resources }: PoolStatus, only: readonly string[] | undefined): boolean {
  return wantedOf(resources, only).some(({ state }) => state === 'free' || state === 'stale');
}

function wantedOf(
  resources: PoolStatus['resources'],
  only: readonly string[] | undefined,
): PoolStatus['resources'] {
  return resources.filter(({ resource, isMember }) => isMember && (only?.includes(resource) ?? true));
}

/** Whoever has held for longest is the one that people ask about. */
function heldTogether(told: string, holders: readonly LockStatus[], fact: WaitReason['fact']): WaitReason {
  const oldest = holders.toSorted((one, other) => one.since.getTime() - other.since.getTime())[0];
  const tell = (longest: (status: LockStatus) => string): string =>
    oldest === undefined ? told : `${told}, longest ${longest(oldest)}`;
  return {
    sentence: () => tell((status) => `by ${holderOf(status)} since ${clockTime(status.since)}`),
    short: () => tell((status) => `since ${clockTime(status.since)} by ${holderOf(status)}`),
    fact: { ...fact, holder: oldest?.holder, since: oldest?.since },
  };
}

/** All permits of a rate limiter are in use, or too many. */
export function inUse(status: RateStatus): WaitReason {
  const { limit, windowMs, available, nextFreeAt } = status;
  const next = (tell: (moment: Date) => string): string =>
    nextFreeAt === undefined || nextFreeAt.getTime() < Date.now() ? '' : `, more ${tell(nextFreeAt)}`;
  return {
    sentence: () => tellRate(status) + next((moment) => `${fromNow(moment)}, at ${clockTime(moment)}`),
    short: () => tellRate(status) + next(fromNow),
    fact: { limit, windowMs, available, nextFreeAt },
  };
}

function fromNow(moment: Date): string {
  return `in ${tellDuration(wholeSeconds(moment.getTime() - Date.now()))}`;
}

/** As it is drawn: a text that changes its width each time is no pleasure to look at. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

/** Tells of a wait: one live line on a terminal, elsewhere a line at the start and rarely another one. */
export class WaitTeller {
  readonly #lock: string;
  readonly #notes: Notes;
  #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #reason: WaitReason | undefined;
  #isTold = false;

  constructor(lock: string, notes: Notes) {
    this.#lock = lock;
    this.#notes = notes;
  }

  /** Whether it has been said why. */
  get isExplained(): boolean {
    return this.#reason !== undefined && this.#reason.isUnknown !== true;
  }

  /** Whether somebody may look on. */
  get isLive(): boolean {
    return this.#notes.isLive;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#tell(), this.#notes.isLive ? REDRAW_MS : REMINDER_MS);
  }

  /** It is known why, or more of it. */
  on(reason: WaitReason): void {
    const isNews = this.#reason === undefined || (!this.isExplained && reason.isUnknown !== true);
    this.#reason = reason;
    if (isNews || this.#notes.isLive) this.#tell();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#notes.endLive();
  }

  #tell(): void {
    if (this.#notes.isLive) return this.#notes.live(this.#liveText());
    const text = this.#sentence();
    const waitedMs = Math.round(performance.now() - this.#startedAt);
    this.#notes.info(text, {
      event: this.#isTold ? 'still-waiting' : 'waiting',
      lock: this.#lock,
      ...this.#reason?.fact,
      waitedMs,
    });
    this.#isTold = true;
  }

  /** What a narrow terminal cuts off last comes first: whoever waits knows the lock's name. */
  #liveText(): string {
    const waited = tellDuration(wholeSeconds(performance.now() - this.#startedAt));
    if (this.#reason === undefined) return `waiting ${waited} for ${this.#lock}`;
    return `waiting ${waited}, ${this.#reason.short()}: ${this.#lock}`;
  }

  #sentence(): string {
    const waited = performance.now() - this.#startedAt;
    const soFar = waited < REDRAW_MS ? '' : ` (waited ${tellDuration(waited)})`;
    if (this.#reason === undefined) return `waiting for ${this.#lock}${soFar}`;
    return `waiting${soFar} for ${this.#lock}, ${this.#reason.sentence()}`;
  }
}
