import { errorFromFailure, foreignObject, NewerVersionError } from './errors.ts';
import { errorContext, type Lock } from './lock.ts';
import { nextPause, NO_BACKOFF } from './protocol/backoff.ts';
import type { Failure, ReadOutcome, SeenObject } from './protocol/outcome.ts';
import type { LockRecord } from './protocol/record.ts';
import { pauseFor, withTimeLimit } from './time-limit.ts';

/** An object that is a lock record. */
export type SeenRecord = SeenObject & {
  readonly content: { readonly kind: 'record'; readonly record: LockRecord };
};

/**
 * Reads the lock once, trying again for `requestTimeoutMs` in all while nothing is known; undefined where there
 * is none.
 *
 * @throws ForeignObjectError, NewerVersionError, an error of the store, or the signal's reason.
 */
export function readRecord(lock: Lock, signal: AbortSignal | undefined): Promise<SeenRecord | undefined> {
  return withTimeLimit(lock, signal, (limit) => readRecordUntil(lock, limit));
}

/** As `readRecord`, within a time limit of the caller's. */
export async function readRecordUntil(lock: Lock, limit: AbortSignal): Promise<SeenRecord | undefined> {
  const object = await readObjectUntil(lock, limit);
  if (object === undefined) return undefined;
  const { content } = object;
  if (content.kind === 'record') return { ...object, content };
  if (content.kind === 'newer') throw new NewerVersionError(content.schema, errorContext(lock));
  throw foreignObject(object, content.why, errorContext(lock));
}

/**
 * Reads the lock's object, whatever it is, trying again while nothing is known.
 *
 * @param limit - ends the attempts; the caller tells a time limit from an abort.
 */
export async function readObjectUntil(lock: Lock, limit: AbortSignal): Promise<SeenObject | undefined> {
  let backoff = NO_BACKOFF;
  let failure: Failure | undefined;
  for (;;) {
    const outcome = await lock.store.get({ signal: limit });
    lock.memory.see(outcome, lock.clock.now().monotonicMs);
    const known = judge(lock, outcome);
    if (known !== undefined) return known.object;
    if (outcome.kind === 'unreadable' && !limit.aborted) failure = outcome.failure;
    if (limit.aborted) throw errorFromFailure(failure ?? NO_ANSWER, errorContext(lock));
    const [delayMs, next] = nextPause(lock.settings.backoff, backoff, lock.random.draw());
    backoff = next;
    await pauseFor(lock.clock, delayMs, limit);
  }
}

const NO_ANSWER: Failure = { kind: 'unavailable', detail: 'There was no answer in time.' };

function judge(lock: Lock, outcome: ReadOutcome): { readonly object: SeenObject | undefined } | undefined {
  if (outcome.kind === 'absent') return { object: undefined };
  if (outcome.kind === 'found') return { object: outcome.object };
  if (outcome.kind === 'failed') throw errorFromFailure(outcome.failure, errorContext(lock));
  return undefined;
}
