/** How long requests took, milliseconds. */
export interface Times {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** What the times suggest, and what a lock costs; see the functions that fill them in. */
export interface Figures {
  readonly readMs: { readonly p50: number; readonly p90: number };
  readonly writeMs: { readonly p50: number; readonly p90: number };
  readonly suggestedTtlMs: number;
  readonly suggestedBackoff: { readonly minMs: number; readonly maxMs: number };
  readonly dollarsPerHeldHour: number;
  readonly dollarsPerWaitingHour: number;
}

/**
 * Prices of a region in the standard class, dollars for each request
 * (https://cloud.google.com/storage/pricing): class A for insert, patch and list, class B for get; delete is free.
 */
const CLASS_A = 0.005 / 1_000;
const CLASS_B = 0.000_4 / 1_000;

const DEFAULT_TTL_MS = 60_000;
const HOUR_MS = 3_600_000;

export function figuresOf({ reads, writes }: Times): Figures {
  const writeMs = { p50: quantile(writes, 0.5), p90: quantile(writes, 0.9) };
  const readMs = { p50: quantile(reads, 0.5), p90: quantile(reads, 0.9) };
  const suggestedTtlMs = suggestTtl(writeMs.p90);
  const suggestedBackoff = {
    minMs: Math.max(100, roundUp(readMs.p90, 50)),
    maxMs: Math.max(2_000, roundUp(10 * readMs.p90, 500)),
  };
  const meanPauseMs = (suggestedBackoff.minMs + suggestedBackoff.maxMs) / 2 + readMs.p50;
  return {
    readMs,
    writeMs,
    suggestedTtlMs,
    suggestedBackoff,
    // A refresh in each third of the ttl, and one create.
    dollarsPerHeldHour: (HOUR_MS / (suggestedTtlMs / 3) + 1) * CLASS_A,
    dollarsPerWaitingHour: (HOUR_MS / meanPauseMs) * CLASS_B,
  };
}

/**
 * The default, unless writes are slow: a third of the ttl, between two refreshes, should have room for a dozen
 * tries, so that no hiccup loses a lease.
 */
function suggestTtl(writeP90Ms: number): number {
  return Math.max(DEFAULT_TTL_MS, roundUp(3 * 12 * writeP90Ms, 5_000));
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** The value that so large a part of a sample does not exceed. */
export function quantile(sample: readonly number[], part: number): number {
  const sorted = sample.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
