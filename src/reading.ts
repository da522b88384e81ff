import { errorFromFailure, foreignObject, NewerVersionError } from './errors.ts';
import { type Asker, errorContext, type Lock } from './lock.ts';
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
  const outcome = await untilKnown(lock, limit, async (): Promise<ReadOutcome> => {
    const seen = await lock.store.get({ signal: limit });
    lock.memory.see(seen, lock.clock.now().monotonicMs);
    return seen;
  });
  return outcome.kind === 'found' ? outcome.object : undefined;
}

/** What became of asking, where nothing is known. */
type NotKnown = Extract<ReadOutcome, { readonly failure: Failure }>;

/**
 * Asks a store again and again, with growing pauses, while nothing is known.
 *
 * @param limit - ends the attempts; the caller tells a time limit from an abort.
 * @throws an error of the store.
 */
export async function untilKnown<Known extends { readonly kind: string }>(
  asker: Asker,
  limit: AbortSignal,
  ask: () => Promise<Known | NotKnown>,
): Promise<Known> {
  let backoff = NO_BACKOFF;
  let failure: Failure | undefined;
  for (;;) {
    const outcome = await ask();
    if (!('failure' in outcome)) return outcome;
    if (outcome.kind === 'failed') throw errorFromFailure(outcome.failure, errorContext(asker));
    if (!limit.aborted) failure = outcome.failure;
    if (limit.aborted) throw errorFromFailure(failure ?? NO_ANSWER, errorContext(asker));
    const [delayMs, next] = nextPause(asker.settings.backoff, backoff, asker.random.draw());
    backoff = next;
    await pauseFor(asker.clock, delayMs, limit);
  }
}

const NO_ANSWER: Failure = { kind: 'unavailable', detail: 'There was no answer in time.' };
