import { setTimeout as pause } from 'node:timers/promises';
import { GcsMutexError, StoreUnavailableError } from '../errors.ts';
import { unanswered, type WaitReason, type WaitTeller } from './waiting.ts';

/** How soon a look of its own explains a wait, and how often again where somebody looks on. */
const FIRST_LOOK_MS = 1_000;
const NEXT_LOOK_MS = 5_000;

/** How it can be found out why a wait takes so long. */
export interface Explanation {
  /** @returns undefined where nothing is in the way. */
  readonly look: (signal: AbortSignal) => Promise<WaitReason | undefined>;
  /** Whether it is looked again and again while somebody looks on: the wait itself does not tell. */
  readonly looksAgain: boolean;
}

/**
 * Looks from time to time why a wait takes so long, where the wait itself does not say, or nobody answers it; it is the
 * wait that tells of errors.
 *
 * @param signal - ends it.
 */
export async function explain(
  explanation: Explanation,
  teller: WaitTeller,
  signal: AbortSignal,
): Promise<void> {
  try {
    await pause(FIRST_LOOK_MS, undefined, { signal, ref: false });
    while (!teller.isExplained || (teller.isLive && explanation.looksAgain)) {
      const reason = await explanation.look(signal).catch(whyUnknown);
      if (signal.aborted) return;
      if (reason !== undefined) teller.on(reason);
      await pause(NEXT_LOOK_MS, undefined, { signal, ref: false });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function whyUnknown(error: unknown): WaitReason | undefined {
  return error instanceof StoreUnavailableError ? unanswered(error) : ignoreOwn(error);
}

/** Passes over an error of the store; any other is a fault of ours. */
export function ignoreOwn(error: unknown): undefined {
  if (!(error instanceof GcsMutexError)) throw error;
}
