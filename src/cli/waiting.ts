import type { LockStatus } from '../index.ts';
import { clockTime, holderOf } from './describe.ts';
import { tellDuration } from './duration.ts';
import type { Notes } from './notes.ts';

/** How often a wait is mentioned where it cannot be drawn over and over: a log is read later, by people. */
const REMINDER_MS = 300_000;
const REDRAW_MS = 1_000;

/** Tells of a wait: one live line on a terminal, elsewhere a line at the start and rarely another one. */
export class WaitTeller {
  readonly #lock: string;
  readonly #notes: Notes;
  #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #holder: LockStatus | undefined;
  #isTold = false;

  constructor(lock: string, notes: Notes) {
    this.#lock = lock;
    this.#notes = notes;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#tell(), this.#notes.isLive ? REDRAW_MS : REMINDER_MS);
  }

  /** Somebody holds the lock. */
  onHolder(holder: LockStatus): void {
    const isFirst = this.#holder === undefined;
    this.#holder = holder;
    if (isFirst || this.#notes.isLive) this.#tell();
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
      holder: this.#holder?.holder,
      since: this.#holder?.since,
      waitedMs,
    });
    this.#isTold = true;
  }

  /** What a narrow terminal cuts off last comes first: whoever waits knows the lock's name. */
  #liveText(): string {
    // In whole seconds, as it is drawn: a text that changes its width each time is no pleasure to look at.
    const waited = tellDuration(Math.floor((performance.now() - this.#startedAt) / 1_000) * 1_000);
    const holder = this.#holder;
    if (holder === undefined) return `waiting ${waited} for ${this.#lock}`;
    return `waiting ${waited}, held since ${clockTime(holder.since)} by ${holderOf(holder)}: ${this.#lock}`;
  }

  #sentence(): string {
    const waited = performance.now() - this.#startedAt;
    const soFar = waited < REDRAW_MS ? '' : ` (waited ${tellDuration(waited)})`;
    const holder = this.#holder;
    if (holder === undefined) return `waiting for ${this.#lock}${soFar}`;
    return `waiting${soFar} for ${this.#lock}, held by ${holderOf(holder)} since ${clockTime(holder.since)}`;
  }
}
