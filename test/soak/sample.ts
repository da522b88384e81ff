import { readdirSync } from 'node:fs';
import { getEventListeners } from 'node:events';
import { memoryUsage } from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import type { Lease } from '../../src/index.ts';

/** What a process has, at one moment at which none of its calls is under way. */
export interface Sample {
  readonly atMs: number;
  /** How many calls had ended until then, and how many refreshes of idle leases. */
  readonly callCount: number;
  readonly refreshCount: number;
  /** After a garbage collection. */
  readonly heapBytes: number;
  /** Buffers and the like, outside the heap. */
  readonly outsideBytes: number;
  /** Listeners on the signal that all calls share. */
  readonly listeners: number;
  /** Listeners on the signal that was given to the leases of `run`. */
  readonly leaseListeners: number;
  /** How many of a kind are reachable: whoever forgets to let one go has one more with each call. */
  readonly leases: number;
  readonly timers: number;
  /** Open files and sockets, as the system counts them; 0 where it does not say. */
  readonly descriptors: number;
  /** What keeps the event loop alive, by kind. */
  readonly active: Readonly<Record<string, number>>;
}

const { gc } = globalThis;
/** The class of Node's timers, those that keep no process alive among them. */
const timer = setTimeout(() => {}, 0);
clearTimeout(timer);
const Timeout: unknown = timer.constructor;

/**
 * Takes a sample of this process. Needs `--expose-gc`.
 *
 * @param lease - any one: its class is no export of the package.
 */
export async function takeSample(
  counts: Pick<Sample, 'callCount' | 'refreshCount'>,
  signals: { readonly ofCalls: AbortSignal; readonly ofLeases: AbortSignal },
  lease: Lease,
): Promise<Sample> {
  if (gc === undefined) throw new Error('a sample needs --expose-gc');
  gc();
  // What a collection lets go of may be cleaned up in the turn after it.
  await turn();
  const [leases, timers] = [count(lease.constructor), count(Timeout)];
  gc();
  const { heapUsed, external } = memoryUsage();
  return {
    atMs: performance.now(),
    ...counts,
    heapBytes: heapUsed,
    outsideBytes: external,
    listeners: getEventListeners(signals.ofCalls, 'abort').length,
    leaseListeners: getEventListeners(signals.ofLeases, 'abort').length,
    leases,
    timers,
    descriptors: descriptorCount(),
    active: tally(process.getActiveResourcesInfo()),
  };
}

function count(constructor: unknown): number {
  return queryObjects(constructor as new () => unknown, { format: 'count' });
}

function descriptorCount(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

function tally(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
