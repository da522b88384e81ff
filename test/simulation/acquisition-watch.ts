import { AcquireTimeoutError, StoreUnavailableError } from '../../src/errors.ts';
import type { Checker } from './checker.ts';
import type { Process } from './process.ts';
import type { Call } from './wire.ts';

/** What an acquisition may take. */
export interface AcquisitionLimits {
  /** How long it is to go on, by the clock of its process. */
  readonly patienceMs: number;
  /** How long it may take where nothing is in its way, in real time. */
  readonly promptMs: number;
}

/** Follows one acquisition from outside: nobody may be kept waiting, or be sent away, without a reason. */
export class AcquisitionWatch {
  readonly process: Process;
  readonly #checker: Checker;
  readonly #handle: number;
  readonly #limits: AcquisitionLimits;
  readonly #startMs: number;
  readonly #patienceEndsMs: number;
  /** The lease ids that it has written under, or has tried to. */
  readonly #ownIds = new Set<string>();
  /** Since when there has been no record of anybody else; undefined while there is one. */
  #clearSinceMs: number | undefined;
  #wasAlwaysClear: boolean;
  #isOver = false;

  constructor(process: Process, checker: Checker, handle: number, limits: AcquisitionLimits) {
    this.process = process;
    this.#checker = checker;
    this.#handle = handle;
    this.#limits = limits;
    this.#startMs = process.nowMs;
    this.#patienceEndsMs = process.peek().monotonicMs + limits.patienceMs;
    const isClear = checker.records.present === undefined;
    this.#clearSinceMs = isClear ? this.#startMs : undefined;
    this.#wasAlwaysClear = isClear;
    checker.acquisitions.add(this);
  }

  /** A request of it leaves. */
  onSent({ method, metadata }: Call): void {
    const leaseId = metadata['lease-id'];
    if (method === 'insert' && leaseId !== undefined) this.#ownIds.add(leaseId);
  }

  /** Another record is there now, or none. */
  onRecord(leaseId: string | undefined, nowMs: number): void {
    if (leaseId === undefined || this.#ownIds.has(leaseId)) {
      this.#clearSinceMs ??= nowMs;
    } else {
      this.#clearSinceMs = undefined;
      this.#wasAlwaysClear = false;
    }
  }

  onGranted(): void {
    this.#end();
  }

  /** It is told that somebody else holds the lock. */
  onHeld(): void {
    const isCalm = this.#quietSinceMs <= this.#startMs;
    if (this.#end() && this.#wasAlwaysClear && isCalm)
      this.#wrong('is told that it is held, and nobody holds it');
  }

  onError(error: unknown): void {
    if (!this.#end()) return;
    const hasGivenUp = error instanceof AcquireTimeoutError || error instanceof StoreUnavailableError;
    if (hasGivenUp && this.process.peek().monotonicMs < this.#patienceEndsMs - 1)
      this.#wrong('gives up before its time is over');
  }

  /** Until when something went wrong for which the library is not to blame. */
  get #quietSinceMs(): number {
    return Math.max(this.#startMs, this.process.troubledUntilMs, this.#checker.meddledMs);
  }

  /** Whether this is its end, and not something that comes later. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#checker.acquisitions.delete(this);
    if (this.#clearSinceMs === undefined) return true;
    const waitedMs = this.process.nowMs - Math.max(this.#clearSinceMs, this.#quietSinceMs);
    if (waitedMs > this.#limits.promptMs) this.#wrong('is kept waiting though nothing is in its way');
    return true;
  }

  #wrong(what: string): void {
    this.#checker.add(this.process.nowMs, `acquisition of handle ${this.#handle} ${what}`);
  }
}
