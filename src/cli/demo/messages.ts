import type { GcsMutexOptions } from '../../index.ts';
import type { Overlap, Verdict } from './overlap.ts';

/** What a worker is told at its birth. */
export interface Part {
  readonly name: string;
  readonly bucket: string;
  readonly lockName: string;
  readonly options: GcsMutexOptions;
  readonly judgePort: number;
  readonly seed: number;
  /** A piece of work takes at least the first and at most the second. */
  readonly workMs: readonly [number, number];
  /** So does the pause after it. */
  readonly pauseMs: readonly [number, number];
  /** Whether the server refuses the late release of a lease that was lost. */
  readonly refusesLateRelease: boolean;
}

/** What the director tells a worker; `work-on` makes the present piece of work last until told otherwise. */
export type Order = { readonly kind: 'start' | 'work-on' | 'stop' };

/**
 * How a worker learnt that its lease is lost: by the look of its SIGCONT handler, by one of its other looks at
 * `lease.isHeld`, or because `lease.signal` aborted of itself. After a stop the first two race: Node runs the
 * timers that are due before it runs the handlers of signals.
 */
export type LearntBy = 'sigcont' | 'look' | 'signal';

/** What a worker tells the director. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly holder: string }
  | {
      readonly kind: 'acquired';
      readonly leaseId: string;
      readonly waitedMs: number;
      readonly requestCount: number;
      readonly wasTakenOver: boolean;
    }
  | { readonly kind: 'refreshed'; readonly remainingMs: number }
  | { readonly kind: 'refresh-failed'; readonly code: string }
  | { readonly kind: 'in-doubt' }
  | {
      readonly kind: 'lost';
      readonly reason: string;
      readonly learntBy: LearntBy;
      /** When, on the clock that all processes share. */
      readonly learntAtMs: number;
    }
  | { readonly kind: 'released'; readonly wasHeld: boolean; readonly heldMs: number }
  | { readonly kind: 'release-failed'; readonly code: string }
  | { readonly kind: 'works-on' }
  /** What the look of the SIGCONT handler said. */
  | { readonly kind: 'woke'; readonly isHeld: boolean }
  | { readonly kind: 'failed'; readonly message: string };

/** What the judge tells the director. */
export type Ruling =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'violation'; readonly overlap: Overlap }
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly malformedCount: number };

const ORDERS = new Set(['start', 'work-on', 'stop']);
const REPORTS = new Set([
  'ready',
  'waiting',
  'acquired',
  'refreshed',
  'refresh-failed',
  'in-doubt',
  'lost',
  'released',
  'release-failed',
  'works-on',
  'woke',
  'failed',
]);
const RULINGS = new Set(['listening', 'violation', 'verdict']);

// The other end of each channel is this very program, so that the kind is all that needs a look.

export function isOrder(message: unknown): message is Order {
  return hasKindOf(message, ORDERS);
}

export function isReport(message: unknown): message is Report {
  return hasKindOf(message, REPORTS);
}

export function isRuling(message: unknown): message is Ruling {
  return hasKindOf(message, RULINGS);
}

function hasKindOf(message: unknown, kinds: ReadonlySet<string>): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && kinds.has(message.kind);
}
