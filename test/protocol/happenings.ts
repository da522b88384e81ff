import * as fc from 'fast-check';
import type { StoreStep } from '../../src/protocol/step.ts';
import type { Instant, Millis } from '../../src/protocol/timing.ts';
import { HOLD_SETTINGS } from './tools.ts';

/** One thing that happens: when, after what sleep, and which of the possible things. */
export interface Happening {
  readonly afterMs: Millis;
  readonly sleptMs: Millis;
  readonly draw: number;
  readonly which: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  afterMs: fc.oneof(fc.nat(200), fc.nat(3_000), fc.nat(30_000)),
  sleptMs: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(90_000)),
  draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  which: fc.nat(1_000),
});
export const histories = fc.array(happening, { minLength: 1, maxLength: 40 });

/** Whether a step sends something that may change the object. */
export function isWrite(step: { readonly kind: string }): step is StoreStep & { readonly request: number } {
  return ['create', 'patch', 'overwrite', 'delete'].includes(step.kind);
}

/** One of several things, by a number. */
export function pick<T>(which: number, first: T, ...others: readonly T[]): T {
  const index = which % (others.length + 1);
  return index === 0 ? first : (others[index - 1] ?? first);
}

/** Whether a second write comes too soon after a first, by whichever clock shows more. */
export function isTooSoon(first: Instant, second: Instant): boolean {
  const passedMs = Math.max(second.monotonicMs - first.monotonicMs, second.elapsedMs - first.elapsedMs);
  return passedMs < HOLD_SETTINGS.mutationIntervalMs - 1e-6;
}
