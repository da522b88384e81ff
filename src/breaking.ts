import type { Document } from './document.ts';
import { errorFromFailure } from './errors.ts';
import { errorContext, type Lock } from './lock.ts';
import { nextPause, NO_BACKOFF } from './protocol/backoff.ts';
import type { DeleteOutcome, WriteOutcome } from './protocol/outcome.ts';
import { isSameVersion, type Version } from './protocol/version.ts';
import { readObjectUntil, type Reader, readRecordUntil, type SeenRecord } from './reading.ts';
import { pauseFor, withTimeLimit } from './time-limit.ts';

/** What an operator's forced end is bound to. */
interface BreakOptions {
  readonly ifVersion?: Version | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How one kind of object is removed. */
interface Removal<Body> {
  /** Whether a record says that there is nothing to remove. */
  isGone(record: Body): boolean;
  remove(
    seen: SeenRecord<Body>,
    options: { readonly signal: AbortSignal; readonly idempotencyToken: string },
  ): Promise<WriteOutcome | DeleteOutcome>;
}

/**
 * Removes whatever lock is there, or only a certain version of it, within `requestTimeoutMs` in all. A record with a
 * fencing counter is freed in place, since the counter must outlive the lock.
 */
export function breakRecord(lock: Lock, options: BreakOptions): Promise<boolean> {
  return removeRecord(lock, options, {
    isGone: ({ state }) => state === 'free',
    remove({ version, content: { record } }, call) {
      if (record.counter === undefined) return lock.store.delete(version, call);
      return lock.store.patch(version, { ...record, state: 'free' }, call);
    },
  });
}

/** Removes a document, or only a certain version of it, within `requestTimeoutMs` in all. */
export function removeDocument<Value>(document: Document<Value>, options: BreakOptions): Promise<boolean> {
  return removeRecord(document, options, {
    isGone: () => false,
    remove: ({ version }, call) => document.store.delete(version, call),
  });
}

/** The removal is guarded by both numbers of the version that was read, so that nothing newer is touched. */
function removeRecord<Body>(
  reader: Reader<Body>,
  { ifVersion, signal }: BreakOptions,
  removal: Removal<Body>,
): Promise<boolean> {
  return withTimeLimit(reader, signal, async (limit) => {
    const seen = await readRecordUntil(reader, limit);
    if (seen === undefined || removal.isGone(seen.content.record)) return false;
    if (ifVersion !== undefined && !isSameVersion(ifVersion, seen.version)) return false;
    const end = await removeUntilKnown(reader, seen, limit, removal);
    if (end !== 'gone-or-changed') return end === 'removed';
    // Tells a removal of our own, whose answer was lost, from a change that came first.
    const now = await readObjectUntil(reader, limit);
    if (now === undefined || now.version.generation !== seen.version.generation) return true;
    return now.content.kind === 'record' && removal.isGone(now.content.record);
  });
}

/** `gone-or-changed`: refused, after an attempt that may have been applied. */
type RemovalEnd = 'removed' | 'changed' | 'gone-or-changed';

async function removeUntilKnown<Body>(
  reader: Reader<Body>,
  seen: SeenRecord<Body>,
  limit: AbortSignal,
  removal: Removal<Body>,
): Promise<RemovalEnd> {
  const idempotencyToken = reader.random.uuid();
  let backoff = NO_BACKOFF;
  let isUndecided = false;
  for (;;) {
    const outcome = await removal.remove(seen, { signal: limit, idempotencyToken });
    if (outcome.kind === 'applied') return 'removed';
    if (outcome.kind === 'refused') return isUndecided ? 'gone-or-changed' : 'changed';
    if (outcome.kind === 'unknown') isUndecided = true;
    if (outcome.kind === 'failed' || limit.aborted)
      throw errorFromFailure(outcome.failure, errorContext(reader));
    const [delayMs, next] = nextPause(reader.settings.backoff, backoff, reader.random.draw());
    backoff = next;
    await pauseFor(reader.clock, Math.max(delayMs, reader.settings.mutationIntervalMs), limit);
  }
}
