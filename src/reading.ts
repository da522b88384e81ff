import type { DriverParts } from './driver.ts';
import {
  type ErrorContext,
  errorFromFailure,
  foreignObject,
  type GcsMutexError,
  NewerVersionError,
} from './errors.ts';
import { type Asker, errorContext } from './lock.ts';
import { nextPause, NO_BACKOFF } from './protocol/backoff.ts';
import type { OtherContent } from './protocol/codec.ts';
import { type Failure, NO_ANSWER, type ReadOutcome, type SeenObject } from './protocol/outcome.ts';
import type { LockRecord } from './protocol/record.ts';
import type { Tally } from './tally.ts';
import { pauseFor, withTimeLimit } from './time-limit.ts';

/** An object of the kind that was asked for. */
export type SeenRecord<Body = LockRecord> = SeenObject<Body> & {
  readonly content: { readonly kind: 'record'; readonly record: Body };
};

/** Whoever reads one object. */
export type Reader<Body> = Asker & Pick<DriverParts<Body>, 'store' | 'memory'>;

/**
 * Reads a record once, trying again for `requestTimeoutMs` in all while nothing is known; undefined where there
 * is none.
 *
 * @throws ForeignObjectError, NewerVersionError, an error of the store, or the signal's reason.
 */
export function readRecord<Body>(
  reader: Reader<Body>,
  signal: AbortSignal | undefined,
): Promise<SeenRecord<Body> | undefined> {
  return withTimeLimit(reader, signal, (limit) => readRecordUntil(reader, limit));
}

/** As `readRecord`, within a time limit of the caller's. */
export async function readRecordUntil<Body>(
  reader: Reader<Body>,
  limit: AbortSignal,
  tally?: Tally,
): Promise<SeenRecord<Body> | undefined> {
  const object = await readObjectUntil(reader, limit, tally);
  if (object === undefined) return undefined;
  const { content } = object;
  if (content.kind === 'record') return { ...object, content };
  throw otherObject(object, content, errorContext(reader));
}

/** The error for an object that is not of the kind that was asked for. */
export function otherObject(
  object: SeenObject<unknown>,
  content: OtherContent,
  context: ErrorContext,
): GcsMutexError {
  if (content.kind === 'newer') return new NewerVersionError(content.schema, context);
  return foreignObject(object, content.why, context);
}

/**
 * Reads an object, whatever it is, trying again while nothing is known.
 *
 * @param limit - ends the attempts; the caller tells a time limit from an abort.
 */
export async function readObjectUntil<Body>(
  reader: Reader<Body>,
  limit: AbortSignal,
  tally?: Tally,
): Promise<SeenObject<Body> | undefined> {
  const ask = async (attempt: AbortSignal): Promise<ReadOutcome<Body>> => {
    const seen = await reader.store.get({ signal: attempt });
    reader.memory.see(seen, reader.clock.now().monotonicMs);
    return seen;
  };
  const outcome = await untilKnown(reader, limit, ask, tally);
  return outcome.kind === 'found' ? outcome.object : undefined;
}

/** What became of asking, where nothing is known. */
type NotKnown = Extract<ReadOutcome, { readonly failure: Failure }>;

/**
 * Asks a store again and again, with growing pauses, while nothing is known. No attempt takes longer than
 * `requestTimeoutMs`, though the limit may be far off: a connection that says nothing more is left for another.
 *
 * @param limit - ends the attempts; the caller tells a time limit from an abort.
 * @throws an error of the store.
 */
export async function untilKnown<Known extends { readonly kind: string }>(
  asker: Asker,
  limit: AbortSignal,
  ask: (attempt: AbortSignal) => Promise<Known | NotKnown>,
  tally?: Tally,
): Promise<Known> {
  let backoff = NO_BACKOFF;
  let failure: Failure | undefined;
  for (;;) {
    if (!limit.aborted) {
      tally?.onSent();
      const outcome = await withTimeLimit(asker, limit, ask);
      // Cut off by the limit, it says nothing of the store but how long it was under way.
      if (!limit.aborted) tally?.onOutcome('get', outcome);
      if (!('failure' in outcome)) return outcome;
      if (outcome.kind === 'failed') throw errorFromFailure(outcome.failure, errorContext(asker));
      if (!limit.aborted) failure = outcome.failure;
    }
    if (limit.aborted) throw errorFromFailure(failure ?? NO_ANSWER, errorContext(asker));
    const [delayMs, next] = nextPause(asker.settings.backoff, backoff, asker.random.draw());
    backoff = next;
    await pauseFor(asker.clock, delayMs, limit);
  }
}
