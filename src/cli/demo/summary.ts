import type { Overlap } from './overlap.ts';
import type { Happening } from './story.ts';

/** The figures that the happenings add up to. */
export interface Figures {
  readonly acquisitions: number;
  readonly takeovers: number;
  /** Mean and greatest number of requests from the call of `acquire` to the grant. */
  readonly requestsPerAcquisition: number;
  readonly mostRequests: number;
  readonly longestWaitMs: number;
  readonly longestWaiter: string | undefined;
  readonly refreshes: number;
  readonly failedRefreshes: number;
}

/** The end of a run. */
export interface Summary extends Figures {
  readonly exitCode: number;
  readonly seed: number;
  readonly durationMs: number;
  readonly judge: {
    readonly leases: number;
    readonly looks: number;
    readonly overlaps: readonly Overlap[];
    readonly closestMs: number | undefined;
  };
  readonly isLockGone: boolean;
  readonly skippedScenes: readonly string[];
  /** What did not go as it should have, one sentence each; empty with exit code 0. */
  readonly problems: readonly string[];
}

/** Adds the figures up. */
export class Tally {
  #requests = 0;
  #figures: Figures = {
    acquisitions: 0,
    takeovers: 0,
    requestsPerAcquisition: 0,
    mostRequests: 0,
    longestWaitMs: 0,
    longestWaiter: undefined,
    refreshes: 0,
    failedRefreshes: 0,
  };

  get figures(): Figures {
    return this.#figures;
  }

  count(happening: Happening): void {
    const before = this.#figures;
    switch (happening.kind) {
      case 'acquired':
        this.#acquired(happening);
        break;
      case 'refreshed':
        this.#figures = { ...before, refreshes: before.refreshes + 1 };
        break;
      case 'refresh-failed':
        this.#figures = { ...before, failedRefreshes: before.failedRefreshes + 1 };
        break;
      default:
    }
  }

  #acquired(grant: Extract<Happening, { kind: 'acquired' }>): void {
    const before = this.#figures;
    const acquisitions = before.acquisitions + 1;
    this.#requests += grant.requestCount;
    const isLongest = grant.waitedMs > before.longestWaitMs;
    this.#figures = {
      ...before,
      acquisitions,
      takeovers: before.takeovers + (grant.wasTakenOver ? 1 : 0),
      requestsPerAcquisition: this.#requests / acquisitions,
      mostRequests: Math.max(before.mostRequests, grant.requestCount),
      longestWaitMs: isLongest ? grant.waitedMs : before.longestWaitMs,
      longestWaiter: isLongest ? grant.worker : before.longestWaiter,
    };
  }
}
