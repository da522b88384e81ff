import type { GcsMutexOptions } from '../../src/index.ts';
import type { ChaosEvent, LifeEvent } from './history.ts';

/** What a worker is told at its birth. */
export interface Part {
  readonly worker: string;
  readonly incarnation: number;
  readonly bucket: string;
  readonly lockName: string;
  readonly options: GcsMutexOptions & { readonly ttlMs: number };
  readonly counterPort: number;
  /** When the run began, on the clock that all processes share. */
  readonly originMs: number;
  readonly seed: number;
}

/** What the driver tells a worker. */
export type Order =
  | { readonly kind: 'stop' }
  | { readonly kind: 'block'; readonly forMs: number; readonly place: 'anywhere' | 'before-write' };

/** A step in the critical section, as a worker sends it; the counter answers each with the value that it has then. */
export type Step =
  | { readonly kind: 'enter' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly basedOn: number };

/** What a look at a lease says, with the lease that it was. */
export interface SentLook {
  readonly leaseId: string;
  readonly lookedAtMs: number;
  readonly isHeld: boolean;
  readonly remainingMs: number;
}

/** What a worker sends to the counter's server, a line each. */
export type Told =
  | LifeEvent
  | Extract<ChaosEvent, { kind: 'blocked' | 'unblocked' }>
  | (Step & SentLook & { readonly worker: string; readonly incarnation: number });

/** What the counter's server tells the driver. */
export type CounterReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'event'; readonly event: ChaosEvent }
  /** Every line is closed, and every event told. */
  | { readonly kind: 'concluded' };

/** What the driver tells the counter's server. */
export type CounterOrder =
  /** A worker has been started, or has ended: who lives when the driver is gone is to be killed. */
  | { readonly kind: 'guard'; readonly pid: number }
  | { readonly kind: 'gone'; readonly pid: number }
  | { readonly kind: 'conclude' };
