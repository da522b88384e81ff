import { setTimeout as pause } from 'node:timers/promises';
import { GcsMutexError } from '../index.ts';
import type { WaitReason, WaitTeller } from './waiting.ts';

/** How soon a look of its own explains a wait, and how often again where somebody looks on. */
const FIRST_LOOK_MS = 1_000;
const NEXT_LOOK_MS = 5_000;

/**
 * Looks from time to time why a wait takes so long, where the wait itself does not say; it is the wait that tells of
 * errors.
 *
 * @param signal - ends it.
 */
export async function explain(
  look: (signal: AbortSignal) => Promise<WaitReason | undefined>,
  teller: WaitTeller,
  signal: AbortSignal,
): Promise<void> {
  try {
    await pause(FIRST_LOOK_MS, undefined, { signal, ref: false });
    for (;;) {
      const reason = await look(signal).catch(ignoreOwn);
      if (reason !== undefined) teller.on(reason);
      if (reason !== undefined && !teller.isLive) return;
      await pause(NEXT_LOOK_MS, undefined, { signal, ref: false });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Passes over an error of the store; any other is a fault of ours. */
export function ignoreOwn(error: unknown): undefined {
  if (!(error instanceof GcsMutexError)) throw error;
}
