import type { Millis } from './timing.ts';

/** How the pauses of a waiting loop grow. */
export interface BackoffSettings {
  readonly minMs: Millis;
  readonly maxMs: Millis;
  readonly factor: number;
}

/** How many pauses there have been since the last reset; immutable. */
export type Backoff = number;

/** The state before the first pause. */
export const NO_BACKOFF: Backoff = 0;

/**
 * The next pause: drawn evenly between `minMs` and a cap that grows by `factor` each time up to `maxMs`, so
 * that many waiters who failed at one moment do not come back at one moment.
 *
 * @param draw - chance, in [0, 1).
 */
export function nextPause(
  settings: BackoffSettings,
  backoff: Backoff,
  draw: number,
): readonly [delayMs: Millis, next: Backoff] {
  const capMs = Math.min(settings.maxMs, settings.minMs * settings.factor ** (backoff + 1));
  const delayMs = settings.minMs + draw * Math.max(0, capMs - settings.minMs);
  return [delayMs, capMs < settings.maxMs ? backoff + 1 : backoff];
}
